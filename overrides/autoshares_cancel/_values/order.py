"""An order as the server describes it, and what its status means for a cancel."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from attrs import field, frozen

from autoshares_cancel._values.status import FOR_TODAY, NUMBERS, STATES, State

O = TypeVar("O", bound=tuple[int, int])  # noqa: E741  # an order of a batch: account_id and order_id, as it was given

SESSION: Final = {"Day", "AtTheOpening", "ImmediateOrCancel", "FillOrKill", "GoodTillCrossing"}
"""Times in force that end with the session."""
UNTIL_CANCELLED: Final = {"GTC", "GoodTillCancel"}
UNTIL_DATE: Final = {"GoodTillDate", "GoodTillTime"}


@frozen(kw_only=True)
class Order:
    """One order, as the server described it in one reply.

    A field is None if the server left it out, or sent another type than the vendor documents; `extra` then keeps the
    value that it sent.
    """

    account_id: int
    order_id: int
    status: str | None = None
    """The vendor's word: New, Filled, Canceled, PendingCancel ... or one that is not documented, as it came."""
    quantity: Decimal | None = None
    executed_quantity: Decimal | None = None
    leaves_quantity: Decimal | None = None
    average_price: Decimal | None = None
    symbol: str | None = None
    side: str | None = None
    type: str | None = None
    execution_status: str | None = None
    description: str | None = None
    """The reason of a rejection."""
    placed_at: datetime | None = None
    """UTC."""
    time_in_force: str | None = None
    """In the vendor's words: Day, GTC, GoodTillDate ..."""
    created_at: datetime | None = None
    """UTC."""
    expires_at: datetime | None = None
    """UTC; of an order that is good till a date."""
    read_at: datetime | None = None
    """UTC, by the server's clock: the header Date of the reply. None if the order has no `expires_at`."""
    legs: tuple["Order", ...] = ()
    """The legs of a multi-leg order, each with a number and a status of its own."""
    named: bool = True
    """Whether the reply names this order. If it does not, its status proves nothing."""
    extra: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """All other fields of the reply. Secrets are masked in texts, in numbers that do not decide, and in the names of
    fields that are not documented."""

    def as_dict(self) -> dict[str, Any]:
        """Make the object that `--json` prints for this order. json.dumps takes it as it is.

        Every order has every key; None stands for a field that is None. It contains no secret. The keys are:

        account_id: int; the trading account.
        order_id: int; the order.
        symbol: str; the symbol, as the server gave it.
        side: str; the vendor's word: Buy, Sell, SellShort, BuyToCover.
        type: str; the vendor's word: Market, Limit ...
        quantity: str; decimal digits, in shares or contracts.
        executed_quantity: str; decimal digits, in shares or contracts.
        status: str; the vendor's word, or one that is not documented, as it came.
        state: str; what the status means for a cancel: the value of Order.state.
        time_in_force: str; the vendor's word: Day, GTC, GoodTillDate ...
        leaves_quantity: str; decimal digits, in shares or contracts.
        average_price: str; decimal digits.
        description: str; the reason of a rejection.
        placed_at: str; UTC, in the form of ISO 8601.
        created_at: str; UTC, in the form of ISO 8601.
        expires_at: str; UTC, in the form of ISO 8601.
        """
        return {
            "account_id": self.account_id,
            "order_id": self.order_id,
            "symbol": self.symbol,
            "side": self.side,
            "type": self.type,
            "quantity": _text(self.quantity),
            "executed_quantity": _text(self.executed_quantity),
            "status": self.status,
            "state": self.state.value,
            "time_in_force": self.time_in_force,
            "leaves_quantity": _text(self.leaves_quantity),
            "average_price": _text(self.average_price),
            "description": self.description,
            "placed_at": _iso(self.placed_at),
            "created_at": _iso(self.created_at),
            "expires_at": _iso(self.expires_at),
        }

    @property
    def state(self) -> State:
        """What the status means for a cancel.

        DoneForDay and Calculated are over only where the order ends with the session, or its date has come. Until it is
        cancelled, or its date comes, it works again tomorrow. Where the time in force is missing, it is unknown. (Times
        in force are explained on the vendor's page on orders.)
        """
        status = self.status or ""
        if not self.named or status not in STATES:
            return State.UNKNOWN
        return self._state_tomorrow() if status in FOR_TODAY else STATES[status]

    def _state_tomorrow(self) -> State:
        if self.time_in_force in SESSION:
            return State.OVER
        if self.time_in_force in UNTIL_CANCELLED:
            return State.WORKING
        if self.time_in_force not in UNTIL_DATE:
            return State.UNKNOWN
        if self.expires_at is None or self.read_at is None:
            return State.UNKNOWN
        return State.OVER if self.expires_at <= self.read_at else State.WORKING


# attrs keeps the name in quotes there, which typing.get_type_hints can't find.
Order.__init__.__annotations__["legs"] = tuple[Order, ...]


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


@frozen(kw_only=True)
class OrderPage:
    """One page of a listing."""

    orders: tuple[Order, ...]
    next_link: str | None
    """Empty on the last page; None if the reply does not have it."""
    total: int | None
    """The number of orders on all pages, as the server counts them; None if the reply does not have it."""


def utc(text: str | None) -> datetime | None:
    """Read a time of the vendor's; without a zone it is UTC. None for a text that is no time, and for year 1. Pure."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return time if time.year > 1 else None


OPEN: Final = sorted(
    number
    for status, number in NUMBERS.items()
    if STATES[status] in {State.WORKING, State.PENDING} or status in FOR_TODAY
)
OPEN_FILTER: Final = f"Status in ({','.join(map(str, OPEN))})"
"""Matches every order that may still be executed, today or tomorrow, except held orders."""
