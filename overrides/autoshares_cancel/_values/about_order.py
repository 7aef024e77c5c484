"""What the outcomes of one order share: the line for people, and the object for programs. No I/O."""

from typing import Any, ClassVar, Final

from autoshares_cancel._values.evidence import Attempt
from autoshares_cancel._values.order import Order

SHOW: Final = "autoshares-cancel show ACCOUNT_ID ORDER_ID"
"""The command that reads an order, in a text about any order."""


def show_command(account_id: int, order_id: int) -> str:
    """The command that reads this order, to be pasted into a shell. Pure."""
    is_like_an_option = account_id < 0 or order_id < 0
    return f"autoshares-cancel show {'-- ' if is_like_an_option else ''}{account_id} {order_id}"


def line_about(order_id: int, account_id: int, meaning: str, status_code: int | None, detail: str | None) -> str:
    """One line about an order: its ids, what happened, the status and the detail. Pure."""
    return f"order {order_id} of account {account_id}: {meaning}{cause(status_code, detail)}"


def cause(status_code: int | None, detail: str | None) -> str:
    """The end of a line: the status and the detail, as far as they are known. Pure."""
    status = "" if status_code is None else f" (status {status_code})"
    return status if detail is None else f"{status}: {detail}"


class AsDict:
    """Has `as_dict`."""

    __slots__ = ()

    def as_dict(self) -> dict[str, Any]:
        """Make the object that `--json` prints for this outcome, without `exit_code`. json.dumps takes it as it is.

        Every outcome has every key; a key that does not apply is None. It contains no secret. The keys are:

        account_id: int; the trading account. None if the failure is about no account.
        order_id: int; the order. None if the failure is about no order, such as a failed log-in.
        outcome: str; the name of the class, such as Cancelled or NoReply.
        status_code: int; the HTTP status of the reply that decided.
        detail: str; the message of the server, or the problem, in one line.
        attempts: int; the number of requests of the call about the order.
        confirmed: bool; whether the order was read, and is cancelled. False for all but Cancelled.
        order_status: str; the vendor's word for the status of the order, as the client read it last.
        executed_quantity: str; the executed quantity of that order, in decimal digits, in shares or contracts.
        retry_after: float; the seconds that the server asked to wait. None for all but RateLimited.
        advice: str; what to do next.
        """
        order: Order | None = getattr(self, "order", None)
        executed = None if order is None else order.executed_quantity
        return {
            "account_id": getattr(self, "account_id", None),
            "order_id": getattr(self, "order_id", None),
            "outcome": type(self).__name__,
            "status_code": getattr(self, "status_code", None),
            "detail": getattr(self, "detail", None),
            "attempts": len(getattr(self, "attempts", ())),
            "confirmed": getattr(self, "confirmed", False),
            "order_status": None if order is None else order.status,
            "executed_quantity": None if executed is None else str(executed),
            "retry_after": getattr(self, "retry_after", None),
            "advice": getattr(self, "advice", None),
        }


class AboutOrder(Exception):  # never raised itself: two branches of the tree of exceptions share it
    """An exception about one order. `account_id` and `order_id` are the caller's."""

    meaning: ClassVar[str]
    advice: str

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
        super().__init__(line_about(order_id, account_id, self.meaning, status_code, detail))
        self.advice = type(self).advice.replace(SHOW, show_command(account_id, order_id))
        self.account_id = account_id
        self.order_id = order_id
        self.status_code = status_code
        """The status of the reply that decided, or None without a reply."""
        self.detail = detail
        """The message of the server, or the problem: one printable line of at most 500 characters, or None."""
        self.attempts = attempts
        """All requests of this call about the order, from first to last."""
        self.order = order
        """The order as the client read it last, or None if it did not read it."""
