"""Sweeps on PostgreSQL whose workers die: `PYTHONPATH=tests .venv/bin/python -m faults.sweep_kills --kills 200`.

1. Two workers at a time cancel orders at the mock while replies are lost and broken. Each is killed: before,
   within or after a transaction, or when the mock has carried out a cancel and has not answered it yet. Then two others
   start. Halfway, the database is killed and started again. The last worker ends by itself.
2. At the end every order has one outcome that agrees with the mock's book. No order was cancelled twice, no order is a
   conflict that was open before, and every order that is still open is unknown or refused.
"""

import argparse
import asyncio
import os
import random
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
from attrs import define, field
from faults.moments import ARRIVED, Tripwire, ends
from support.command import environment
from support.postgres import Postgres, postgres
from support.python_path import python_path

from autoshares_cancel import Sweep, SweepStatus
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.orders import Order

ACCOUNT, FIRST_ORDER = 6303, 100_000
WORKERS, AT_A_TIME, ORDERS_A_KILL = 2, 4, 12
DEADLINE, LEASE = 2.0, 2.5
PATIENCE_SECONDS = 180
WHENS: Final = ("before", "within", "after", ARRIVED)
FAULTS: Final = ["reset-after-request", "reset-in-head", "close-without-reply", "truncated-body", "503-at-once"]
FAULT_RATE, VENUE_DELAY = 0.05, 0.01
KINDS: Final = (("New", "Filled", "Canceled", None), (85, 6, 6, 3))
ACCEPTED: Final = {200, 204}


