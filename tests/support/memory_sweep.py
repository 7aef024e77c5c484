"""A sweep in memory, without a database: it records what one process leases, ends and gives back."""

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import define, field

from autoshares_cancel._batch.database.leases import LeasedOrder
from autoshares_cancel._batch.database.sweep import SweepOptions
from autoshares_cancel._values.deadline import Clock, Deadline


class NoDatabase:
    """A database that has no pause."""

    async def run(self, work: Callable[..., Any]) -> Any:
        del work
        return 0.0


@define(eq=False)
class MemorySweep:
    """The orders of a sweep, in place of Sweep and Leases."""

    waiting: deque[tuple[int, int]]
    options: SweepOptions = field(factory=SweepOptions)
    in_doubt: frozenset[tuple[int, int]] = frozenset()
    lost: set[tuple[int, int]] = field(factory=set[tuple[int, int]])
    """Orders whose lease ends while they are under way."""
    ended: dict[tuple[int, int], Mapping[str, Any]] = field(factory=dict[tuple[int, int], Mapping[str, Any]])
    given: dict[tuple[int, int], bool] = field(factory=dict[tuple[int, int], bool])
    """The orders that were given back, and whether they were still as they were leased."""
    on_end: Callable[[], object] = lambda: None
    """Called while outcomes are being written."""
    seconds: float = 0.0
    """The seconds that it takes to write outcomes."""
    elsewhere: int = 0
    """Orders that another process has leased, so that the sweep is not over."""
    stop: Callable[[], None] = lambda: None
    lease_seconds: float = 60.0
    name: str = "in memory"
    _id: int = 1
    _database: Any = field(factory=NoDatabase)
    _clock: Clock = lambda: 0.0

    @classmethod
    def of(cls, orders: Iterable[tuple[int, int]], **changes: Any) -> "MemorySweep":
        return cls(deque(orders), **changes)

    def _leases(self, clock: Clock) -> "MemorySweep":
        self._clock = clock
        return self

    @contextmanager
    def _worked_off(self, stop: Callable[[], None]) -> Generator[None]:
        self.stop = stop
        yield

    async def is_over(self) -> bool:
        return not self.waiting and not self.elsewhere

    async def take(self, most: int) -> list[LeasedOrder]:
        await asyncio.sleep(0)
        taken = [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]
        lease = Deadline.after(self.lease_seconds, self._clock)
        return [
            LeasedOrder.of(ids, job=None, lease=lease, nth=1, is_in_doubt=ids in self.in_doubt)  # type: ignore[arg-type]
            for ids in taken
        ]

    async def end(self, ended: Sequence[tuple[LeasedOrder, Mapping[str, Any]]]) -> list[tuple[int, int]]:
        self.on_end()
        await asyncio.sleep(self.seconds)
        written = [(order, outcome) for order, outcome in ended if order not in self.lost]
        assert not self.ended.keys() & {order for order, _ in written}, "an order has ended twice"
        self.ended.update(written)
        return [order for order, _ in written]

    async def give_back(self, given: Sequence[tuple[LeasedOrder, bool]]) -> None:
        self.given.update(given)
