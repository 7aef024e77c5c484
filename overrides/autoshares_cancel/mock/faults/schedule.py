"""The schedule that assigns faults to requests and connections. It does no I/O.

1. The fault that a request names in its header, or by its order's number, comes first, then armed faults, then random
   ones.
2. An armed fault strikes as many requests or connections as its `times`.
3. A random fault depends only on the seed, the order, the method, and the number of earlier requests with the same
   order and method. The same requests fail in the same way, whatever other requests come between them. The list of an
   account's orders counts as one order here.
4. Requests of a private account or user have only the faults that are armed for this owner, so that the scripts of
   tests that share a server don't affect each other.
5. Faults may be armed and withdrawn from any thread.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable

from attrs import define, evolve, field

from autoshares_cancel.mock.faults.armed import Armed, Chosen, RandomFaults
from autoshares_cancel.mock.faults.catalogue import BY_ORDER
from autoshares_cancel.mock.faults.request_target import Target


@define
class FaultSchedule:
    """The armed faults and the random ones."""

    armed: list[Armed] = field(factory=list[Armed])
    random_faults: RandomFaults | None = None
    private: set[int | str] = field(factory=set[int | str])
    """The accounts and users that belong to one script."""
    _counts: Counter[tuple[int | str, str]] = field(factory=Counter[tuple[int | str, str]], init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, eq=False, repr=False)

    def clear(self) -> None:
        """Disarm everything, and reset the counts."""
        with self._lock:
            self.armed.clear()
        self.draw_from(None)

    def arm(self, armed: Armed) -> None:
        """Arm one more fault, after those that are armed already."""
        with self._lock:
            self.armed.append(armed)

    def replace(self, armed: Iterable[Armed]) -> None:
        """Replace the armed faults, except those of scripts."""
        with self._lock:
            self.armed = [each for each in self.armed if each.step is not None] + [*armed]

    def left_of(self, steps: Iterable[object]) -> dict[int, int]:
        """Return how often each of these steps can still strike, by its position in `steps`."""
        places = {id(step): place for place, step in enumerate(steps)}
        with self._lock:
            return {places[id(armed.step)]: armed.times for armed in self.armed if id(armed.step) in places}

    def withdraw(self, steps: Iterable[object]) -> None:
        """Disarm the faults of these steps."""
        known = {id(step) for step in steps}
        with self._lock:
            self.armed = [armed for armed in self.armed if id(armed.step) not in known]

    def draw_from(self, random_faults: RandomFaults | None) -> None:
        """Replace the random faults, or end them with None, and reset the counts."""
        self.random_faults = random_faults
        self._counts.clear()

    def for_connection(self) -> Chosen | None:
        """Return the fault of a new connection, and count it as used; None for none."""
        return self._take(lambda armed: armed.chosen.fault.moment == "accept")

    def for_request(self, target: Target | None) -> Chosen | None:
        """Return the fault of a request without a fault header, and count it as used; None for none."""
        if target is None:
            return None
        is_drawn_for = target.drawn_as is not None and target.owner not in self.private
        drawn = self._draw(target.drawn_as or 0, target.method) if is_drawn_for else None
        numbered = BY_ORDER.get(target.order_id or 0)
        if numbered is not None:
            return Chosen(fault=numbered, when=numbered.whens[0])
        return self._take(lambda armed: _fits(armed, target, self.private)) or drawn

    def _draw(self, order_id: int | str, method: str) -> Chosen | None:
        if self.random_faults is None:
            return None
        nth = self._counts[order_id, method]
        self._counts[order_id, method] += 1
        return self.random_faults.draw(order_id, method, nth)

    def _take(self, fits: Callable[[Armed], bool]) -> Chosen | None:
        if not self.armed:
            return None  # the usual case
        with self._lock:
            for index, armed in enumerate(self.armed):
                if fits(armed):
                    left = [evolve(armed, times=armed.times - 1)] if armed.times > 1 else []
                    self.armed[index : index + 1] = left
                    return armed.chosen
        return None


def _fits(armed: Armed, target: Target, private: set[int | str]) -> bool:
    if armed.step is not None and armed.endpoint == "token" and target.method != "POST":
        return False  # a client may warm up connections with OPTIONS
    is_meant = armed.owner == target.owner or (armed.owner is None and target.owner not in private)
    return (
        is_meant
        and armed.chosen.fault.moment != "accept"
        and armed.endpoint == target.endpoint
        and armed.order_id in {None, target.order_id}
        and armed.method in {None, target.method}
    )
