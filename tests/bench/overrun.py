"""The overrun of deadlines, for every network fault and every kind of client (law 7).

Each call has its own client, which logs in, tries again, and reads the order, all of which its deadline bounds. It
is measured from outside. Exit code 1 if a call ends later than the bound allows.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, product
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen
from faults.copies import ROOT
from support.clients import CLIENT_KINDS, open_caller

from autoshares_cancel import PasswordCredentials, RetryPolicy, Timeouts
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.faults.catalogue import BY_NAME, FIRST_FAULT_ORDER

OUTPUT: Final = ROOT / ".cache/bench/overrun.json"
ACCOUNT: Final = 6303
TRADER: Final = PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse")
FOR_EVER: Final = Timeouts(connect=120.0, read=120.0, write=120.0, pool=120.0)
"""Longer than any fault lasts, so that only the deadline ends a call."""
AT_A_TIME: Final = 12
"""With more calls at a time, the figures would include waits for the processor."""


@frozen(kw_only=True)
class Timing:
    """One call: its seconds, and its milliseconds beyond the deadline."""

    fault: str
    client_kind: str
    outcome: str
    seconds: float
    overrun_ms: float


def measure(base_url: str, fault: str, client_kind: str, deadline: float) -> Timing:
    """Make one call for an order whose cancel and read both have this fault."""
    order_id = FIRST_FAULT_ORDER + BY_NAME[fault].number
    options: dict[str, Any] = {"retry": RetryPolicy(), "resolve": True, "timeouts": FOR_EVER}
    with open_caller(client_kind, base_url=base_url, credentials=TRADER, **options) as caller:
        began = time.monotonic()
        outcome = caller.cancel(ACCOUNT, order_id, deadline=deadline)
        seconds = time.monotonic() - began
    overrun_ms = max(0.0, seconds - deadline) * 1000
    return Timing(
        fault=fault,
        client_kind=client_kind,
        outcome=type(outcome).__name__,
        seconds=seconds,
        overrun_ms=round(overrun_ms, 1),
    )


def measured(faults: Sequence[str], deadline: float) -> Iterator[Timing]:
    """Make all calls against one mock, several at a time; yield them in the order of the faults."""
    with MockServer() as server, ThreadPoolExecutor(AT_A_TIME) as pool:
        yield from pool.map(
            lambda pair: measure(server.base_url, pair[0], pair[1], deadline),
            list(product(faults, CLIENT_KINDS)),
            timeout=600,
        )


def line(timings: Sequence[Timing]) -> str:
    """The printed line of one fault, with every kind of client."""
    worst = max(each.overrun_ms for each in timings)
    each_kind = ", ".join(f"{each.client_kind} {each.overrun_ms:.1f}" for each in timings)
    outcomes = " or ".join(sorted({each.outcome for each in timings}))
    return f"{timings[0].fault:24} {worst:7.1f} ms  ({each_kind})  {outcomes}"


def save(timings: Sequence[Timing], deadline: float, output: Path) -> None:
    """Save every call."""
    output.parent.mkdir(parents=True, exist_ok=True)
    document = {"deadline_seconds": deadline, "calls": [asdict(each) for each in timings]}
    output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a line for each fault and the largest overrun at the end, and save every figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.overrun", description=__doc__)
    parser.add_argument("--deadline", type=float, default=2.0, help="seconds for each call")
    parser.add_argument("--bound", type=float, default=200.0, help="milliseconds that a call may be late")
    parser.add_argument("--fault", choices=list(BY_NAME), action="append", help="only this one; may be repeated")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where the raw figures go, as JSON")
    given = parser.parse_args(arguments)
    faults: list[str] = given.fault or list(BY_NAME)
    timings: list[Timing] = []
    for nth, (_, of_fault) in enumerate(groupby(measured(faults, given.deadline), attrgetter("fault")), start=1):
        client_kinds = list(of_fault)
        timings += client_kinds
        print(f"{nth:3} of {len(faults)}  {line(client_kinds)}", flush=True)
    save(timings, given.deadline, given.output)
    largest = max(timings, key=attrgetter("overrun_ms"))
    print(f"largest: {largest.overrun_ms:.1f} ms beyond {given.deadline:g} s ({largest.fault}, {largest.client_kind})")
    return 1 if largest.overrun_ms > given.bound else 0


if __name__ == "__main__":
    sys.exit(main())
