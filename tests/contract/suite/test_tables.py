"""The tables: an error in one is reported before anything is sent, and the example can be used unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.scenario_table import (
    IMPOSSIBLE,
    UNKNOWN,
    Accepted,
    Table,
    TableError,
    read_table,
)
from autoshares_cancel.contract.server.specification import DOCUMENTED
from autoshares_cancel.contract.server.target import MOCK_TABLE, TargetError, find_target

EXAMPLE = MOCK_TABLE.with_name("example.toml")
SCENARIO = '[[scenarios]]\nname = "n"\nstatus = 204\noutcome = "Cancelled"\n'
WRONG = {
    "no TOML": ("name = ", "Invalid value"),
    "no name": ("account = 1", "name"),
    "an unknown setting": ('name = "x"\nacount = 1', "acount; known are name, account"),
    "a name that is none": ("name = 7", "name must be str, not 7"),
    "an account that is a word": ('name = "x"\naccount = "y"', "account must be int"),
    "an unknown kind of orders": ('name = "x"\n[orders]\nopened = [1]', "orders has opened"),
    "orders that are words": ('name = "x"\n[orders]\nopen = ["y"]', "orders.open must be a list of numbers"),
    "an unknown field": (f'name = "x"\n{SCENARIO}orders = 1', "scenarios, entry 1 has orders"),
    "an unknown kind of order": (
        f'name = "x"\n{SCENARIO}order = "x"',
        "entry 1: order must be a number or one",
    ),
    "an unknown kind of token": (f'name = "x"\n{SCENARIO}token = "x"', "entry 1: token must be one of absent"),
    "no status": ('name = "x"\n[[scenarios]]\nname = "n"\noutcome = "Cancelled"', "status"),
    "scenarios that are none": ('name = "x"\nscenarios = 3', "int"),
    "an accepted finding without a reason": ('name = "x"\n[[accepted]]\ncheck = "c"', "accepted, entry 1"),
    "what would accept everything": ('name = "x"\n[[accepted]]\nreason = "r"', "needs a check or a rule"),
    "a gap without a reason": ('name = "x"\n[[not_shown]]\nstatus = 500', "not_shown, entry 1"),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG.values(), ids=WRONG)
def test_a_wrong_table_says_what_is_wrong(tmp_path: Path, text: str, complaint: str, cell: Cell) -> None:
    """The error has the file, the place and the reason."""
    cell("checks", "a wrong table is refused", "table")
    path = tmp_path / "broker.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_table(path)
    assert str(caught.value).startswith(str(path))
    assert complaint in str(caught.value)


def test_a_table_that_is_not_there_is_named(tmp_path: Path, cell: Cell) -> None:
    """The error has the name of the missing file."""
    cell("checks", "a wrong table is refused", "table")
    with pytest.raises(TableError, match=r"nowhere\.toml"):
        read_table(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("entry", ["scenarios", "not_shown"])
def test_an_undocumented_status_in_a_table_is_refused(entry: str, tmp_path: Path) -> None:
    """Law 2: an undocumented status in a table is refused before anything is sent."""
    path = tmp_path / "broker.toml"
    more = 'name = "n"\noutcome = "Cancelled"' if entry == "scenarios" else 'reason = "r"'
    path.write_text(f'name = "x"\n[[{entry}]]\nstatus = 410\n{more}\n', encoding="utf-8")
    with pytest.raises(TargetError, match="the specification documents no cancelOrder 410"):
        find_target({"CONTRACT_SCENARIOS": str(path)})


@pytest.mark.parametrize(
    ("accepted", "complaints", "reason"),
    [
        (Accepted(check="requests · no order", reason="known"), ["405, not 404"], "known"),
        (Accepted(check="requests · no order · 404", reason="known"), ["405, not 404"], "known"),
        (Accepted(check="requests · no", reason="known"), ["405, not 404"], ""),
        (Accepted(rule="405", reason="known"), ["405, not 404"], "known"),
        (Accepted(rule="405", reason="known"), ["405, not 404", "order 1 is cancelled"], ""),
        (Accepted(check="reading", rule="405", reason="known"), ["405, not 404"], ""),
    ],
)
def test_an_entry_accepts_by_check_or_rule(accepted: Accepted, complaints: list[str], reason: str, cell: Cell) -> None:
    """An entry accepts a finding by check, rule or both; a second complaint keeps the finding red."""
    cell("checks", "what is accepted", "table")
    table = Table(name="x", accepted=[accepted])
    assert table.why_accepted(["requests · no order · 404"], complaints) == reason


@pytest.mark.parametrize("path", [MOCK_TABLE, EXAMPLE], ids=lambda path: path.name)
def test_every_documented_reply_is_in_the_table(path: Path, cell: Cell) -> None:
    """Law 2: every documented reply has a scenario or a reason for the gap, and no other reply has one."""
    cell("checks", "tables are complete", path.name)
    table = read_table(path)
    assert {scenario.documented for scenario in table.scenarios} | set(table.gaps) == set(DOCUMENTED)


def test_without_a_table_nothing_can_be_sacrificed(cell: Cell) -> None:
    """An unknown server gets requests for impossible orders only."""
    cell("checks", "an unknown server is spared", "table")
    spared = Aim("https://broker.example/api", UNKNOWN, {}, controlled=False)
    assert spared.victim("right") == (IMPOSSIBLE, IMPOSSIBLE)
    with pytest.raises(pytest.skip.Exception, match=r"orders\.open"):
        spared.take("open")
