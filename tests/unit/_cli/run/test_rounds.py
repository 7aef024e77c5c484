"""Outcomes that come in one round of the event loop are written together, and before another order begins."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Self, cast

import pytest
from attrs import define, field

from autoshares_cancel import Cancelled
from autoshares_cancel._batch.tasks import AsyncBatch
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.run.journal import Journal
from autoshares_cancel._cli.run.printer import Printer
from autoshares_cancel._cli.run.recorder import Recorder
from autoshares_cancel._cli.run.rows import CsvRows, Row
from autoshares_cancel._cli.run.run import Run
from autoshares_cancel._cli.run.seen_orders import SeenOrders
from autoshares_cancel._cli.run.source import OrderFile
from autoshares_cancel._cli.run.summary import RunSummary

COUNT: Final = 9
TEXT: Final = "account_id,order_id\n" + "".join(f"6303,{number}\n" for number in range(1, COUNT + 1))


@define
class Rounds:
    """A batch that takes `size` orders at a time and cancels them, and never waits: no other task gets a turn."""

    rows: AsyncIterator[Row]
    size: int
    _done: list[Row] = field(factory=list[Row])

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[Row, Outcome]:
        if not self._done:
            while len(self._done) < self.size and (row := await anext(self.rows, None)) is not None:
                self._done.append(row)
        if not self._done:
            raise StopAsyncIteration
        row = self._done.pop(0)
        return row, Cancelled(account_id=row.account_id, order_id=row.order_id, status_code=204)

    def stop(self) -> None:
        """Take no more orders."""

    async def aclose(self) -> list[tuple[Row, Outcome]]:
        """Return nothing: everything was yielded."""
        return []


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Everything that journals write, a write each."""
    written, append = list[bytes](), Journal._append

    def record(self: Journal, lines: bytes) -> None:
        written.append(lines)
        append(self, lines)

    monkeypatch.setattr(Journal, "_append", record)
    return written


class WaitingRounds(Rounds):
    """Such a batch that lets other tasks run once before each round."""

    async def __anext__(self) -> tuple[Row, Outcome]:
        await asyncio.sleep(0)
        return await super().__anext__()


def run_in_rounds(size: int, folder: Path, kind: type[Rounds] = Rounds) -> None:
    """Work off the file, so many orders at a time."""
    path = folder / "orders.csv"
    path.write_text(TEXT, encoding="ascii")
    with closing(OrderFile(path.open("rb"))) as source, closing(SeenOrders()) as seen:
        with closing(Journal.open(folder / "journal", "http://localhost/api", seen)) as journal:
            out, summary = Printer(as_json=True, output=Output()), RunSummary(time.monotonic)
            number, header = source.first()
            run = Run(source, CsvRows(header, number), seen, Recorder(journal), summary, out)
            asyncio.run(run.cancel(lambda rows: cast(AsyncBatch[Row], kind(rows, size))))
        assert summary.ended == COUNT


def events_of(lines: bytes) -> list[tuple[str, int]]:
    """What happened to which order, a line each."""
    entries: list[dict[str, Any]] = [json.loads(line) for line in lines.splitlines()]
    return [(name, entry[name][1]) for entry in entries for name in ("begun", "ended") if name in entry]


@pytest.mark.parametrize("size", [1, 2, 4, COUNT])
def test_no_order_begins_before_the_outcomes_of_the_round_before(
    size: int, tmp_path: Path, writes: list[bytes]
) -> None:
    """Law 12 and rule 2: the journal has every outcome before another order takes its place, whatever waits."""
    run_in_rounds(size, tmp_path)
    events = events_of(b"".join(writes))
    expected = list[tuple[str, int]]()
    for first in range(1, COUNT + 1, size):
        numbers = range(first, min(first + size, COUNT + 1))
        expected += [(name, number) for name in ("begun", "ended") for number in numbers]
    assert events == expected


def test_the_outcomes_of_a_round_are_one_write_and_are_all_printed(
    tmp_path: Path, writes: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """One look at the journal and one write record them; each order has its own line on stdout."""
    run_in_rounds(4, tmp_path)
    ends = [events_of(lines) for lines in writes if b'"ended"' in lines]
    assert [len(events) for events in ends] == [4, 4, 1]
    printed = [json.loads(line)["order_id"] for line in capsys.readouterr().out.splitlines()]
    assert printed == list(range(1, COUNT + 1))


def test_an_outcome_is_written_as_soon_as_the_run_waits(tmp_path: Path, writes: list[bytes]) -> None:
    """While the run waits for an order or a line, nothing that it knows is held back."""
    run_in_rounds(4, tmp_path, WaitingRounds)
    assert [len(events_of(lines)) for lines in writes if b'"ended"' in lines] == [1] * COUNT
