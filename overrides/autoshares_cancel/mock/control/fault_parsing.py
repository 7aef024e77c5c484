"""What comes in at `/_mock/faults`, and what is shown there."""

from __future__ import annotations

from typing import Any

from attrs import define

from autoshares_cancel.mock.control.parsing import BadInputError, as_list, as_object, known_names
from autoshares_cancel.mock.exchange.orders import is_int32
from autoshares_cancel.mock.faults.catalogue import FAULTS
from autoshares_cancel.mock.faults.fault import Fault
from autoshares_cancel.mock.faults.schedule import (
    ENDPOINTS,
    METHODS,
    Armed,
    Chosen,
    Endpoint,
    FaultDesk,
    Lottery,
    UnknownFaultError,
    choose,
)

MOST_TIMES = 1_000_000

_ARMED = ("fault", "when", "endpoint", "order_id", "method", "times")
_LOTTERY = ("rate", "seed", "faults", "methods")


@define
class Arming:
    """What a request to `/_mock/faults` wants; what it does not name stays as it is."""

    armed: list[Armed] | None = None
    lottery: Lottery | None = None
    has_lottery: bool = False

    def carry_out(self, desk: FaultDesk) -> None:
        """Do it."""
        if self.armed is not None:
            desk.armed = self.armed
        if self.has_lottery:
            desk.draw_from(self.lottery)


def parse_arming(document: dict[str, Any]) -> Arming:
    """Read `{"faults": [...], "random": {...}}`; either may be left out, and null draws no more."""
    known_names(document, {"faults", "random"}, "the body")
    armed = [_armed(item) for item in as_list(document["faults"], "faults")] if "faults" in document else None
    return Arming(
        armed=armed,
        lottery=None if document.get("random") is None else _lottery(document["random"]),
        has_lottery="random" in document,
    )


def show_faults(desk: FaultDesk) -> dict[str, Any]:
    """Give what is armed and what is drawn from."""
    drawn = None if desk.lottery is None else _show_lottery(desk.lottery)
    return {"faults": [_show(armed) for armed in desk.armed], "random": drawn}


def show_catalogue() -> list[dict[str, Any]]:
    """Give every fault that there is."""
    return [
        {"number": fault.number, "name": fault.name, "summary": fault.summary, "when": list(fault.whens)}
        for fault in FAULTS
    ]


def _show(armed: Armed) -> dict[str, Any]:
    shown = {"fault": armed.chosen.fault.name, "when": armed.chosen.when, "times": armed.times}
    if armed.chosen.fault.moment == "accept":
        return shown
    return shown | {"endpoint": armed.endpoint, "order_id": armed.order_id, "method": armed.method}


def _show_lottery(lottery: Lottery) -> dict[str, Any]:
    methods = None if lottery.methods is None else list(lottery.methods)
    faults = [fault.name for fault in lottery.faults]
    return {"rate": lottery.rate, "seed": lottery.seed, "faults": faults, "methods": methods}


def _armed(value: object) -> Armed:
    item = as_object(value, "a fault")
    known_names(item, _ARMED, "a fault")
    armed = Armed(
        chosen=_chosen(item.get("fault"), item.get("when")),
        endpoint=_endpoint(item.get("endpoint", "orders")),
        order_id=_order_id(item.get("order_id")),
        method=None if item.get("method") is None else _method(item["method"]),
        times=_times(item.get("times", 1)),
    )
    _must_be_able_to_strike(armed, item)
    return armed


def _must_be_able_to_strike(armed: Armed, item: dict[str, Any]) -> None:
    fault = armed.chosen.fault
    if fault.moment == "accept" and {"order_id", "endpoint", "method"} & item.keys():
        raise BadInputError(f"{fault.name} strikes connections, before anybody knows what they are for")
    if armed.endpoint != "orders" and armed.order_id is not None:
        raise BadInputError(f"a request for a {armed.endpoint} has no order_id")
    if armed.endpoint == "list" and armed.method == "DELETE":
        raise BadInputError("a request for a list is a GET")
    if armed.endpoint == "token" and armed.method is not None:
        raise BadInputError("a request for a token is neither DELETE nor GET")


def _endpoint(value: object) -> Endpoint:
    for known in ENDPOINTS:
        if value == known:
            return known
    raise BadInputError("endpoint must be 'orders', 'list' or 'token'")


def _order_id(value: object) -> int | None:
    if value is None or (isinstance(value, int) and is_int32(value)):
        return value
    raise BadInputError(f"order_id must be an int32, not {value!r}")


def _times(value: object) -> int:
    if isinstance(value, int) and is_int32(value) and 1 <= value <= MOST_TIMES:
        return value
    raise BadInputError(f"times must be a number from 1 to {MOST_TIMES}, not {value!r}")


def _method(value: object) -> str:
    if not isinstance(value, str) or value not in METHODS:
        raise BadInputError(f"a method must be {' or '.join(METHODS)}, not {value!r}")
    return value


def _lottery(value: object) -> Lottery:
    item = as_object(value, "random")
    known_names(item, _LOTTERY, "random")
    rate, seed = item.get("rate"), item.get("seed", 0)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise BadInputError("random.rate must be a number from 0 to 1")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise BadInputError(f"random.seed must be a whole number, not {seed!r}")
    named = as_list(item["faults"], "random.faults") if "faults" in item else [fault.name for fault in _drawable()]
    faults = tuple(_chosen(name, None).fault for name in named)
    if not faults or not set(faults) <= set(_drawable()):
        raise BadInputError("random.faults must name faults of requests, one at least")
    return Lottery(rate=float(rate), seed=seed, faults=faults, methods=_methods(item.get("methods")))


def _methods(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    methods = tuple(_method(method) for method in as_list(value, "random.methods"))
    if not methods:
        raise BadInputError("random.methods must name a method, one at least")
    return methods


def _drawable() -> list[Fault]:
    return [fault for fault in FAULTS if fault.moment != "accept"]


def _chosen(name: object, when: object) -> Chosen:
    if not isinstance(name, str) or not isinstance(when, str | None):
        raise BadInputError("fault and when must be text")
    try:
        return choose(name, when)
    except UnknownFaultError as problem:
        raise BadInputError(str(problem)) from problem
