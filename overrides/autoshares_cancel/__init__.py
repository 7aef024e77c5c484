"""Cancel an order at Autoshares Trader and learn what really became of it.

    with Client(base_url="https://broker.example/api", credentials=PasswordCredentials(...)) as client:
        cancelled = client.cancel_order(account_id=6303, order_id=73552)

cancel_order returns Cancelled and raises every other outcome; autoshares_cancel.errors shows the tree of exceptions.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

from autoshares_cancel._auth.credentials import Credentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._values.evidence import Attempt
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.order_filter import OrderFilter
from autoshares_cancel._values.status import State
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
    RateLimited,
    Refused,
    SecondFactorRequired,
    ServerFailed,
    TokenUnavailable,
    UndocumentedStatus,
)

if _TYPE_CHECKING:  # __getattr__ imports these on first use
    from autoshares_cancel._async_client import AsyncClient
    from autoshares_cancel._auth.token_folder import TokenFolder
    from autoshares_cancel._auth.token_store import TokenStore
    from autoshares_cancel._batch.database.sweep import Sweep, SweepStatus
    from autoshares_cancel._batch.on_exit import AsyncCancelOnExit, CancelOnExit, When
    from autoshares_cancel._batch.options import OnProgress, Progress
    from autoshares_cancel._batch.sweep import AllCancelled
    from autoshares_cancel._batch.tasks import AsyncBatch
    from autoshares_cancel._batch.threads import Batch
    from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
    from autoshares_cancel._client import Client
    from autoshares_cancel._engine.events import AttemptEvent, OnAttempt, OnOutcome, OutcomeEvent
    from autoshares_cancel._engine.options import ClientOptions, Verify
    from autoshares_cancel._engine.tracing import Tracks
    from autoshares_cancel._http.transport import AsyncTransport, Transport
    from autoshares_cancel._values.deadline import Clock
    from autoshares_cancel._values.version import __version__ as __version__
    from autoshares_cancel._values.words import Side

__all__ = [
    "AllCancelled",
    "AppKeyRejected",
    "AsyncBatch",
    "AsyncCancelOnExit",
    "AsyncClient",
    "AsyncTransport",
    "Attempt",
    "AttemptEvent",
    "AuthenticationError",
    "AutosharesError",
    "Batch",
    "CancelError",
    "CancelOnExit",
    "Cancelled",
    "Client",
    "ClientOptions",
    "Clock",
    "ConfigurationError",
    "Credentials",
    "InvalidCredentials",
    "InvalidRequest",
    "NoReply",
    "NotAuthorized",
    "NotSent",
    "OnAttempt",
    "OnOutcome",
    "OnProgress",
    "Order",
    "OrderConflict",
    "OrderFilter",
    "OrderUnreadable",
    "OrdersRemain",
    "OrdersUnreadable",
    "Outcome",
    "OutcomeEvent",
    "OutcomeUnknown",
    "PasswordCredentials",
    "Progress",
    "RateLimited",
    "Refused",
    "RetryPolicy",
    "SecondFactorRequired",
    "ServerFailed",
    "Side",
    "State",
    "Sweep",
    "SweepStatus",
    "Timeouts",
    "TokenCredentials",
    "TokenFolder",
    "TokenStore",
    "TokenUnavailable",
    "Tracks",
    "Transport",
    "UndocumentedStatus",
    "Verify",
    "When",
]

_LOADED_LATER = {
    "AllCancelled": "_batch.sweep",
    "AsyncBatch": "_batch.tasks",
    "AsyncCancelOnExit": "_batch.on_exit",
    "AsyncClient": "_async_client",
    "AsyncTransport": "_http.transport",
    "AttemptEvent": "_engine.events",
    "Batch": "_batch.threads",
    "CancelOnExit": "_batch.on_exit",
    "Cancelled": "_cancel.outcomes",
    "Client": "_client",
    "ClientOptions": "_engine.options",
    "Clock": "_values.deadline",
    "OnAttempt": "_engine.events",
    "OnOutcome": "_engine.events",
    "OnProgress": "_batch.options",
    "Outcome": "_cancel.outcomes",
    "OutcomeEvent": "_engine.events",
    "Progress": "_batch.options",
    "Side": "_values.words",
    "Sweep": "_batch.database.sweep",
    "SweepStatus": "_batch.database.sweep",
    "TokenFolder": "_auth.token_folder",
    "TokenStore": "_auth.token_store",
    "Tracks": "_engine.tracing",
    "Transport": "_http.transport",
    "Verify": "_engine.options",
    "__version__": "_values.version",
    "When": "_batch.on_exit",
}


def __getattr__(name: str) -> object:
    # Imported on first use (PEP 562): code that only catches errors does not wait for the client to load.
    if name not in _LOADED_LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(_import_module(f"{__name__}.{_LOADED_LATER[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LOADED_LATER})
