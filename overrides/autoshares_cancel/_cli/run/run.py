"""One run through a file of orders: takes the orders, cancels them, prints and records their outcomes.

1. Orders that an earlier run has left in doubt come first, so the file is read twice. All others follow in the order of
   the file. Each order is tried once, even if the file repeats it. Orders that are final in the journal are not tried.
2. The journal records an order before its request can leave, and its outcome before another order takes its place.
3. If the journal, the output or a temporary file can't be written, or a signal comes, the run begins no more orders.
   Orders under way are finished, and their outcomes go wherever they can be written.
"""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

from attrs import define, field

from autoshares_cancel._batch.tasks import AsyncBatch
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._cli.ending import INTERRUPTED
from autoshares_cancel._cli.exit_codes import LABELS, Exit
from autoshares_cancel._cli.report import EXIT_CODES, as_object, line, repeated
from autoshares_cancel._cli.run.journal import WrongJournal
from autoshares_cancel._cli.run.printer import Printer
from autoshares_cancel._cli.run.recorder import Recorder
from autoshares_cancel._cli.run.rows import Row, Rows, WrongLine
from autoshares_cancel._cli.run.seen_orders import SeenOrders, Standing
from autoshares_cancel._cli.run.source import Line, OrderFile, OrderPipe
from autoshares_cancel._cli.run.summary import CANCELLED, READ_FIRST, RunSummary

Take = Callable[[int, str], Row | None]


