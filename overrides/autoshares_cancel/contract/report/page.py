"""The report as a page and as lines for a terminal."""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autoshares_cancel.contract.report.shape import AcceptedEntry, CellReport, Report, State

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


SELDOM = ("pending", "accepted", "noted")
# Not by colour alone, and not by words alone.
SIGNS: dict[State, str] = {"green": "✓", "red": "✗", "pending": "…", "accepted": "≈", "noted": "•", "not shown": "○"}


@frozen
class Matrix:
    """The cells of one section; where a row has no test for a column, there is no cell."""

    section: str
    rows: list[str]
    columns: list[str]
    cells: dict[tuple[str, str], CellReport]


@frozen
class Gap:
    """What was not shown for one reason: cells of one row."""

    place: str
    reason: str


def matrices(report: Report) -> list[Matrix]:
    """One for each section, rows and columns in the order of their first cells."""
    sections: dict[str, dict[tuple[str, str], CellReport]] = {}
    for cell in report["cells"]:
        sections.setdefault(cell["section"], {})[cell["row"], cell["column"]] = cell
    return [
        Matrix(
            name,
            list(dict.fromkeys(row for row, _ in cells)),
            list(dict.fromkeys(column for _, column in cells)),
            cells,
        )
        for name, cells in sections.items()
    ]


def gaps(report: Report) -> list[Gap]:
    """What was not shown and why; a green cell is there too, if some of its tests were skipped."""
    columns: dict[tuple[str, str, str], list[str]] = {}
    for cell in report["cells"]:
        partly = "" if cell["state"] == "not shown" else " (in part)"
        for reason in cell["reasons"]:
            columns.setdefault((cell["section"], cell["row"], reason), []).append(cell["column"] + partly)
    return [Gap(f"{section} · {row} · {', '.join(columns[section, row, why])}", why) for section, row, why in columns]


def page(report: Report) -> str:
    """One HTML page that needs nothing else."""
    template = TEMPLATES.get_template("page.html.jinja")
    return template.render(report=report, matrices=matrices(report), gaps=gaps(report), signs=SIGNS, named=named)


def terminal_lines(report: Report) -> Iterator[str]:
    """A line for each finding, its reproductions below it; for each remark; for each reason not to show something."""
    wrong = [(f"WRONG: {found['what']}", found["client"], found["curl"]) for found in report["findings"]]
    for found in report["pending"]:
        line = f"PENDING, for the check is new in {found['since']}: {found['what']}"
        wrong.append((line, found["client"], found["curl"]))
    for line, *reproductions in wrong:
        yield line
        for reproduction in filter(None, reproductions):
            yield from textwrap.indent(reproduction, "    ").splitlines()
    for remark in report["remarks"]:
        yield f"ACCEPTED: {remark['what']}: {remark['reason']}" if remark["reason"] else f"NOTED: {remark['what']}"
    places: dict[str, list[str]] = {}
    for gap in gaps(report):
        places.setdefault(gap.reason, []).append(gap.place)
    for reason, (first, *others) in places.items():
        yield f"NOT SHOWN: {first}{f', and {len(others)} more' if others else ''}: {reason}"
    for entry in report["unneeded"]:
        yield f"NOT NEEDED: no finding needs [[accepted]] with {named(entry)}: remove it from the file of scenarios"
    yield f"contract: {counted(report['totals'])}"


def named(entry: AcceptedEntry) -> str:
    """The keys by which an entry is found in the file."""
    keys = {"check": entry["check"], "rule": entry["rule"]}
    return " and ".join(f'{key} = "{value}"' for key, value in keys.items() if value)


def counted(totals: Mapping[State, int]) -> str:
    """The number of cells in each state; pending, accepted and noted ones only if there are any."""
    return ", ".join(f"{count} {state}" for state, count in totals.items() if count or state not in SELDOM)
