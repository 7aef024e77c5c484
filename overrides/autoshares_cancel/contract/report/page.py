"""The report as an HTML page."""

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autoshares_cancel.contract.report.abridging import abridged
from autoshares_cancel.contract.report.rules import grouped
from autoshares_cancel.contract.report.shape import STATES, AcceptedEntry, CellReport, Report, State

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


SELDOM = ("pending", "accepted", "noted")
# A sign beside the colour: some readers can't tell the colours apart.
SIGNS: dict[State, str] = {"green": "✓", "red": "✗", "pending": "…", "accepted": "≈", "noted": "•", "not shown": "○"}
LEGEND: dict[State, str] = {
    "green": "the server conforms",
    "red": "it does not",
    "pending": "it does not, and the check is new",
    "accepted": "it does not, and the file of scenarios has the reason",
    "noted": "it differs where the contract leaves it open",
    "not shown": "the run could not try it",
}


@frozen
class Matrix:
    """The cells of one section; a row without a test for a column has no cell there."""

    section: str
    rows: list[str]
    columns: list[str]
    cells: dict[tuple[str, str], CellReport]

    @property
    def totals(self) -> dict[State, int]:
        """The number of cells in each state that occurs."""
        states = [cell["state"] for cell in self.cells.values()]
        return {state: states.count(state) for state in STATES if state in states}

    @property
    def is_open(self) -> bool:
        """Whether a cell is red or pending; the page folds the sections without one."""
        return bool({"red", "pending"} & self.totals.keys())


def matrices(report: Report) -> list[Matrix]:
    """Make one matrix for each section, with rows and columns in the order of their first cells."""
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


def gaps(report: Report) -> dict[str, list[str]]:
    """Return the cells that were not shown, by reason, including green cells of which some tests were skipped."""
    columns: dict[tuple[str, str, str], list[str]] = {}
    for cell in report["cells"]:
        partly = "" if cell["state"] == "not shown" else " (in part)"
        for reason in cell["reasons"]:
            columns.setdefault((reason, cell["section"], cell["row"]), []).append(cell["column"] + partly)
    places: dict[str, list[str]] = {}
    for (reason, section, row), named_columns in columns.items():
        places.setdefault(reason, []).append(f"{section} · {row} · {', '.join(named_columns)}")
    return places


def page(report: Report) -> str:
    """Render the report as one self-contained HTML page."""
    remarks = {
        "noted": grouped(each for each in report["remarks"] if not each["reason"]),
        "accepted": grouped(each for each in report["remarks"] if each["reason"]),
    }
    return TEMPLATES.get_template("page.html.jinja").render(
        report=report,
        matrices=matrices(report),
        findings=grouped(report["findings"]),
        pending=grouped(report["pending"]),
        gaps=gaps(report),
        **remarks,
        **TABLES,
    )


def named(entry: AcceptedEntry) -> str:
    """Return the keys that identify an accepted entry in the file."""
    keys = {"check": entry["check"], "rule": entry["rule"]}
    return " and ".join(f'{key} = "{value}"' for key, value in keys.items() if value)


def counted(totals: Mapping[State, int]) -> str:
    """Describe the number of cells in each state; pending, accepted and noted are left out at zero."""
    return ", ".join(f"{count} {state}" for state, count in totals.items() if count or state not in SELDOM)


TABLES = {"signs": SIGNS, "legend": LEGEND, "named": named, "counted": counted, "abridged": abridged}
"""The names of this module that the template uses."""
