"""A pytest plugin that reports the results of the contract suite, as a page for people and as JSON for programs.

1. A test first declares with the fixture `cell` which cell of the report it decides.
   A test that declares none, or fails before it can, decides a cell of its own, so that no result is left out.
2. It fails with the fixture `finding`, which records how to reproduce the finding by hand.
3. It reports with `remark` a deviation that is no finding: the contract leaves it open, or it is accepted for a reason.
4. A test with the marker `since` is new in a release: pending in it, in a run that writes a report.
5. `--contract-report DIR` writes DIR/report.json (its shape is in `shape.Report`) and DIR/report.html at the
   end of the session, and prints the findings, the gaps and the totals in the terminal.

Cells, findings and remarks travel in the reports' `user_properties`, so that pytest-xdist makes no difference.
"""

from pathlib import Path
from typing import NoReturn

import pytest

from autoshares_cancel._values.version import __version__
from autoshares_cancel.contract.report.fixture_types import Cell, Finding, Remark
from autoshares_cancel.contract.report.masking import Mask
from autoshares_cancel.contract.report.pending import MARKER, mark_pending

MASK = pytest.StashKey[Mask]()


@pytest.fixture
def cell(request: pytest.FixtureRequest) -> Cell:
    """Declare the cell of the report that this test decides."""
    # Rows and columns have the order in which the tests were collected, not that in which they run.
    order = request.session.items.index(request.node)
    mask = request.config.stash[MASK]

    def decide(section: str, row: str, column: str, *, note: str = "") -> None:
        cell = {"section": section, "row": row, "column": column, "note": note, "order": order}
        decided = ("contract_cell", mask.all(cell))
        if decided not in request.node.user_properties:  # Hypothesis runs one test many times
            request.node.user_properties.append(decided)

    return decide


@pytest.fixture
def finding(request: pytest.FixtureRequest) -> Finding:
    """Fail this test with a finding and its reproduction."""
    mask = request.config.stash[MASK]
    properties = request.node.user_properties

    def fail(what: str, *, client: str = "", curl: str = "") -> NoReturn:
        # Hypothesis fails many times; its last failure is the smallest example.
        properties[:] = [each for each in properties if each[0] != "contract_finding"]
        properties.append(("contract_finding", mask.all({"what": what, "client": client, "curl": curl})))
        pytest.fail("\n".join(mask(text) for text in (what, client, curl) if text), pytrace=False)

    return fail


@pytest.fixture
def remark(request: pytest.FixtureRequest) -> Remark:
    """Report a deviation that is no finding; a test that passes after a remark is noted, not green."""
    mask, properties = request.config.stash[MASK], request.node.user_properties

    def say(what: str, *, reason: str = "") -> None:
        properties.append(("contract_remark", mask.all({"what": what, "reason": reason})))

    return say


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption("--contract-report", metavar="DIR", type=Path, help="write report.json and report.html into DIR")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    config.stash[MASK] = mask = Mask()
    folder = config.getoption("--contract-report")
    if folder is not None and not hasattr(config, "workerinput"):  # under xdist only the controller reports
        from autoshares_cancel.contract.report.reporter import Reporter  # noqa: PLC0415 - most runs need neither it nor Jinja

        config.pluginmanager.register(Reporter(config, config.invocation_params.dir / folder, mask))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    mark_pending(items, __version__, has_report=config.getoption("--contract-report") is not None)
