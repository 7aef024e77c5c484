"""Everything that can go wrong, as exceptions that are values too.

AutosharesError
├── ConfigurationError (also a ValueError)  wrong ids, URL, version, credentials: raised before any I/O
├── AuthenticationError                     no usable token could be had; no order was touched
│   ├── InvalidCredentials                  401 from /token
│   ├── SecondFactorRequired                202 from /token and no way to answer it
│   └── TokenUnavailable                    /token failed, timed out, or answered nonsense
├── OrderUnreadable                         read_order could not read the order; nothing was changed
├── OrdersUnreadable                        open_orders could not list an account's orders; nothing was changed
├── OrdersRemain                            cancel_all ended, and the account is not known to be clear
└── CancelError                             what happened to one order
    ├── Refused                             the server said no; this call changed nothing
    │   ├── NotAuthorized                   401, also after one fresh token
    │   ├── AppKeyRejected                  403
    │   └── InvalidRequest                  422
    ├── OrderConflict                       409
    ├── NotSent                             provably no byte of the request left this machine
    └── OutcomeUnknown                      the request may have been acted upon, and nobody can say
        ├── ServerFailed                    500
        ├── UndocumentedStatus              any other status
        └── NoReply                         sent, then silence, a reset, or bytes that are not HTTP

Each class says what it means and what to do about it (`meaning`, `advice`); instances can be pickled and copied, and
never hold a secret.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from autoshares_cancel._values.evidence import Attempt
from autoshares_cancel._values.order import Order

MOST_NAMED: Final = 10
"""Orders that a message names; the others are counted."""


class AutosharesError(Exception):
    """The root of every exception that this package raises."""

    meaning: ClassVar[str] = "something went wrong"
    advice: ClassVar[str] = "read the message"

    def __reduce__(self) -> tuple[Any, ...]:
        # By default Python would call __init__ with the message, and ours take keywords only.
        return _blank, (type(self), self.args), vars(self)


def _blank(kind: type[AutosharesError], args: tuple[Any, ...]) -> AutosharesError:
    return kind.__new__(kind, *args)


class ConfigurationError(AutosharesError, ValueError):
    """Wrong ids, URL, version, deadline or credentials. Raised before any I/O."""

    meaning = "the call can't be made as it stands"
    advice = "correct what the message names; nothing was sent"


class AuthenticationError(AutosharesError):
    """No usable token could be had. No order was touched."""

    meaning = "no usable token could be had; no order was touched"
    advice = "mend the log-in, then cancel again"

    def __init__(self, *, detail: str, status_code: int | None = None) -> None:
        super().__init__(f"{self.meaning}: {detail}")
        self.detail = detail
        """What /token said or what went wrong, printable and bounded."""
        self.status_code = status_code
        """The status of /token, or None where it gave none."""


class InvalidCredentials(AuthenticationError):
    """401 from /token."""

    meaning = "the log-in was refused; no order was touched"
    advice = "check user name, password and codes"


class SecondFactorRequired(AuthenticationError):
    """202 from /token, and no way to answer it."""

    meaning = "the log-in wants a second factor; no order was touched"
    advice = "give second_factor or pin_code with the credentials"


class TokenUnavailable(AuthenticationError):
    """/token failed, timed out, or answered nonsense."""

    meaning = "the log-in failed; no order was touched"
    advice = "try again, and look at the broker's status if it lasts"


class _AboutOrder(Exception):  # not raised itself: what two branches of the tree share
    """What is known where something was asked of one order."""

    meaning: ClassVar[str]

    def __init__(
        self,
        *,
        account_id: int,
        order_id: int,
        status_code: int | None = None,
        detail: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        order: Order | None = None,
    ) -> None:
        said = "" if status_code is None else f" (status {status_code})"
        more = "" if detail is None else f": {detail}"
        super().__init__(f"order {order_id} of account {account_id}: {self.meaning}{said}{more}")
        self.account_id = account_id
        self.order_id = order_id
        self.status_code = status_code
        """The status of the last reply that decided, or None where none came."""
        self.detail = detail
        """What the server or the network said, printable and at most 500 characters, or None."""
        self.attempts = attempts
        """Every request of this call about the order, first to last."""
        self.order = order
        """The order as it was read last, or None where it was not."""


class OrderUnreadable(_AboutOrder, AutosharesError):
    """read_order could not read the order. Nothing was changed."""

    meaning = "the order can't be read"
    advice = "look at status and detail, then try again"


class OrdersUnreadable(AutosharesError):
    """open_orders could not list the orders of an account. Nothing was changed."""

    meaning = "the orders can't be listed"
    advice = "look at status and detail, then try again"

    def __init__(self, *, account_id: int, status_code: int | None = None, detail: str | None = None) -> None:
        said = "" if status_code is None else f" (status {status_code})"
        more = "" if detail is None else f": {detail}"
        super().__init__(f"account {account_id}: {self.meaning}{said}{more}")
        self.account_id = account_id
        self.status_code = status_code
        """The status of the last reply, or None where none came."""
        self.detail = detail
        """What the server or the network said, printable and at most 500 characters, or None."""


class OrdersRemain(AutosharesError):
    """cancel_all ended, and something is open, or may be. It can be called again."""

    meaning = "the account is not known to be clear"
    advice = "look at what remains, then call cancel_all again"

    def __init__(
        self, *, account_id: int, detail: str, remaining: tuple[Order, ...], outcomes: Mapping[int, Any], listings: int
    ) -> None:
        named = ", ".join(f"{order.order_id} ({order.state.value})" for order in remaining[:MOST_NAMED])
        more = f" and {len(remaining) - MOST_NAMED} more" if len(remaining) > MOST_NAMED else ""
        super().__init__(
            f"account {account_id}: {self.meaning}: {detail}" + (f"; open: {named}{more}" if named else "")
        )
        self.account_id = account_id
        self.detail = detail
        """Why it ended."""
        self.remaining = remaining
        """What was open when it was last seen, and is not known to be gone since."""
        self.outcomes = outcomes
        """The last outcome of each order that was to be cancelled, by its number."""
        self.listings = listings
        """How often the orders were listed."""


class CancelError(_AboutOrder, AutosharesError):
    """What happened to one order, where that is not Cancelled."""


class Refused(CancelError):
    """The server said no. This call changed nothing."""

    meaning = "refused; this call changed nothing"
    advice = "the order is as it was"


class NotAuthorized(Refused):
    """401, also after one fresh token where one could be fetched."""

    meaning = "refused: the token does not give access; the order is as it was"
    advice = "check that the user may trade this account, or get a new token"


class AppKeyRejected(Refused):
    """403."""

    meaning = "refused: the application key is wrong; the order is as it was"
    advice = "check the application key for this environment"


class InvalidRequest(Refused):
    """422."""

    meaning = "refused: the request makes no sense to the server; the order is as it was"
    advice = "check account and order number"


class OrderConflict(CancelError):
    """409: the order can't be cancelled now. It is filled, already cancelled, or not there.

    Also where reading the order has shown that it is final and not cancelled; then `order` says what it is.
    """

    meaning = "conflict: it can't be cancelled now; it is filled, already cancelled or not there"
    advice = "look the order up before you trade on"


class NotSent(CancelError):
    """Provably no byte of the request left this machine."""

    meaning = "not sent: the order is as it was"
    advice = "mend the cause, then cancel again"


class OutcomeUnknown(CancelError):
    """The request may have been acted upon. Read the order before doing anything."""

    meaning = "unknown: it may or may not be cancelled"
    advice = "read the order before you do anything else"


class ServerFailed(OutcomeUnknown):
    """500."""

    meaning = "unknown: the server failed; it may or may not be cancelled"


class UndocumentedStatus(OutcomeUnknown):
    """A status that the specification does not know. It is kept in status_code, whatever the number."""

    meaning = "unknown: a status that is not documented; it may or may not be cancelled"


class NoReply(OutcomeUnknown):
    """Sent, then silence, a reset, or bytes that are not HTTP."""

    meaning = "unknown: no usable reply; it may or may not be cancelled"
