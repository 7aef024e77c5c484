"""A run with a journal, killed again and again: `PYTHONPATH=tests .venv/bin/python -m faults.killed --kills 200`.

1. A process cancels a file of orders, or all orders of an account, at the mock while replies are lost and broken. It
   dies by SIGKILL: before, within or after a line of its journal, or when the mock has carried out a cancel and not
   answered it yet. The line or request is given by its number. Then the same command is started again. The last ends by
   itself.
2. After each kill: no cancel has arrived for an order that the journal has not begun, nor for one that the journal had
   as final before; no more orders are begun without an outcome than may be under way; and every printed outcome is in
   the journal.
3. At the end every order has one outcome that agrees with the mock's book: for a file, the last process has printed
   it; for an account, it is in the journal. No order of the account is open.
"""

import argparse
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

import httpx
from attrs import define, field
from faults.moments import ARRIVED, Tripwire, ends, moment
from support.mock_orders import live
from support.python_path import python_path

from autoshares_cancel._cli.report import EXIT_CODES
from autoshares_cancel._cli.run.journal_lines import KINDS as KINDS_OF_OUTCOMES
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.orders import Order

ACCOUNT, FIRST_ORDER = 6303, 100_000
AT_A_TIME, ORDERS_A_KILL = 4, 14
FAULTS: Final = [
    "reset-during-request",
    "reset-after-request",
    "reset-in-head",
    "close-without-reply",
    "close-after-reply",
    "truncated-body",
    "garbage",
    "503-at-once",
]
FAULT_RATE, VENUE_DELAY = 0.06, 0.01
PATIENCE_SECONDS = 120
KINDS: Final = (("open", "filled", "cancelled", "missing"), (80, 8, 8, 4))
FINAL: Final = {"Cancelled", "OrderConflict"}
UNKNOWN: Final = 5