@define
class Run:
    """One run, from the first line to the last outcome."""

    source: OrderFile | OrderPipe
    rows: Rows
    seen_orders: SeenOrders
    recorder: Recorder
    summary: RunSummary
    out: Printer
    trouble: str | None = None
    """Why the run begins no more orders, if so."""
    is_at_end: bool = False
    """Whether the run has taken the whole file."""
    is_unwritten: bool = False
    """Whether the journal or a temporary file could not be written."""
    _reported: list[tuple[Row, dict[str, Any], str]] = field(factory=list[tuple[Row, dict[str, Any], str]])
    """Outcomes that are not written yet: their rows, what is recorded, and the text for people."""
    _batch: AsyncBatch[Row] | None = None
    _waiting: asyncio.Task[Any] | None = None
    """The task that waits for the next line, if one does."""

    async def cancel(self, cancel_orders: Callable[[AsyncIterator[Row]], AsyncBatch[Row]]) -> None:
        """Cancel all orders and report their outcomes. If it is cancelled, report those of the orders under way."""
        batch = self._batch = cancel_orders(self._take_rows())
        self._stop_without_output()
        try:
            async for row, outcome in batch:
                self.report(row, outcome)
        except asyncio.CancelledError:
            self.stop(INTERRUPTED)
        except Exception as fault:  # noqa: BLE001  # law 12: a fault of ours does not hide what it has begun
            self.stop(f"the program failed, which is a fault of its own: {type(fault).__name__}.")
        try:
            for row, outcome in await _close(batch):
                self.report(row, outcome)
        finally:
            self._write_outcomes()

    def stop(self, why: str) -> None:
        """Begin no more orders. `cancel` goes on until those under way have ended."""
        self.trouble = self.trouble or why
        if self._batch is not None:
            self._batch.stop()
        if self._waiting is not None:
            self._waiting.cancel()

    def rehearse(self, lines: OrderFile) -> None:
        """Print what a run would do, and send nothing."""
        self.summary.would = Counter({CANCELLED: 0})
        for take in self._passes():
            for number, text in lines:
                row = take(number, text)
                if row is not None:
                    self._print_dry_run(row)
                if self.trouble is not None:
                    return
        self.is_at_end = True

    def report(self, row: Row, outcome: Outcome) -> None:
        """Count an outcome. It is written together with others that come in the same round of the event loop."""
        values = as_object(*row, outcome)
        self.summary.ended += 1
        self.summary.counts[int(EXIT_CODES[type(outcome)])] += 1
        if not self._reported:
            asyncio.get_running_loop().call_soon(self._write_outcomes)
        text = "" if self.out.as_json else f"{row.account_id}  {line(row.order_id, outcome)}"
        self._reported.append((row, values, text))

    def _write_outcomes(self) -> None:
        """Record the reported outcomes in the journal, then print them."""
        reported, self._reported = self._reported, []
        if reported:
            self.recorder.ends(*(values for _, values, _ in reported))
            self._stop_without_journal()
        for row, values, text in reported:
            self._print(row, values, text)

    def _passes(self) -> tuple[Take, ...]:
        return (self._take_in_doubt, self._take_other) if self.seen_orders.in_doubt() else (self._take_other,)

    async def _take_rows(self) -> AsyncIterator[Row]:
        try:
            for take in self._passes():
                async for chunk in self._chunks():
                    for number, text in chunk:
                        # Trouble may have come while the run waited; then the order is not begun.
                        row = take(number, text) if self.trouble is None else None
                        if row is not None:
                            self._begin(row)
                        if self.trouble is not None:
                            return
                        if row is not None:
                            yield row
        except (OSError, sqlite3.Error, WrongJournal) as problem:
            self._stop_taking(problem)
            return
        self.is_at_end = self.trouble is None

    async def _chunks(self) -> AsyncIterator[list[Line]]:
        """All lines of the source, until the run stops, even while it waits for a line."""
        chunks = aiter(self.source.chunks())
        while not self._is_stopped():
            self._waiting = asyncio.current_task()
            try:
                chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except asyncio.CancelledError:
                if self._is_stopped():
                    return
                raise
            finally:
                self._waiting = None
            yield chunk

    def _is_stopped(self) -> bool:
        return self.trouble is not None

    def _stop_taking(self, problem: Exception) -> None:
        if isinstance(problem, OSError):
            self.stop(f"the file can't be read: {problem.strerror or problem}.")
        elif isinstance(problem, sqlite3.Error):
            self.is_unwritten = True
            self.stop(f"a temporary file can't be written: {problem}.")
        else:
            self.stop(f"{problem}.")

    def _begin(self, row: Row) -> None:
        """Record that an order begins, after the outcomes of those whose place it may take."""
        self._write_outcomes()
        if self.trouble is None:
            self.recorder.begins(row)
            self._stop_without_journal()
        self.summary.begun += self.trouble is None

    def _take_in_doubt(self, number: int, text: str) -> Row | None:
        """Take the order of a line if an earlier run has left it in doubt."""
        try:
            row = self.rows.row(number, text)
        except WrongLine:  # _take_other reports it
            return None
        known = None if row is None else self.seen_orders.of(row)
        if row is None or known is None or not known.is_in_doubt or known.line is not None:
            return None
        self.seen_orders.see(row, row.line)
        row.in_doubt = True
        return row

    def _take_other(self, number: int, text: str) -> Row | None:
        """Take the order of a line if it is still to be tried. If not, print why."""
        try:
            row = self.rows.row(number, text)
        except WrongLine as problem:
            self._print_problem(number, problem)
            return None
        known = None if row is None else self.seen_orders.see(row, row.line)
        if row is None or known is None or known.line == row.line:
            return None
        if known.line is not None:
            self._print_repeated(row, known.line)
            return None
        row.in_doubt = known.is_in_doubt
        if known.standing is Standing.FINAL:
            self._print_from_journal(row, known.place)
            return None
        return row

    def _print_problem(self, number: int, problem: WrongLine) -> None:
        self.summary.counts[Exit.WRONG_LINES] += 1
        self.out.print_problem(f"line {number}: {problem}")

    def _print_repeated(self, row: Row, first: int) -> None:
        self.summary.repeated += 1
        values = repeated(*row, first)
        self._print(row, values, f"{row.account_id}  {row.order_id}  not tried again: {values['detail']}")

    def _print_from_journal(self, row: Row, place: int) -> None:
        if (journal := self.recorder.journal) is None:
            return
        try:
            values = journal.outcome_at(row, place)
        except WrongJournal as problem:
            self.trouble = self.trouble or f"{problem}."
            return
        code = int(values["exit_code"])
        self.summary.counts[code] += 1
        self.summary.journaled += 1
        text = f"{row.account_id}  {row.order_id}  {LABELS[code]} (from the journal), not tried again"
        self._print(row, values, text, from_journal=True)

    def _print_dry_run(self, row: Row) -> None:
        would = READ_FIRST if row.in_doubt else CANCELLED
        self.summary.would[would] += 1
        values = {"account_id": row.account_id, "order_id": row.order_id, "would_be": would}
        self._print(row, values, f"{row.account_id}  {row.order_id}  would be {would}")

    def _print(self, row: Row, values: dict[str, Any], text: str, *, from_journal: bool = False) -> None:
        self.out.print_row(row, values, text, from_journal=from_journal)
        self._stop_without_output()

    def _stop_without_output(self) -> None:
        if (trouble := self.out.output.trouble) is not None:
            self.stop(trouble)

    def _stop_without_journal(self) -> None:
        if self.recorder.trouble is not None:
            self.is_unwritten = True
            self.stop(self.recorder.trouble)


async def _close(batch: AsyncBatch[Row]) -> list[tuple[Row, Outcome]]:
    try:
        return await batch.aclose()
    except asyncio.CancelledError:  # a second interruption cuts off the orders under way
        return await batch.aclose()
