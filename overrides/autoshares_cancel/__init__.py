"""Cancel an order at Autoshares Trader and learn what really became of it.

    with Client(base_url="https://broker.example/api", credentials=PasswordCredentials(...)) as client:
        cancelled = client.cancel_order(account_id=6303, order_id=73552)

What comes back is Cancelled; everything else is raised, and autoshares_cancel.errors draws the tree.
"""

from autoshares_cancel._async_batch import AsyncBatch
from autoshares_cancel._batch import Batch
from autoshares_cancel._bulk import Progress
from autoshares_cancel._client import AsyncClient, Client
from autoshares_cancel._credentials import Credentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._events import AttemptEvent, OutcomeEvent
from autoshares_cancel._evidence import Attempt
from autoshares_cancel._order import Order
from autoshares_cancel._outcomes import Cancelled, Outcome
from autoshares_cancel._policy import RetryPolicy
from autoshares_cancel._sweep import AllCancelled
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
