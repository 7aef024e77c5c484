"""Cancel an order at Autoshares Trader and learn what really became of it.

    with Client(base_url="https://broker.example/api", credentials=PasswordCredentials(...)) as client:
        cancelled = client.cancel_order(account_id=6303, order_id=73552)

What comes back is Cancelled; everything else is raised, and autoshares_cancel.errors draws the tree.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

from autoshares_cancel._credentials import Credentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._evidence import Attempt
from autoshares_cancel._order import Order
from autoshares_cancel._policy import RetryPolicy
from autoshares_cancel._transport import Timeouts
from autoshares_cancel.errors import (
    AppKeyRejected,
    AuthenticationError,
    AutosharesError,
    CancelError,
    ConfigurationError,
    InvalidCredentials,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    NotSent,
    OrderConflict,
    OrdersRemain,
    OrdersUnreadable,
    OrderUnreadable,
    OutcomeUnknown,
    Refused,
    SecondFactorRequired,
    ServerFailed,
    TokenUnavailable,
    UndocumentedStatus,
)

if _TYPE_CHECKING:  # what __getattr__ loads when it is used
    from autoshares_cancel._async_batch import AsyncBatch
    from autoshares_cancel._batch import Batch
    from autoshares_cancel._bulk import Progress
    from autoshares_cancel._client import AsyncClient, Client
    from autoshares_cancel._events import AttemptEvent, OutcomeEvent
    from autoshares_cancel._outcomes import Cancelled, Outcome
    from autoshares_cancel._sweep import AllCancelled

__all__ = [
    "AllCancelled",
    "AppKeyRejected",
    "AsyncBatch",
    "AsyncClient",
    "Attempt",
    "AttemptEvent",
    "AuthenticationError",
    "AutosharesError",
    "Batch",
    "CancelError",
    "Cancelled",
    "Client",
    "ConfigurationError",
    "Credentials",
    "InvalidCredentials",
    "InvalidRequest",
    "NoReply",
    "NotAuthorized",
    "NotSent",
    "Order",
    "OrderConflict",
    "OrderUnreadable",
    "OrdersRemain",
    "OrdersUnreadable",
    "Outcome",
    "OutcomeEvent",
    "OutcomeUnknown",
    "PasswordCredentials",
    "Progress",
    "Refused",
    "RetryPolicy",
    "SecondFactorRequired",
    "ServerFailed",
    "Timeouts",
    "TokenCredentials",
    "TokenUnavailable",
    "UndocumentedStatus",
]

_LOADED_LATER = {
    "AllCancelled": "_sweep",
    "AsyncBatch": "_async_batch",
    "AsyncClient": "_client",
    "AttemptEvent": "_events",
    "Batch": "_batch",
    "Cancelled": "_outcomes",
    "Client": "_client",
    "Outcome": "_outcomes",
    "OutcomeEvent": "_events",
    "Progress": "_bulk",
}


def __getattr__(name: str) -> object:
    # What is loaded is what is used (PEP 562): who only catches errors should not wait for a client.
    if name not in _LOADED_LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(_import_module(f"{__name__}.{_LOADED_LATER[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LOADED_LATER})
