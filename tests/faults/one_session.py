"""Several processes share one session: `PYTHONPATH=tests .venv/bin/python -m faults.one_session`.

1. Every log-in ends the token before it, so processes that log in side by side would end each other's sessions.
2. The tokens expire while all processes cancel. After each expiry there is one log-in, and every order is cancelled.
3. The process that logs in is killed while others wait. The others continue, with one more log-in.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import httpx
from attrs import define, field
from faults.sharing import ACCOUNT, KINDS, WAITING
from support.python_path import python_path

from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock._state import Seen
from autoshares_cancel.mock.exchange.orders import Order

FIRST_ORDER, BLOCK = 1_000_000, 10_000
WORKERS: Final = 4
"""Workers of a process. Each has a block of orders."""
DAY_SECONDS = 24 * 60 * 60
PATIENCE_SECONDS = 300

Process = subprocess.Popen[str]


def until(is_so: Callable[[], object], what: str) -> None:
    """Wait until `is_so` is true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.005)


@contextmanager
def process(server: MockServer, folder: Path, kind: str, *blocks: range) -> Iterator[Process]:
    """One process, which is killed when the block ends."""
    words = (kind, server.base_url, str(folder), *(f"{block.start}:{len(block)}" for block in blocks))
    command = [sys.executable, "-m", "faults.sharing", *words]
    variables = {**os.environ, "PYTHONPATH": python_path()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables) as running:
        try:
            yield running
        finally:
            running.kill()


def seed(server: MockServer, blocks: list[range]) -> None:
    server.exchange.seed(orders=[Order(order_id=number, account_id=ACCOUNT) for block in blocks for number in block])


def outcomes_of(lines: list[str]) -> Counter[str]:
    counted = Counter[str]()
    for line in lines:
        if line != WAITING:
            counted.update(json.loads(line))
    return counted


def done(server: MockServer, blocks: list[range]) -> Counter[int]:
    """The number of cancelled orders of each block."""
    orders = server.exchange.orders
    ended = (number for block in blocks for number in block if orders[number].status == "Canceled")
    return Counter((number - FIRST_ORDER) // BLOCK for number in ended)


class Expiring(deque[Seen]):
    """The mock's record of requests, written before each reply: at certain requests, the token expires.

    Expiry n comes at the nth part of all orders, but only after every call from before the previous expiry has ended.
    """

    def __init__(self, server: MockServer, blocks: list[range], expiries: int) -> None:
        super().__init__()
        self._server, self._blocks, self._expiries = server, blocks, expiries
        self._nth, self._before = 0, Counter[int]()

    def append(self, seen: Seen, /) -> None:
        """Record a request."""
        super().append(seen)
        if self._nth < self._expiries and self._is_due(now := done(self._server, self._blocks)):
            self._nth, self._before = self._nth + 1, now
            self._server.exchange.advance(DAY_SECONDS + 1)

    def _is_due(self, now: Counter[int]) -> bool:
        if now.total() < (self._nth + 1) * sum(map(len, self._blocks)) // (self._expiries + 1):
            return False
        if self._nth == 0:
            return True
        return all(now[each] >= min(self._before[each] + 2, len(block)) for each, block in enumerate(self._blocks))


@define
class OneSession:
    """Processes that cancel all their orders, while the tokens expire again and again."""

    processes: int
    orders: int
    """The number of orders of each process."""
    expiries: int
    outcomes: Counter[str] = field(factory=Counter[str])
    log_ins: int = 0
    log_ins_at_once: int = 0
    cancelled: int = 0
    """The number of orders that are cancelled in the book of the exchange."""
    _blocks: list[range] = field(init=False)

    def __attrs_post_init__(self) -> None:
        count = self.orders // WORKERS
        firsts = (FIRST_ORDER + number * BLOCK for number in range(self.processes * WORKERS))
        self._blocks = [range(first, first + count) for first in firsts]

    @property
    def total(self) -> int:
        """The orders of all processes."""
        return sum(map(len, self._blocks))

    def run(self, folder: Path) -> None:
        """Start all processes at once, let the tokens expire, and wait for the end."""
        with MockServer(single_session=True) as server, ExitStack() as stack:
            seed(server, self._blocks)
            traffic = server._app.state.traffic
            traffic.requests = Expiring(server, self._blocks, self.expiries)
            kinds = islice(cycle(KINDS), self.processes)
            each = zip(kinds, zip(*[iter(self._blocks)] * WORKERS, strict=True), strict=True)
            running = [stack.enter_context(process(server, folder, kind, *blocks)) for kind, blocks in each]
            for one in running:
                self.outcomes += outcomes_of(one.communicate(timeout=PATIENCE_SECONDS)[0].splitlines())
            self.log_ins, self.log_ins_at_once = traffic.token_requests, traffic.token_requests_in_flight_at_most
            self.cancelled = done(server, self._blocks).total()


@define
class KilledLogIn:
    """Processes of every kind wait for a log-in that is never answered, and the process that logs in is killed."""

    outcomes: Counter[str] = field(factory=Counter[str])
    log_ins: int = 0
    """The number of log-ins that the server has answered."""

    def run(self, folder: Path) -> None:
        """Hold the first log-in until all others wait for it, and kill its process."""
        with MockServer(single_session=True) as server, ExitStack() as stack:
            blocks = [range(FIRST_ORDER + each, FIRST_ORDER + each + 1) for each in range(len(KINDS) + 1)]
            seed(server, blocks)
            fault = {"fault": "stall", "when": "before", "endpoint": "token"}
            httpx.post(f"{server.origin}/_mock/faults", json={"faults": [fault]}, timeout=60).raise_for_status()
            first = stack.enter_context(process(server, folder, "threads", blocks[0]))
            until(lambda: server._app.state.traffic.silent, "no log-in")
            others = zip(KINDS, blocks[1:], strict=True)
            running = [stack.enter_context(process(server, folder, kind, block)) for kind, block in others]
            lines = [[_line(one)] for one in running]
            first.kill()
            for one, seen in zip(running, lines, strict=True):
                self.outcomes += outcomes_of(seen + one.communicate(timeout=PATIENCE_SECONDS)[0].splitlines())
            self.log_ins = server._app.state.traffic.token_requests


def _line(running: Process) -> str:
    """The next line that a process writes."""
    assert running.stdout is not None
    return running.stdout.readline().strip()


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments, run both trials, and print the results."""
    parser = argparse.ArgumentParser(prog="python -m faults.one_session", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--orders", type=int, default=400, help="of each process")
    parser.add_argument("--expiries", type=int, default=10)
    given = parser.parse_args(arguments)
    shared, killed = OneSession(given.processes, given.orders, given.expiries), KilledLogIn()
    with tempfile.TemporaryDirectory() as folder:
        shared.run(Path(folder, "shared"))
        killed.run(Path(folder, "killed"))
    sys.stdout.write(
        f"{given.processes} processes, {shared.total} orders, {given.expiries} expiries: {dict(shared.outcomes)}, "
        f"{shared.cancelled} cancelled in the book, {shared.log_ins} log-ins, {shared.log_ins_at_once} at a time\n"
        f"the process that logs in is killed: {dict(killed.outcomes)}, {killed.log_ins} log-ins\n"
    )
    is_right = (shared.outcomes, shared.log_ins) == (Counter(Cancelled=shared.total), given.expiries + 1)
    return 0 if is_right and killed.outcomes == Counter(Cancelled=len(KINDS)) else 1


if __name__ == "__main__":
    sys.exit(main())
