"""Armed faults and random faults, as value classes that raise ValueError for invalid values."""

from __future__ import annotations

import random
import re
from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import optional

from autoshares_cancel.mock._checks import int32, number, one_of
from autoshares_cancel.mock.exchange.fates import Fate
from autoshares_cancel.mock.faults.catalogue import BY_NAME, FAULTS
from autoshares_cancel.mock.faults.fault import Fault, When
from autoshares_cancel.mock.faults.request_target import ENDPOINTS, METHODS, Endpoint

MOST_TIMES = 1_000_000
DRAWABLE = tuple(fault for fault in FAULTS if fault.moment != "accept")
"""The faults that can be drawn at random: all faults of requests."""


_HEADER = re.compile(r"\s*(?P<name>[^\s;]+)\s*(?:;\s*when=(?P<when>[a-z]+)\s*)?")


class UnknownFaultError(ValueError):
    """No fault has this name, or the fault can't strike at that time. The message lists the known ones."""


@frozen(kw_only=True)
class Chosen:
    """The fault that one request or connection gets, and the fate of the order that the request cancels."""

    fault: Fault
    when: When
    fate: Fate | None = None


def choose(name: object, when: object = None) -> Chosen:
    """Find a fault by its name, and check `when`. Raises `UnknownFaultError`, which lists the known ones."""
    fault = BY_NAME.get(name) if isinstance(name, str) else None
    if fault is None:
        raise UnknownFaultError(f"there is no fault {name!r}; known are {', '.join(BY_NAME)}")
    for known in fault.whens:
        if when in (None, known):
            return Chosen(fault=fault, when=known)
    raise UnknownFaultError(f"{name} strikes {' or '.join(fault.whens)} only, not {when!r}")


def read_header(value: str) -> Chosen:
    """Parse the header `NAME` or `NAME; when=before`. Raises `UnknownFaultError`."""
    asked = _HEADER.fullmatch(value)
    if asked is None:
        raise UnknownFaultError(f"X-Mock-Fault must be NAME, or NAME; when=before, not {value!r}")
    return choose(asked["name"], asked["when"])


@frozen(kw_only=True)
class Armed:
    """A fault that waits for the next `times` requests to an endpoint, or to one order, or for connections.

    With a `method`, requests with another method have no fault. With an `owner`, only requests about this account or
    for a token of this user have one. `step` is the script's step that armed the fault; None without a script.
    """

    chosen: Chosen
    endpoint: Endpoint = field(default="orders", validator=one_of(*ENDPOINTS))
    order_id: int | None = field(default=None, validator=optional(int32))
    method: str | None = field(default=None, validator=optional(one_of(*METHODS)))
    times: int = field(default=1, validator=number(1, MOST_TIMES))
    owner: int | str | None = None
    step: object = field(default=None, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.endpoint != "orders" and self.order_id is not None:
            raise ValueError(f"a request for a {self.endpoint} has no order_id")
        if self.endpoint == "list" and self.method == "DELETE":
            raise ValueError("a request for a list is a GET")
        if self.endpoint == "token" and self.method is not None:
            raise ValueError("a request for a token is neither DELETE nor GET")


def _share(_random: object, attribute: Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{attribute.name} must be a number from 0 to 1, not {value!r}")


def _whole(_random: object, attribute: Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{attribute.name} must be a whole number, not {value!r}")  # noqa: TRY004 - every check raises ValueError


def _drawable(_random: object, attribute: Attribute[Any], faults: tuple[Fault, ...]) -> None:
    if not faults or not set(faults) <= set(DRAWABLE):
        raise ValueError(f"{attribute.name} must name at least one fault, and faults of requests only")


def _some_methods(_random: object, attribute: Attribute[Any], methods: tuple[str, ...]) -> None:
    if not methods or any(method not in METHODS for method in methods):
        raise ValueError(f"{attribute.name} must name DELETE, GET or both")


@frozen(kw_only=True)
class RandomFaults:
    """Faults at random. `rate`, from 0 to 1, is the share of requests for orders with one of `methods`, or with any."""

    rate: float = field(validator=_share)
    seed: int = field(default=0, validator=_whole)
    faults: tuple[Fault, ...] = field(default=DRAWABLE, validator=_drawable)
    methods: tuple[str, ...] | None = field(default=None, validator=optional(_some_methods))

    def draw(self, order_id: int | str, method: str, nth: int) -> Chosen | None:
        """Draw a fault, or None, for the `nth` request, counted from 0, for an order or list with this method."""
        if self.methods is not None and method not in self.methods:
            return None
        chance = random.Random(f"{self.seed}/{order_id}/{method}/{nth}")  # noqa: S311 - no secret; reproducible
        if chance.random() >= self.rate:
            return None
        fault = chance.choice(self.faults)
        return Chosen(fault=fault, when=chance.choice(fault.whens))
