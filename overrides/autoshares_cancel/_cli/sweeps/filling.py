"""Adds the orders of a file to a sweep. A wrong line is reported, and the others are added."""

from collections.abc import AsyncGenerator

from attrs import define

from autoshares_cancel._batch.database.sweep import Sweep
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.run.rows import Row, Rows, WrongLine
from autoshares_cancel._cli.run.source import OrderFile, OrderPipe


@define
class Filling:
    """The orders of one file."""

    source: OrderFile | OrderPipe
    rows: Rows
    output: Output
    wrong: int = 0
    """Lines that are no orders."""

    async def fill(self, sweep: Sweep) -> int:
        """Add all orders. Returns how many are new to the sweep."""
        return await sweep.add(self._orders())

    async def _orders(self) -> AsyncGenerator[Row]:
        async for chunk in self.source.chunks():
            for number, text in chunk:
                try:
                    row = self.rows.row(number, text)
                except WrongLine as problem:
                    self.wrong += 1
                    self.output.note(f"line {number}: {problem}")
                else:
                    if row is not None:
                        yield row
