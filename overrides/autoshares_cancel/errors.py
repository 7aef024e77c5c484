"""The exceptions of this package. They are values, too: batches return them without raising.

AutosharesError
├── ConfigurationError (also a ValueError)  wrong ids, URL, version, credentials: raised before any I/O
├── AuthenticationError                     the client got no usable token; no order was touched
│   ├── InvalidCredentials                  401 from /token
│   ├── SecondFactorRequired                202 from /token and no way to answer it
│   └── TokenUnavailable                    /token failed, timed out, or sent an unusable reply
├── OrderUnreadable                         read_order could not read the order; nothing was changed
├── OrdersUnreadable                        open_orders could not list an account's orders; nothing was changed
├── OrdersRemain                            cancel_all ended, and the account is not known to be clear
└── CancelError                             what happened to one order
    ├── Refused                             the server refused; this call changed nothing
    │   ├── NotAuthorized                   401, also after one fresh token
    │   ├── AppKeyRejected                  403
    │   ├── InvalidRequest                  422
    │   └── RateLimited                     429 to the end: the order is as it was
    ├── OrderConflict                       409
    ├── NotSent                             provably no byte of the request left this machine
    └── OutcomeUnknown                      the server may have acted on the request
        ├── ServerFailed                    500
        ├── UndocumentedStatus              any other status but 429
        └── NoReply                         sent, then silence, a reset, or bytes that are not HTTP

Each class has a `meaning` and an `advice`: what happened, and what to do next. Instances can be pickled and copied, and
contain no secret.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from autoshares_cancel._values.about_order import SHOW, AboutOrder, AsDict, cause
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.order_filter import OrderFilter

MOST_NAMED: Final = 10
"""Orders that a message names; it counts the others."""


class AutosharesError(AsDict, Exception):
    """The root of every exception that this package raises."""

    meaning: ClassVar[str] = "something went wrong"
    """What happened, in a few words."""
    advice: str = "read the message"
    """What to do next. That of an exception about one order names the command that reads it (extra `cli`)."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call __init__ with the message, and these take keywords only.
        return _blank, (type(self), self.args), vars(self)


def _blank(kind: type[AutosharesError], args: tuple[Any, ...]) -> AutosharesError:
    return kind.__new__(kind, *args)


class ConfigurationError(AutosharesError, ValueError):
    """Wrong ids, URL, version, deadline or credentials, or a client that can't be used here. Raised before any I/O."""

    meaning = "the call can't be made like this"
    advice = "correct what the message names; nothing was sent"

    def as_dict(self) -> dict[str, Any]:
        """Make the object of every outcome. Its `detail` is the message of this error."""
        return super().as_dict() | {"detail": str(self)}


class AuthenticationError(AutosharesError):
    """The client got no usable token. No order was touched."""

    meaning = "the log-in gave no usable token; no order was touched"
    advice = "fix the log-in, then cancel again"

    def __init__(self, *, detail: str, status_code: int | None = None) -> None:
        super().__init__(f"{self.meaning}: {detail}")
        self.detail = detail
        """The message of /token, or the problem: one printable line of at most 500 characters, without secrets."""
        self.status_code = status_code
        """The status of /token, or None without a reply."""


class InvalidCredentials(AuthenticationError):
    """401 from /token: it refused the credentials. The client raises it again, without I/O, during its login_pause."""

    meaning = "the log-in was refused; no order was touched"
    advice = "check user name, password and codes"


class SecondFactorRequired(AuthenticationError):
    """202 from /token: it asks for a code or a PIN, and the client has none that it accepts."""

    meaning = "the log-in asks for a second factor; no order was touched"
    advice = "give second_factor or pin_code with the credentials"


class TokenUnavailable(AuthenticationError):
    """/token failed, timed out, or sent an unusable reply."""

    meaning = "the log-in failed; no order was touched"
    advice = "try again, and look at the broker's status if it lasts"


class OrderUnreadable(AboutOrder, AutosharesError):
    """read_order could not read the order. Nothing was changed."""

    meaning = "the order can't be read"
    advice = "look at status and detail, then try again"


class OrdersUnreadable(AutosharesError):
    """open_orders could not list the orders of an account. Nothing was changed."""

    meaning = "the orders can't be listed"
    advice = "look at status and detail, then try again"

    def __init__(self, *, account_id: int, status_code: int | None = None, detail: str | None = None) -> None:
        super().__init__(f"account {account_id}: {self.meaning}{cause(status_code, detail)}")
        self.account_id = account_id
        self.status_code = status_code
        """The status of the last reply, or None without a reply."""
        self.detail = detail
        """The message of the server, or the problem: one printable line of at most 500 characters, or None."""