@define
class SweepTrial:
    """One sweep, one exchange, and workers that die."""

    seed: int
    kills: int
    name: str = "trial"
    orders: range = field(init=False)
    lies: list[str] = field(factory=list[str])
    survived: int = 0
    outcomes: Counter[str] = field(factory=Counter[str])
    status: SweepStatus | None = None
    seen: Tripwire = field(factory=Tripwire)
    _before: dict[int, Order] = field(factory=dict[int, Order])

    def __attrs_post_init__(self) -> None:
        self.orders = range(FIRST_ORDER, FIRST_ORDER + ORDERS_A_KILL * max(self.kills, 10))

    def run(self, database: Postgres, server: MockServer) -> None:
        """Kill workers as often as given, let the last one end, and compare the outcomes with the book."""
        self.prepare(database, server)
        chance = random.Random(self.seed)
        for nth in range(0, self.kills, WORKERS):
            if nth // WORKERS == self.kills // WORKERS // 2:
                database.stop()
                database.start()
            self._kill_some(database, server, chance)
        with self.worker(database, server, "--once") as last:
            self._wait(last)
            if last.returncode not in {0, 4, 5}:
                self.lies.append(f"the last one ends with {last.returncode}")
        self.judge(database, server)

    def prepare(self, database: Postgres, server: MockServer) -> None:
        """Fill the mock's book and the sweep, and set the faults."""
        chance = random.Random(self.seed)
        for order_id in self.orders:
            [status] = chance.choices(*KINDS)
            if status is not None:
                server.exchange.seed(orders=[Order(order_id=order_id, account_id=ACCOUNT, status=status)])
        self._before = dict(server.exchange.orders)
        server._app.state.traffic.requests = self.seen
        faults = {"random": {"rate": FAULT_RATE, "seed": self.seed, "faults": FAULTS}}
        for path, document in {"settings": {"venue_delay": VENUE_DELAY}, "faults": faults}.items():
            httpx.post(f"{server.origin}/_mock/{path}", json=document, timeout=60).raise_for_status()
        asyncio.run(self.fill(database))

    async def fill(self, database: Postgres) -> None:
        """Add the orders to the sweep."""
        async with Sweep(database.url, name=self.name, deadline=DEADLINE, lease=LEASE, venue=True) as sweep:
            await sweep.add((ACCOUNT, order_id) for order_id in self.orders)

    @contextmanager
    def worker(
        self,
        database: Postgres,
        server: MockServer,
        *words: str,
        when: str = "never",
        count: int = 0,
        at_a_time: int = AT_A_TIME,
    ) -> "Iterator[subprocess.Popen[str]]":
        """A worker in its own process, which is killed when the block ends."""
        command = [sys.executable, "-m", "faults.dying_worker", when, str(count), "worker", *words]
        variables = environment(server.base_url, AUTOSHARES_DATABASE=database.url, PYTHONPATH=python_path())
        options: dict[str, Any] = {"text": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen([*command, "--concurrency", str(at_a_time)], env=variables, **options) as running:
            try:
                yield running
            finally:
                running.kill()

    def _kill_some(self, database: Postgres, server: MockServer, chance: random.Random) -> None:
        first, second = (chance.choice(WHENS) for _ in range(WORKERS))
        with (
            self.worker(database, server, "--once", when=first, count=chance.randint(1, 12)) as one,
            self.worker(database, server, "--once", when=second, count=chance.randint(1, 12)) as other,
        ):
            aimed = [each for each, when in ((one, first), (other, second)) if when == ARRIVED]
            for each in aimed:
                self.seen.aim(each.pid, chance.randint(1, ORDERS_A_KILL))
                self._wait(each)
            self.seen.aim(None)
            for each in (one, other):
                self._wait(each)
                self.survived += each.returncode == -signal.SIGKILL

    def _wait(self, process: "subprocess.Popen[str]") -> None:
        if not ends(process, PATIENCE_SECONDS):
            self.lies.append("it does not end")

    def judge(self, database: Postgres, server: MockServer) -> None:
        """Compare the outcomes with the book and with the requests that have arrived."""
        ended = asyncio.run(self.ended(database))
        if sorted(ended) != [*self.orders]:
            self.lies.append(f"{len(ended)} of {len(self.orders)} orders have an outcome")
        accepted = Counter(
            int(seen.path.rpartition("/")[2])
            for seen in self.seen
            if seen.method == "DELETE" and seen.status in ACCEPTED
        )
        self.lies += [f"order {order_id}: cancelled {times} times" for order_id, times in accepted.items() if times > 1]
        for order_id, outcome in ended.items():
            self.outcomes[outcome["outcome"]] += 1
            lie = self._lie(order_id, outcome["outcome"], server)
            if lie is not None:
                self.lies.append(f"order {order_id}: {outcome['outcome']}, and {lie}")

    async def ended(self, database: Postgres) -> dict[int, Any]:
        """The outcome of each order in the database."""
        async with Sweep(database.url, name=self.name, must_exist=True) as sweep:
            self.status = await sweep.status()
            return {outcome["order_id"]: outcome async for outcome in sweep.outcomes()}

    def _lie(self, order_id: int, outcome: str, server: MockServer) -> str | None:
        before, now = self._before.get(order_id), server.exchange.orders.get(order_id)
        if outcome == "Cancelled":
            return None if now is not None and now.status == "Canceled" else "the book has it otherwise"
        if outcome == "OrderConflict":
            return "it was open before" if before is not None and before.status == "New" else None
        if outcome == "NotSent" and before is not None and now is not None and before.status != now.status:
            return "the book has changed"
        return None


def main() -> int:
    """Read the arguments, run the trial, and print its results."""
    parser = argparse.ArgumentParser(prog="faults.sweep_kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    trial = SweepTrial(options.seed, options.kills)
    with postgres() as database, MockServer() as server:
        trial.run(database, server)
    sys.stdout.write(
        f"seed {options.seed}: {trial.survived} kills, {len(trial.orders)} orders, {dict(trial.outcomes)}\n"
    )
    sys.stdout.write("\n".join(trial.lies or ["no lie, none lost, none cancelled twice"]) + "\n")
    return 1 if trial.lies else 0


if __name__ == "__main__":
    os.environ.pop("AUTOSHARES_DATABASE", None)
    sys.exit(main())
