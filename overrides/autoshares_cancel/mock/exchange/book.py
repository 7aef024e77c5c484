"""The order book: orders, and a ledger of their events. It does no I/O and never waits.

A due cancel is carried out when the book is next read or changed; the ledger has the time at which it was due.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Collection, Iterable
from operator import itemgetter

from attrs import define, field

from autoshares_cancel.mock.exchange.fates import Fate
from autoshares_cancel.mock.exchange.index import Index
from autoshares_cancel.mock.exchange.ledger import Event
from autoshares_cancel.mock.exchange.orders import CANCELED, PENDING_CANCEL, ConflictError, Order
from autoshares_cancel.mock.exchange.races import Moment, Race


@define(eq=False)
class Book:
    """The orders and the steps that change them; `clock` returns seconds and never goes back.

    Each step is taken under the lock, at one moment. Pending cancels that are due by then are carried out first, so
    that the ledger is in order of time.
    """

    _clock: Callable[[], float] = field(default=time.monotonic, alias="clock")
    _lock: threading.RLock = field(factory=threading.RLock, init=False, repr=False)
    _origin: float = field(init=False, default=0.0, repr=False)
    _moment: float = field(init=False, default=0.0, repr=False)
    _orders: dict[int, Order] = field(factory=dict[int, Order], init=False, repr=False)
    _index: Index = field(factory=Index, init=False, repr=False)
    _ledger: list[Event] = field(factory=list[Event], init=False, repr=False)
    _due: dict[int, float] = field(factory=dict[int, float], init=False, repr=False)
    _races: tuple[Race, ...] = field(default=(), init=False, repr=False)
    _late_fills: dict[int, int] = field(factory=dict[int, int], init=False, repr=False)

    @property
    def orders(self) -> dict[int, Order]:
        """The orders by number, as they are now."""
        with self._lock:
            self._settle()
            return self._orders.copy()

    @property
    def ledger(self) -> tuple[Event, ...]:
        """The events of all orders since the last reset, oldest first."""
        with self._lock:
            self._settle()
            return tuple(self._ledger)

    @property
    def races(self) -> tuple[Race, ...]:
        """The armed races."""
        return self._races

    def arm(self, races: Iterable[Race]) -> None:
        """Replace the armed races. Each is used once."""
        with self._lock:
            self._races = tuple(races)

    def now(self) -> float:
        """Return the seconds since the last reset, including those that `advance` added."""
        return self._clock() - self._origin

    def advance(self, seconds: float) -> None:
        """Advance the clock by `seconds`, so that tokens expire and pending cancels fall due."""
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"a clock advances by zero or more seconds, not {seconds}")
        with self._lock:
            self._origin -= seconds

    def fill(self, order_id: int, quantity: int | None = None) -> Order:
        """Execute `quantity` shares of an order that is open or PendingCancel, by default all that are left.

        Raises `ConflictError` for any other order, and ValueError if fewer shares are left.
        """
        with self._lock:
            order = self._find(order_id)
            shares = order.leaves_quantity if quantity is None else quantity
            return self._note(order.filled(shares), shares)

    def order_of(self, account_id: int, order_id: int) -> Order | None:
        """Return an order of this account; None if the account has no such order."""
        with self._lock:
            self._settle()
            order = self._orders.get(order_id)
            return order if order is not None and order.account_id == account_id else None

    def page(
        self, account_id: int, statuses: Collection[str], *, start: int, size: int, by_date: bool, desc: bool
    ) -> tuple[list[Order], int]:
        """Return a page of this account's orders in these statuses, and the number of all such orders.

        The page has up to `size` orders after the first `start`. The orders are sorted by number, or by the time of
        placement and then by number.
        """
        with self._lock:
            self._settle()
            numbers = self._index.find(account_id, statuses)
            if by_date:
                numbers = sorted(numbers, key=lambda number: (self._orders[number].placed_at, number))
            end = len(numbers) - start  # where the page ends, counted from the last order
            chosen = numbers[max(end - size, 0) : max(end, 0)][::-1] if desc else numbers[start : start + size]
            return [self._orders[number] for number in chosen], len(numbers)

    def was_read(self, order_id: int) -> None:
        """Record that a request has read the order; a fill that waits for this reading comes now."""
        with self._lock:
            if order_id in self._late_fills:
                self._late_fills[order_id] -= 1
                self._settle()
                self._fill_late(order_id)

    def cancel(self, account_id: int, order_id: int, *, delay: float = 0, fate: Fate | None = None) -> Order:
        """Cancel an open order of this account. Raises `ConflictError` for any other order.

        With a `delay` the order is PendingCancel, and Canceled that many seconds later unless it is filled before.
        A `fate` replaces this result by its own.
        """
        with self._lock:
            order = self._find(order_id)
            if order.account_id != account_id:
                raise ConflictError(f"account {account_id} has no order {order_id}")
            order = self._race(order, "before")
            if fate is not None:
                return self._meet(order, fate)
            if delay:
                return self._begin_cancel(order, delay)
            return self._note(order.cancelled(), order.leaves_quantity)

    def _begin_cancel(self, order: Order, delay: float) -> Order:
        order = self._race(self._note(order.pending_cancel(), 0), "after")
        if order.status == PENDING_CANCEL:
            self._due[order.order_id] = self._moment + delay
        return order

    def _meet(self, order: Order, fate: Fate) -> Order:
        cancelled = order.cancelled()  # raises ConflictError unless the order is open
        if fate.becomes == "pending":
            self._begin_cancel(order, math.inf)
        elif fate.becomes == "cancelled":
            self._note(cancelled, order.leaves_quantity)
        if fate.filled_after is not None:
            self._late_fills[order.order_id] = fate.filled_after
            self._fill_late(order.order_id)
        return self._orders[order.order_id]

    def _fill_late(self, order_id: int) -> None:
        if self._late_fills[order_id] > 0:
            return
        del self._late_fills[order_id]
        order = self._orders[order_id]
        if order.status in {PENDING_CANCEL, CANCELED}:
            self._note(order.filled_late(), order.quantity - order.executed_quantity)

    def _race(self, order: Order, when: Moment) -> Order:
        waiting = [race for race in self._races if (race.order_id, race.when) == (order.order_id, when)]
        if not waiting or not order.leaves_quantity:
            return order
        self._races = tuple(race for race in self._races if race is not waiting[0])
        shares = min(waiting[0].quantity, order.leaves_quantity)
        return self._note(order.filled(shares), shares)

    def _settle(self) -> None:
        """Carry out the pending cancels that are due, oldest first, and set the moment of the next step."""
        self._moment = self.now()
        for order_id, due in sorted(self._due.items(), key=itemgetter(1)):
            if due <= self._moment:
                order = self._orders[order_id]
                self._note(order.cancel_done(), order.leaves_quantity, at=due)

    def _find(self, order_id: int) -> Order:
        self._settle()
        if order_id not in self._orders:
            raise ConflictError(f"there is no order {order_id}")
        return self._orders[order_id]

    def _replace(self, orders: dict[int, Order]) -> None:
        """Replace all orders; the pending cancel of a replaced order is dropped."""
        for order_id in list(self._due):
            if orders.get(order_id) is not self._orders[order_id]:
                del self._due[order_id]
        kept = {number for number in self._late_fills if orders.get(number) is self._orders[number]}
        self._late_fills = {number: self._late_fills[number] for number in kept}
        self._orders = orders
        self._index.rebuild(orders.values())

    def _note(self, order: Order, quantity: int, *, at: float | None = None) -> Order:
        self._index.put(order, self._orders.get(order.order_id))
        self._orders[order.order_id] = order
        if order.status != PENDING_CANCEL:
            self._due.pop(order.order_id, None)
        event = Event(
            at=self._moment if at is None else at,
            status=order.status,
            account_id=order.account_id,
            order_id=order.order_id,
            quantity=quantity,
        )
        self._ledger.append(event)
        return order
