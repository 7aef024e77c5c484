"""The data of the chart, which chart.py draws."""

from collections.abc import Iterable
from typing import TypedDict

from bench.figures import Row


class Bar(TypedDict):
    """One bar: how many times as good as the peer, the target in the same direction, and whether it is met."""

    label: str
    value: float
    target: float | None
    is_met: bool | None


def bars(rows: Iterable[Row]) -> list[Bar]:
    """A bar for each measured ratio, in the sequence of the table."""
    return [bar(row, value) for row in rows if (value := row.times_as_good) is not None]


def bar(row: Row, value: float) -> Bar:
    """The bar of one row."""
    pair = row.pair
    target = None if pair.target is None else row.turned(pair.target.bound)
    return Bar(label=f"{row.contest}: {pair.ours} : {pair.peer}", value=value, target=target, is_met=row.is_met)
