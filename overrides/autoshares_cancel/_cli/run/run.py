"""One run through a file of orders: what is taken in, what is begun, and what is told of it.

1. Orders that an earlier run has left in doubt come first; for that the file is read twice. Then all others, in the
   order of the file. Each order is tried once, however often the file has it, and what is final in the journal not at
   all.
2. The journal knows of an order before its request can leave, and of its outcome before its slot is free again.
3. Where the journal or the output can't be written, no more is begun; what was begun is told wherever it still can be.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Final

from attrs import define, evolve

from autoshares_cancel._batch.tasks import AsyncBatch
from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._cli.report import EXIT_CODES, as_object, line, repeated
from autoshares_cancel._cli.run.journal import Journal
from autoshares_cancel._cli.run.printer import Output
from autoshares_cancel._cli.run.rows import Row, Rows, WrongLine
from autoshares_cancel._cli.run.seen_orders import Known, SeenOrders, Standing
from autoshares_cancel._cli.run.source import OrderFile, OrderPipe
from autoshares_cancel._cli.run.summary import LABELS, RunSummary
from autoshares_cancel.errors import OrderConflict, OutcomeUnknown

INTERRUPTED: Final = "Interrupted."
CANCELLED: Final = "cancelled"
READ_FIRST: Final = "read first, and cancelled if it still works"

Take = Callable[[int, str], Row | None]


@define
class Run:
    """A run, from the first line to the last outcome."""

    source: OrderFile | OrderPipe
    rows: Rows
    seen_orders: SeenOrders
    journal: Journal | None
    summary: RunSummary
    out: Output
    trouble: str | None = None
    """Why no more is begun."""
    is_at_end: bool = False
    """Whether the whole file was taken in."""

    async def cancel(self, cancel_orders: Callable[[AsyncIterator[Row]], AsyncBatch[Row]]) -> None:
        """Cancel everything, and tell it. An interruption ends it early, and is told, too."""
        batch = cancel_orders(self._taken_in())
        try:
            async for row, outcome in batch:
                self.tell(row, outcome)
                if self.trouble is not None:
                    break
        except asyncio.CancelledError:
            self.trouble = self.trouble or INTERRUPTED
        for row, outcome in await _rest_of(batch):
            self.tell(row, outcome)

    def rehearse(self, lines: OrderFile) -> None:
        """Tell what would be done, and do nothing."""
        self.summary.would = Counter({CANCELLED: 0})
        for take in self._passes():
            for number, text in lines:
                row = take(number, text)
                if row is not None:
                    self._tell_what_would(row)
                if self.trouble is not None:
                    return
        self.is_at_end = True

    def tell(self, row: Row, outcome: Outcome) -> None:
        """An outcome: first into the journal, then to whoever reads."""
        outcome = truth_of(row, outcome)
        told = as_object(*row, outcome)
        self.summary.ended += 1
        self.summary.counts[EXIT_CODES[type(outcome)]] += 1
        if self.journal is not None:
            self._write("the journal", partial(self.journal.ends, told, row.line))
        self._print(row, told, f"{row.account_id}  {line(row.order_id, outcome)}")

    def _passes(self) -> tuple[Take, ...]:
        return (self._in_doubt, self._admitted) if self.seen_orders.in_doubt() else (self._admitted,)

    async def _taken_in(self) -> AsyncIterator[Row]:
        for take in self._passes():
            async for number, text in self.source.lines():
                # Trouble may have come while the line was waited for; then it is not begun.
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
            self._write("the journal", partial(self.journal.begins, row, row.line))
        self.summary.begun += self.trouble is None

    def _in_doubt(self, number: int, text: str) -> Row | None:
        """The order of a line, if an earlier run has left it in doubt."""
        try:
            row = self.rows.row(number, text)
        except WrongLine:  # which is told when all lines are read
            return None
        known = None if row is None else self.seen_orders.of(row)
        if row is None or known is None or not known.is_in_doubt or known.line is not None:
            return None
        return self._met(row, known)

    def _admitted(self, number: int, text: str) -> Row | None:
        """The order of a line, if it has to be tried; if not, it is told why."""
        try:
            row = self.rows.row(number, text)
        except WrongLine as problem:
            self._complain(number, problem)
            return None
        known = None if row is None else self.seen_orders.of(row)
        if row is None or known is None or known.line == row.line:
            return None
        if known.line is not None:
            self._tell_again(row, known.line)
            return None
        self._met(row, known)
        if known.standing is Standing.FINAL:
            self._tell_from_journal(row, known.place)
            return None
        return row

    def _met(self, row: Row, known: Known) -> Row:
        self.seen_orders.put(row, evolve(known, line=row.line))
        row.in_doubt = known.is_in_doubt
        return row

    def _complain(self, number: int, problem: WrongLine) -> None:
        self.summary.counts[2] += 1
        self._write("stderr", partial(self.out.complain, f"line {number}: {problem}"))

    def _tell_again(self, row: Row, first: int) -> None:
        self.summary.repeated += 1
        told = repeated(*row, first)
        self._print(row, told, f"{row.account_id}  {row.order_id}  not tried again: {told['detail']}")

    def _tell_from_journal(self, row: Row, place: int) -> None:
        if self.journal is None:
            return
        told = self.journal.told_at(place)
        for name in ("event", "at"):
            told.pop(name, None)
        code = int(told["exit_code"])
        self.summary.counts[code] += 1
        self.summary.journaled += 1
        text = f"{row.account_id}  {row.order_id}  {LABELS[code]}, says the journal: not tried again"
        self._print(row, told, text, from_journal=True)

    def _tell_what_would(self, row: Row) -> None:
        would = READ_FIRST if row.in_doubt else CANCELLED
        self.summary.would[would] += 1
        told = {"account_id": row.account_id, "order_id": row.order_id, "would_be": would}
        self._print(row, told, f"{row.account_id}  {row.order_id}  would be {would}")

    def _print(self, row: Row, told: dict[str, Any], text: str, *, from_journal: bool = False) -> None:
        self._write("the output", partial(self.out.tell, row, told, text, from_journal=from_journal))

    def _write(self, what: str, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as problem:
            self.trouble = self.trouble or f"{what} can't be written: {problem.strerror or problem}."


def truth_of(row: Row, outcome: Outcome) -> Outcome:
    """What is true of a row: one that was in doubt, and could not be looked at, still is."""
    if not row.in_doubt or isinstance(outcome, Cancelled | OrderConflict | OutcomeUnknown):
        return outcome
    detail = f"an earlier run may have cancelled it, and this one could not look: {outcome}"
    return OutcomeUnknown(account_id=row.account_id, order_id=row.order_id, detail=detail)


async def _rest_of(batch: AsyncBatch[Row]) -> list[tuple[Row, Outcome]]:
    try:
        return await batch.aclose()
    except asyncio.CancelledError:  # somebody has lost patience, and what is under way is cut off
        return await batch.aclose()
