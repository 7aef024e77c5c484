"""One run through a file of orders: takes the orders, cancels them, prints and records their outcomes.

1. Orders that an earlier run has left in doubt come first, so the file is read twice. All others follow in the order of
   the file. Each order is tried once, even if the file repeats it. Orders that are final in the journal are not tried.
2. The journal records an order before its request can leave, and its outcome before another order takes its place.
3. If the journal or the output can't be written, the run begins no more orders. Outcomes of orders under way still go
   wherever they can be written.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Final

from attrs import define, evolve

from autoshares_cancel._batch.tasks import AsyncBatch
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._cli.report import EXIT_CODES, as_object, line, repeated
from autoshares_cancel._cli.run.journal import Journal, WrongJournal
from autoshares_cancel._cli.run.printer import Output
from autoshares_cancel._cli.run.rows import Row, Rows, WrongLine
from autoshares_cancel._cli.run.seen_orders import Known, SeenOrders, Standing
from autoshares_cancel._cli.run.source import OrderFile, OrderPipe
from autoshares_cancel._cli.run.summary import LABELS, RunSummary

INTERRUPTED: Final = "Interrupted."
CANCELLED: Final = "cancelled"
READ_FIRST: Final = "read first, and cancelled if it still works"

Take = Callable[[int, str], Row | None]


@define
class Run:
    """One run, from the first line to the last outcome."""

    source: OrderFile | OrderPipe
    rows: Rows
    seen_orders: SeenOrders
    journal: Journal | None
    summary: RunSummary
    out: Output
    trouble: str | None = None
    """Why the run begins no more orders, if so."""
    is_at_end: bool = False
    """Whether the run has taken the whole file."""

    async def cancel(self, cancel_orders: Callable[[AsyncIterator[Row]], AsyncBatch[Row]]) -> None:
        """Cancel all orders and report their outcomes. After an interruption, report those of the orders under way."""
        batch = cancel_orders(self._take_rows())
        try:
            async for row, outcome in batch:
                self.report(row, outcome)
                if self.trouble is not None:
                    break
        except asyncio.CancelledError:
            self.trouble = self.trouble or INTERRUPTED
        for row, outcome in await _close(batch):
            self.report(row, outcome)

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
        """Record an outcome in the journal, then print it."""
        values = as_object(*row, outcome)
        self.summary.ended += 1
        self.summary.counts[EXIT_CODES[type(outcome)]] += 1
        if self.journal is not None:
            self._write("the journal", partial(self.journal.ends, values))
        self._print(row, values, f"{row.account_id}  {line(row.order_id, outcome)}")

    def _passes(self) -> tuple[Take, ...]:
        return (self._take_in_doubt, self._take_other) if self.seen_orders.in_doubt() else (self._take_other,)

    async def _take_rows(self) -> AsyncIterator[Row]:
        for take in self._passes():
            async for number, text in self.source.lines():
                # Trouble may have come during the wait for the line; then its order is not begun.
                row = take(number, text) if self.trouble is None else None
                if row is not None:
                    self._begin(row)
                if self.trouble is not None:
                    return
                if row is not None:
                    yield row
        self.is_at_end = True

    def _begin(self, row: Row) -> None:
        if self.journal is not None:
            self._write("the journal", partial(self.journal.begins, row))
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
        return self._mark_seen(row, known)

    def _take_other(self, number: int, text: str) -> Row | None:
        """Take the order of a line if it is still to be tried. If not, print why."""
        try:
            row = self.rows.row(number, text)
        except WrongLine as problem:
            self._print_problem(number, problem)
            return None
        known = None if row is None else self.seen_orders.of(row)
        if row is None or known is None or known.line == row.line:
            return None
        if known.line is not None:
            self._print_repeated(row, known.line)
            return None
        self._mark_seen(row, known)
        if known.standing is Standing.FINAL:
            self._print_from_journal(row, known.place)
            return None
        return row

    def _mark_seen(self, row: Row, known: Known) -> Row:
        self.seen_orders.put(row, evolve(known, line=row.line))
        row.in_doubt = known.is_in_doubt
        return row

    def _print_problem(self, number: int, problem: WrongLine) -> None:
        self.summary.counts[2] += 1
        self._write("stderr", partial(self.out.print_problem, f"line {number}: {problem}"))

    def _print_repeated(self, row: Row, first: int) -> None:
        self.summary.repeated += 1
        values = repeated(*row, first)
        self._print(row, values, f"{row.account_id}  {row.order_id}  not tried again: {values['detail']}")

    def _print_from_journal(self, row: Row, place: int) -> None:
        if self.journal is None:
            return
        try:
            values = self.journal.outcome_at(row, place)
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
        self._write("the output", partial(self.out.print_row, row, values, text, from_journal=from_journal))

    def _write(self, what: str, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as problem:
            self.trouble = self.trouble or f"{what} can't be written: {problem.strerror or problem}."


async def _close(batch: AsyncBatch[Row]) -> list[tuple[Row, Outcome]]:
    try:
        return await batch.aclose()
    except asyncio.CancelledError:  # a second interruption cuts off the orders under way
        return await batch.aclose()
