"""Which request gets which fault. It does no I/O.

1. What a request asks for by header or by its order's number comes first, then what is armed, then what is drawn.
2. An armed fault is used up by the requests, or connections, that it strikes.
3. What is drawn depends on the seed, the order, the method and how manieth such request for that order it is, and on
   nothing else: the same requests fail in the same way however they are interleaved with those for other orders, or
   with readings of the same one. The list of an account's orders counts as an order of its own here.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Literal
from urllib.parse import unquote

from attrs import define, evolve, field, frozen

from autoshares_cancel.mock.faults.catalogue import BY_NAME, BY_ORDER
from autoshares_cancel.mock.faults.fault import Fault, When

Endpoint = Literal["orders", "list", "token"]
"""One order, the list of an account's orders, or the log-in."""

ENDPOINTS: tuple[Endpoint, ...] = ("orders", "list", "token")
METHODS = ("DELETE", "GET")

_TARGET = re.compile(
    r"/api/(?:(?P<token>token)|v[^/?]*/accounts/"
    r"(?:[^/?]*/(?:sync)?orders/0*(?P<order>-?[0-9]{1,10})|(?P<account>-?0*[0-9]{1,10})/orders))(?:\?.*)?"
)
_HEADER = re.compile(r"\s*(?P<name>[^\s;]+)\s*(?:;\s*when=(?P<when>[a-z]+)\s*)?")


class UnknownFaultError(Exception):
    """There is no such fault, or not at that time; the text says what there is."""


@frozen(kw_only=True)
class Chosen:
    """The fault that one request or connection gets."""

    fault: Fault
    when: When


@frozen(kw_only=True)
class Armed:
    """A fault that waits for the next `times` requests to an endpoint, or to one order, or for connections.

    With a `method`, requests with another one pass it by.
    """

    chosen: Chosen
    endpoint: Endpoint = "orders"
    order_id: int | None = None
    method: str | None = None
    times: int = 1


@frozen(kw_only=True)
class Lottery:
    """Faults at random: a share of all requests for orders, or of those with one of `methods`, from 0 to 1."""

    rate: float
    seed: int
    faults: tuple[Fault, ...]
    methods: tuple[str, ...] | None = None

    def draw(self, order_id: int | str, method: str, nth: int) -> Chosen | None:
        """Draw for the `nth` request for an order, or for a list, with this method, counted from 0."""
        if self.methods is not None and method not in self.methods:
            return None
        chance = random.Random(f"{self.seed}/{order_id}/{method}/{nth}")  # noqa: S311 - no secret, and to be had again
        if chance.random() >= self.rate:
            return None
        fault = chance.choice(self.faults)
        return Chosen(fault=fault, when=chance.choice(fault.whens))


@frozen(kw_only=True)
class Target:
    """What a request is for; no order for a list and for the endpoint of tokens."""

    endpoint: Endpoint
    method: str
    order_id: int | None = None
    account_id: int | None = None
    """Whose list it is."""

    @property
    def drawn_as(self) -> int | str | None:
        """What the lottery knows it by; None for what nothing is drawn for."""
        return f"list {self.account_id}" if self.endpoint == "list" else self.order_id


def choose(name: str, when: str | None = None) -> Chosen:
    """Find a fault by its name; raises `UnknownFaultError`, with the known ones, where there is none."""
    fault = BY_NAME.get(name)
    if fault is None:
        raise UnknownFaultError(f"there is no fault {name!r}; known are {', '.join(BY_NAME)}")
    for known in fault.whens:
        if when in {None, known}:
            return Chosen(fault=fault, when=known)
    raise UnknownFaultError(f"{name} can be had {' or '.join(fault.whens)} only, not {when!r}")


def read_header(value: str) -> Chosen:
    """Read `NAME` or `NAME; when=before`; raises `UnknownFaultError`."""
    asked = _HEADER.fullmatch(value)
    if asked is None:
        raise UnknownFaultError(f"X-Mock-Fault must be NAME, or NAME; when=before, not {value!r}")
    return choose(asked["name"], asked["when"])


def read_target(method: str, url: str) -> Target | None:
    """Find out what a request is for; None for what is neither an order, nor a list of them, nor a token."""
    found = _TARGET.fullmatch(unquote(url))
    if found is None:
        return None
    if found["token"]:
        return Target(endpoint="token", method=method)
    if found["account"]:
        return Target(endpoint="list", method=method, account_id=int(found["account"]))
    return Target(endpoint="orders", method=method, order_id=int(found["order"]))


@define
class FaultDesk:
    """What is armed, and what is drawn from."""

    armed: list[Armed] = field(factory=list[Armed])
    lottery: Lottery | None = None
    _counts: Counter[tuple[int | str, str]] = field(factory=Counter[tuple[int | str, str]], init=False)

    def clear(self) -> None:
        """Disarm everything, and count anew."""
        self.armed.clear()
        self.draw_from(None)

    def draw_from(self, lottery: Lottery | None) -> None:
        """Begin to draw from another lottery, or from none; requests are counted anew."""
        self.lottery = lottery
        self._counts.clear()

    def for_connection(self) -> Chosen | None:
        """Give the fault of a connection that was just made."""
        return self._take(lambda armed: armed.chosen.fault.moment == "accept")

    def for_request(self, target: Target | None) -> Chosen | None:
        """Give the fault of a request that does not ask for one by header."""
        if target is None:
            return None
        drawn = None if target.drawn_as is None else self._draw(target.drawn_as, target.method)
        numbered = BY_ORDER.get(target.order_id or 0)
        if numbered is not None:
            return Chosen(fault=numbered, when=numbered.whens[0])
        return self._take(lambda armed: _fits(armed, target)) or drawn

    def _draw(self, order_id: int | str, method: str) -> Chosen | None:
        if self.lottery is None:
            return None
        nth = self._counts[order_id, method]
        self._counts[order_id, method] += 1
        return self.lottery.draw(order_id, method, nth)

    def _take(self, fits: Callable[[Armed], bool]) -> Chosen | None:
        for index, armed in enumerate(self.armed):
            if fits(armed):
                left = evolve(armed, times=armed.times - 1)
                self.armed[index : index + 1] = [left] if left.times else []
                return armed.chosen
        return None


def _fits(armed: Armed, target: Target) -> bool:
    return (
        armed.chosen.fault.moment != "accept"
        and armed.endpoint == target.endpoint
        and armed.order_id in {None, target.order_id}
        and armed.method in {None, target.method}
    )
