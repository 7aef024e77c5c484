"""Parses and writes the documents of `/_mock/faults`."""

from __future__ import annotations

from typing import Any

from autoshares_cancel.mock.control.parsing import as_list, as_object, build, known_names
from autoshares_cancel.mock.faults.armed import Armed, RandomFaults, choose
from autoshares_cancel.mock.faults.catalogue import FAULTS
from autoshares_cancel.mock.faults.schedule import FaultSchedule

_ARMED = ("fault", "when", "endpoint", "order_id", "method", "times")
_OF_CONNECTIONS = {"fault", "when", "times"}


def arm(document: dict[str, Any], schedule: FaultSchedule) -> None:
    """Arm the faults of `{"faults": [...], "random": {...}}`; a missing part changes nothing, null ends random faults.

    Faults that scripts have armed stay, and are not shown.
    """
    known_names(document, {"faults", "random"}, "the body")
    armed = [_armed(item) for item in as_list(document["faults"], "faults")] if "faults" in document else None
    random_faults = None if document.get("random") is None else _random_faults(document["random"])
    if armed is not None:
        schedule.replace(armed)
    if "random" in document:
        schedule.draw_from(random_faults)


def show_faults(schedule: FaultSchedule) -> dict[str, Any]:
    """Return the armed faults and the random ones."""
    random_faults = schedule.random_faults
    drawn = None if random_faults is None else _show_random_faults(random_faults)
    shown = [_show(armed) for armed in schedule.armed if armed.step is None]
    return {"faults": shown, "random": drawn}


def show_catalogue() -> list[dict[str, Any]]:
    """Return every fault of the catalogue."""
    return [
        {"number": fault.number, "name": fault.name, "summary": fault.summary, "when": list(fault.whens)}
        for fault in FAULTS
    ]


def _show(armed: Armed) -> dict[str, Any]:
    shown = {"fault": armed.chosen.fault.name, "when": armed.chosen.when, "times": armed.times}
    if armed.chosen.fault.moment == "accept":
        return shown
    return shown | {"endpoint": armed.endpoint, "order_id": armed.order_id, "method": armed.method}


def _show_random_faults(drawn: RandomFaults) -> dict[str, Any]:
    methods = None if drawn.methods is None else list(drawn.methods)
    return {"rate": drawn.rate, "seed": drawn.seed, "faults": [each.name for each in drawn.faults], "methods": methods}


def _armed(value: object) -> Armed:
    item = as_object(value, "a fault")
    known_names(item, _ARMED, "a fault")
    chosen = choose(item.pop("fault", None), item.pop("when", None))
    if chosen.fault.moment == "accept" and item.keys() - _OF_CONNECTIONS:
        raise ValueError(f"{chosen.fault.name} strikes connections, whose requests are not known yet")
    return build(Armed, {"chosen": chosen, **item}, "a fault")


def _random_faults(value: object) -> RandomFaults:
    item = as_object(value, "random")
    if "faults" in item:
        item["faults"] = tuple(choose(name).fault for name in as_list(item["faults"], "random.faults"))
    if item.get("methods") is not None:
        item["methods"] = tuple(as_list(item["methods"], "random.methods"))
    return build(RandomFaults, item, "random")
