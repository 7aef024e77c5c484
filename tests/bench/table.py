"""The figures as a table of text."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from bench.figures import Middle, Row

SEPARATE = 10
"""Numbers of at least this size are shown without decimals."""


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of each contest: both entrants, their medians with spread, the ratio and the target."""
    for contest, of_contest in groupby(rows, lambda row: row.contest):
        yield f"\n{contest}"
        for row in of_contest:
            yield f"  {row.pair.ours:28} : {row.pair.peer:28} {row.reason or figures(row)}".rstrip()


def figures(row: Row) -> str:
    """The figures of one row."""
    assert row.ours is not None
    assert row.peer is not None
    unit = row.pair.figure
    sides = f"{middle(row.ours, unit):>24} {middle(row.peer, unit):>24}"
    return f"{sides}  {compared(row):>8} {between(row):17} {verdict(row)}"


def middle(value: Middle, unit: str) -> str:
    """The median, its unit and the spread, as in "1,234 calls/s ±3%"."""
    return f"{number(value.median)} {unit} ±{value.spread:.0%}"


def number(value: float) -> str:
    """A short number."""
    return f"{value:,.0f}" if abs(value) >= SEPARATE else f"{value:.2f}"


def compared(row: Row) -> str:
    """The ratio, or the difference with its unit."""
    assert row.value is not None
    return f"{row.value:.2f}" if row.pair.by == "ratio" else f"{row.value:+.1f} {row.pair.figure}"


def between(row: Row) -> str:
    """The lowest and the highest value of all rounds; empty for one round."""
    return "" if row.lowest == row.highest else f"({row.lowest:.2f} to {row.highest:.2f})"


def verdict(row: Row) -> str:
    """The target, and whether it is met."""
    return "" if row.is_met is None else f"{row.pair.target} {'met' if row.is_met else 'MISSED'}"


def summary(rows: Iterable[Row]) -> str:
    """One line with the number of targets that are met and missed."""
    aimed = [row for row in rows if row.pair.target is not None]
    met, missed = (sum(row.is_met is wanted for row in aimed) for wanted in (True, False))
    return f"{len(aimed)} targets: {met} met, {missed} missed, {len(aimed) - met - missed} not measured"