@define
class Killed:
    """One file, one journal, one exchange, and one process after another."""

    seed: int
    folder: Path
    kills: int
    command: Literal["orders", "all"] = "orders"
    survived: int = 0
    lies: list[str] = field(factory=list[str])
    outcomes: Counter[str] = field(factory=Counter[str])
    begun: Counter[int] = field(factory=Counter[int])
    """How often each order was begun in the journal."""
    recorded: dict[int, dict[str, Any]] = field(factory=dict[int, dict[str, Any]])
    """The last outcome of each order in the journal, unchanged."""
    _server: MockServer = field(factory=MockServer)
    _seen: Tripwire = field(factory=Tripwire)
    _before: dict[int, Order] = field(factory=dict[int, Order])
    _read: int = 0
    """The number of bytes of the journal that were read, all of them whole lines."""
    _exit_code: int | None = None

    @property
    def again(self) -> int:
        """How often an order was begun that had been begun before."""
        return self.begun.total() - len(self.begun)

    def run(self) -> None:
        """Kill the process as often as given, let the last one end, and compare its outcomes with the book."""
        with self._server as server:
            self._prepare(server, random.Random(self.seed))
            for nth in range(self.kills):
                self._live(*moment(nth))
                self.survived += self._exit_code == -signal.SIGKILL
            printed = self._live("never", 0)
        self._judge(printed)

    def _prepare(self, server: MockServer, chance: random.Random) -> None:
        orders = range(FIRST_ORDER, FIRST_ORDER + ORDERS_A_KILL * self.kills)
        for order_id in orders:
            kind = chance.choices(*KINDS)[0]
            status = {"open": "New", "filled": "Filled", "cancelled": "Canceled"}.get(kind)
            if status is not None:
                server.exchange.seed(orders=[Order(order_id=order_id, account_id=ACCOUNT, status=status)])
        lines = [f"{order_id},{ACCOUNT},n{order_id}" for order_id in orders]
        (self.folder / "orders.csv").write_text("\n".join(["order_id,account_id,note", *lines]), encoding="utf-8")
        self._before = dict(server.exchange.orders)
        server._app.state.traffic.requests = self._seen
        faults = {"random": {"rate": FAULT_RATE, "seed": self.seed, "faults": FAULTS}}
        for path, document in {"settings": {"venue_delay": VENUE_DELAY}, "faults": faults}.items():
            httpx.post(f"{server.origin}/_mock/{path}", json=document, timeout=60).raise_for_status()

    def _live(self, when: str, count: int) -> list[dict[str, Any]]:
        """Run one process until that moment or to its end; return its printed outcomes."""
        final = {order_id for order_id, ended in self.recorded.items() if ended["outcome"] in FINAL}
        output = self.folder / "output"
        with output.open("wb") as out, (self.folder / "errors").open("wb") as errors:
            words = self._words(when, count)
            process = subprocess.Popen(words, env=self._environment(), stdout=out, stderr=errors)
            self._seen.aim(process.pid if when == ARRIVED else None, count)
            self._wait(process)
        self._exit_code = process.returncode
        self._take(final)
        printed = [item for item in _objects(output.read_bytes()) if "order_id" in item]
        for item in printed:
            if item["order_id"] not in self.recorded:
                self.lies.append(f"order {item['order_id']}: printed as {item['outcome']}, and not in the journal")
            elif item["outcome"] not in {self.recorded[item["order_id"]]["outcome"], "Remains"}:
                self.lies.append(f"order {item['order_id']}: printed as {item['outcome']}, and not so in the journal")
        return printed

    def _words(self, when: str, count: int) -> list[str]:
        options = ["--journal", "journal", "--json", "--venue", "--quiet", "--concurrency", str(AT_A_TIME)]
        files = [str(self.folder / option) if option == "journal" else option for option in options]
        dying = [sys.executable, "-m", "faults.dying", when, str(count)]
        given = [str(self.folder / "orders.csv")] if self.command == "orders" else [str(ACCOUNT), "--yes"]
        return [*dying, self.command, *given, *files]

    def _environment(self) -> dict[str, str]:
        user = {"AUTOSHARES_USERNAME": "trader", "AUTOSHARES_PASSWORD": "correct-horse"}
        there = {"AUTOSHARES_BASE_URL": self._server.base_url, "AUTOSHARES_APP_KEY": "demo-app-key"}
        return {**os.environ, **user, **there, "PYTHONPATH": python_path()}

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        if not ends(process, PATIENCE_SECONDS):
            self.lies.append("it does not end")
        self._seen.aim(None)

    def _take(self, final: set[int]) -> None:
        """Check the journal and the mock after this process."""
        if not (self.folder / "journal").exists():
            return
        new = (self.folder / "journal").read_bytes()[self._read :]
        self._read += new.rfind(b"\n") + 1  # the next process cuts off half a line
        under_way = set[int]()
        for entry in _objects(new):
            if "begun" in entry:
                under_way.add(entry["begun"][1])
                self.begun[entry["begun"][1]] += 1
            elif "ended" in entry:
                under_way.discard(entry["ended"][1])
                self.recorded[entry["ended"][1]] = entry
        if len(under_way) > AT_A_TIME:
            self.lies.append(f"{len(under_way)} orders have no outcome, and {AT_A_TIME} may be under way")
        for order_id in self._cancels():
            if order_id not in self.begun:
                self.lies.append(f"order {order_id}: a cancel came in that the journal does not know")
            if order_id in final:
                self.lies.append(f"order {order_id}: it was final, and was cancelled once more")

    def _cancels(self) -> Iterator[int]:
        while self._seen:
            seen = self._seen.popleft()
            if seen.method == "DELETE":
                yield int(seen.path.rpartition("/")[2])

    def _judge(self, printed: list[dict[str, Any]]) -> None:
        if self._exit_code not in {0, 4, UNKNOWN}:
            errors = (self.folder / "errors").read_text(encoding="utf-8")
            self.lies.append(f"the last one ends with {self._exit_code}: {errors}")
        for item in self._outcomes_of_file(printed) if self.command == "orders" else self._outcomes_of_account():
            self.outcomes[item["outcome"]] += 1
            lie = self._lie(item)
            if lie is not None:
                self.lies.append(f"order {item['order_id']}: {item['outcome']}, and {lie}")

    def _outcomes_of_file(self, printed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        wanted = range(FIRST_ORDER, FIRST_ORDER + ORDERS_A_KILL * self.kills)
        if sorted(item["order_id"] for item in printed) != list(wanted):
            self.lies.append(f"{len(printed)} outcomes for {len(wanted)} orders, or not once for each")
        return printed

    def _outcomes_of_account(self) -> list[dict[str, Any]]:
        if self.begun.keys() != self.recorded.keys():
            self.lies.append(f"begun, and without an outcome at the end: {self.begun.keys() - self.recorded.keys()}")
        if self._exit_code != UNKNOWN and (still := live(self._server, ACCOUNT)):
            self.lies.append(f"the account counts as clear, and these are open: {still}")
        usual = {"confirmed": False}
        return [
            {**usual, **ended, "order_id": order_id, "exit_code": EXIT_CODES[KINDS_OF_OUTCOMES[ended["outcome"]]]}
            for order_id, ended in self.recorded.items()
        ]

    def _lie(self, item: dict[str, Any]) -> str | None:
        before, now = self._before.get(item["order_id"]), self._server.exchange.orders.get(item["order_id"])
        was_cancelled = before != now and now is not None and now.status == "Canceled"
        if item["outcome"] == "Cancelled":
            was_in_doubt = self.begun[item["order_id"]] > 1 or item["confirmed"]
            is_true = was_cancelled or (was_in_doubt and now is not None and now.status == "Canceled")
            return None if is_true else f"it is {now and now.status}"
        if item["outcome"] == "OrderConflict":
            if was_cancelled:
                return "it was this run that cancelled it"
            return f"it is {now.status}" if now is not None and now.is_live else None
        if item["exit_code"] == UNKNOWN:
            return None
        return None if before == now else f"it is {now and now.status}"


def _objects(text: bytes) -> Iterator[dict[str, Any]]:
    """The objects of all whole lines; an incomplete last line is left out."""
    lines: Iterable[bytes] = text.split(b"\n")[:-1]
    yield from map(json.loads, lines)


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments, run the trial, and print the result."""
    parser = argparse.ArgumentParser(prog="python -m faults.killed", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--command", choices=("orders", "all"), default="orders", help="the command that is killed")
    parser.add_argument("--kills", type=int, default=200, help="how many")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9), help="to see the same again, or nearly")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        killed = Killed(given.seed, Path(folder), given.kills, given.command)
        killed.run()
    lines = [*killed.lies, f"seed {killed.seed}: {killed.survived} kills survived, {dict(killed.outcomes)}"]
    lines.append(f"{len(killed.begun)} orders, {killed.again} begun once more: {len(killed.lies)} lies")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if killed.lies else 0


if __name__ == "__main__":
    sys.exit(main())