class OrdersRemain(AutosharesError):
    """cancel_all ended, and orders are open or may be open. It is safe to call cancel_all again."""

    meaning = "the account is not known to be clear"
    advice = "look at what remains, then call cancel_all again"

    def __init__(
        self,
        *,
        account_id: int,
        detail: str,
        remaining: tuple[Order, ...],
        outcomes: Mapping[int, Any],
        listings: int,
        filter: OrderFilter | None = None,  # noqa: A002  # the name of the attribute
        status_code: int | None = None,
    ) -> None:
        named = ", ".join(f"{order.order_id} ({order.state.value})" for order in remaining[:MOST_NAMED])
        more = f" and {len(remaining) - MOST_NAMED} more" if len(remaining) > MOST_NAMED else ""
        clear_of = "" if filter is None else f" of orders that match {filter}"
        still_open = f"; open: {named}{more}" if named else ""
        super().__init__(f"account {account_id}: {self.meaning}{clear_of}: {detail}{still_open}")
        self.account_id = account_id
        self.detail = detail
        """Why cancel_all ended."""
        self.remaining = remaining
        """The orders that were open when they were last listed, and that are not known to be closed since."""
        self.outcomes = outcomes
        """The last outcome of each order that cancel_all tried to cancel, by order number."""
        self.listings = listings
        """How often cancel_all listed the orders."""
        self.filter = filter
        """The orders that the call was about; None is all of them. Others may be open, too."""
        self.status_code = status_code
        """The status of the listing that failed, or None if none failed or it got no reply."""


class CancelError(AboutOrder, AutosharesError):
    """The outcome of one order, if it is not Cancelled."""


class Refused(CancelError):
    """The server refused the request. This call changed nothing."""

    meaning = "refused; this call changed nothing"
    advice = "the order is as it was"


class NotAuthorized(Refused):
    """401, and 401 again after a fresh token, if the client could get one."""

    meaning = "refused: the token does not give access; the order is as it was"
    advice = "check that the user may trade this account, or get a new token"


class AppKeyRejected(Refused):
    """403: the application key is wrong."""

    meaning = "refused: the application key is wrong; the order is as it was"
    advice = "check the application key for this environment"


class InvalidRequest(Refused):
    """422: the server calls the request invalid."""

    meaning = "refused: the server calls the request invalid; the order is as it was"
    advice = "check account and order number"


class RateLimited(Refused):
    """429, until the call had no time left: the server did nothing. The order is as it was."""

    meaning = "refused: the server limits the rate of requests; the order is as it was"
    advice = "cancel again later, or give the call a longer deadline"
    retry_after: float | None = None
    """Seconds that the server asked to wait in its last reply, or None if it gave no time."""


class OrderConflict(CancelError):
    """409: the order can't be cancelled now. It is filled, already cancelled, or does not exist.

    Also raised when the client read the order and it is final but not cancelled; then `order` is what it read.
    """

    meaning = "conflict: it can't be cancelled now; it is filled, already cancelled or not there"
    advice = f"look the order up before you trade on: {SHOW}"


class NotSent(CancelError):
    """No byte of the request left this machine. The order is as it was."""

    meaning = "not sent: the order is as it was"
    advice = "fix the cause, then cancel again"


class OutcomeUnknown(CancelError):
    """The server may have acted on the request. Read the order before you do anything else.

    Client.read_order reads it, and the command `autoshares-cancel show`.

    This class itself: the server accepted the cancel, and the order was not final at the deadline; or it answered 200
    with a body that proves nothing (`detail` has the reason).
    """

    meaning = "unknown: it may or may not be cancelled"
    advice = f"read the order before you do anything else: {SHOW}"


class ServerFailed(OutcomeUnknown):
    """500: the server failed. It may have cancelled the order before."""

    meaning = "unknown: the server failed; it may or may not be cancelled"


class UndocumentedStatus(OutcomeUnknown):
    """A status that the specification does not have. `status_code` is that status, whatever the number."""

    meaning = "unknown: a status that is not documented; it may or may not be cancelled"


class NoReply(OutcomeUnknown):
    """The request was sent; then came silence, a reset, or bytes that are not HTTP."""

    meaning = "unknown: no usable reply; it may or may not be cancelled"
