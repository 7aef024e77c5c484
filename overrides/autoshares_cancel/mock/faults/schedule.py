"""Which request gets which fault. It does no I/O.

1. The fault that a request names in its header, or by its order's number, comes first, then armed faults, then random
   ones.
2. An armed fault strikes as many requests or connections as its `times`.
3. A random fault depends on the seed, the order, the method and the number of earlier requests with both, and on
   nothing else. The same requests fail in the same way, whatever requests for other orders or with other methods come
   between them. The list of an account's orders counts as one order here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from attrs import define, evolve, field

from autoshares_cancel.mock.faults.armed import Armed, Chosen, RandomFaults
from autoshares_cancel.mock.faults.catalogue import BY_ORDER
from autoshares_cancel.mock.faults.request_target import Target


@define
class FaultSchedule:
    """The armed faults and the random ones."""

    armed: list[Armed] = field(factory=list[Armed])
    random_faults: RandomFaults | None = None
    _counts: Counter[tuple[int | str, str]] = field(factory=Counter[tuple[int | str, str]], init=False)

    def clear(self) -> None:
        """Disarm everything, and reset the counts."""
        self.armed.clear()
        self.draw_from(None)

    def draw_from(self, random_faults: RandomFaults | None) -> None:
        """Draw from these from now on, or from none, and reset the counts."""
        self.random_faults = random_faults
        self._counts.clear()

    def for_connection(self) -> Chosen | None:
        """Give the fault of a new connection."""
        return self._take(lambda armed: armed.chosen.fault.moment == "accept")

    def for_request(self, target: Target | None) -> Chosen | None:
        """Give the fault of a request that names none in a header."""
        if target is None:
            return None
        drawn = None if target.drawn_as is None else self._draw(target.drawn_as, target.method)
        numbered = BY_ORDER.get(target.order_id or 0)
        if numbered is not None:
            return Chosen(fault=numbered, when=numbered.whens[0])
        return self._take(lambda armed: _fits(armed, target)) or drawn

    def _draw(self, order_id: int | str, method: str) -> Chosen | None:
        if self.random_faults is None:
            return None
        nth = self._counts[order_id, method]
        self._counts[order_id, method] += 1
        return self.random_faults.draw(order_id, method, nth)

    def _take(self, fits: Callable[[Armed], bool]) -> Chosen | None:
        for index, armed in enumerate(self.armed):
            if fits(armed):
                left = [evolve(armed, times=armed.times - 1)] if armed.times > 1 else []
                self.armed[index : index + 1] = left
                return armed.chosen
        return None


def _fits(armed: Armed, target: Target) -> bool:
    return (
        armed.chosen.fault.moment != "accept"
        and armed.endpoint == target.endpoint
        and armed.order_id in {None, target.order_id}
        and armed.method in {None, target.method}
    )
