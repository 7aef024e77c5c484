"""An index of the book: the orders of each account by status, so that a page is found without a search."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable
from itertools import chain

from attrs import define, field

from autoshares_cancel.mock.exchange.orders import Order


@define
class Index:
    """The numbers of orders by account and status, each list sorted."""

    _numbers: dict[tuple[int, str], list[int]] = field(factory=dict[tuple[int, str], list[int]], init=False)

    def rebuild(self, orders: Iterable[Order]) -> None:
        """Index these orders and no others."""
        self._numbers.clear()
        for order in orders:
            self._numbers.setdefault(_place_of(order), []).append(order.order_id)
        for numbers in self._numbers.values():
            numbers.sort()

    def put(self, order: Order, before: Order | None) -> None:
        """Index a changed order; `before` is its earlier state, None for a new order."""
        if before is not None:
            numbers = self._numbers[_place_of(before)]
            del numbers[bisect_left(numbers, before.order_id)]
        insort(self._numbers.setdefault(_place_of(order), []), order.order_id)

    def highest(self) -> int:
        """Return the highest number of all orders, at least 0."""
        return max((numbers[-1] for numbers in self._numbers.values() if numbers), default=0)

    def find(self, account_id: int, statuses: Collection[str]) -> list[int]:
        """Return the numbers of an account's orders in any of these statuses, sorted. Do not change the list."""
        found = [numbers for status in statuses if (numbers := self._numbers.get((account_id, status)))]
        if len(found) == 1:
            return found[0]
        return sorted(chain.from_iterable(found))  # sorted() merges sorted lists fast


def _place_of(order: Order) -> tuple[int, str]:
    return order.account_id, order.status
