"""The rules of the report: which texts are secret, which run conforms, what is red."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.browser import browser

from autoshares_cancel.contract.report.masking import Mask
from autoshares_cancel.contract.report.reporter import Reporter, verdict
from autoshares_cancel.contract.report.results import Results, remarks
from autoshares_cancel.contract.report.shape import AcceptedEntry, State
from autoshares_cancel.contract.report.terminal import terminal_lines
from autoshares_cancel.contract.report.unneeded import ACCEPTED, unneeded


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("AUTOSHARES_TOKEN", "abcd", "AUTOSHARES_TOKEN"),
        ("AUTOSHARES_PIN_CODE", "123", "123"),
        ("CONTRACT_TWO_FACTOR_PASSWORD", "abcd", "CONTRACT_TWO_FACTOR_PASSWORD"),
        ("CONTRACT_EXPIRED_TOKEN", "a\"b'c d", "CONTRACT_EXPIRED_TOKEN"),
        ("AUTOSHARES_BASE_URL", "abcd", "abcd"),
    ],
)
def test_secrets_are_shown_as_their_variables(name: str, value: str, shown: str) -> None:
    """Law 5: a secret is masked in every encoding; a very short one is not, because it would match anywhere."""
    mask = Mask({name: value, "AUTOSHARES_USERNAME": "ab"})
    spelt = (value, quote(value), repr(value)[1:-1], f"ab {value}")
    assert [mask(text) for text in spelt] == [shown, shown, shown, f"ab {shown}"]


def test_a_secret_within_another_hides_none_of_it() -> None:
    """Law 5: the longer secret is masked first, and the name of a variable is not masked again."""
    mask = Mask({"AUTOSHARES_USERNAME": "trader", "AUTOSHARES_PASSWORD": "trader-horse", "AUTOSHARES_TOKEN": "PASS"})
    assert mask("trader-horse of trader") == "AUTOSHARES_PASSWORD of AUTOSHARES_USERNAME"


@pytest.mark.parametrize(
    ("green", "red", "finished", "start"),
    [(2, 0, True, "conforms"), (2, 1, True, "does not conform"), (0, 0, True, "unknown"), (2, 0, False, "unknown")],
)
def test_the_verdict_says_no_more_than_was_shown(green: int, red: int, finished: bool, start: str) -> None:  # noqa: FBT001 - a case
    """A run that showed nothing, or that was interrupted, has an unknown verdict."""
    totals: dict[State, int] = {"green": green, "red": red, "accepted": 0, "noted": 0, "not shown": 0}
    assert verdict(totals, finished=finished).startswith(start)


@pytest.mark.parametrize(("outcome", "reason", "state"), [("passed", "", "noted"), ("skipped", "known", "accepted")])
def test_a_remark_is_neither_red_nor_green(outcome: Any, reason: str, state: State) -> None:
    """A remark is reported with its reason, and its cell is neither red nor green, even beside a green test."""
    made, place = Results(Mask({})), ("test_it.py", 0, "test_that")
    cell: dict[str, Any] = {"section": "checks", "row": "r", "column": "c", "note": "", "order": 0}
    kept: list[tuple[str, object]] = [
        ("contract_cell", cell),
        ("contract_remark", {"what": "w", "reason": reason}),
    ]
    made.add(pytest.TestReport("test_it.py::test_this", place, {}, "passed", None, "call", user_properties=kept[:1]))
    made.add(pytest.TestReport("test_it.py::test_that", place, {}, outcome, "it", "call", user_properties=kept))
    assert [each["state"] for each in made.cells()] == [state]
    tests = ["test_it.py::test_that"]
    assert remarks(made.trials.values()) == [{"what": "w", "reason": reason, "rule": "checks · r: w", "tests": tests}]
    assert made.findings() == []


def test_the_report_keeps_what_reproduces_a_finding() -> None:
    """A long target does not hide the complaint behind it; the curl command is complete, however long it is."""
    made, long = Results(Mask({})), "1" * 5000
    found = {"what": f"DELETE /v1/orders/{long}: 204, not 422", "client": "", "curl": f"curl {long}"}
    kept: list[tuple[str, object]] = [("contract_finding", found)]
    place = ("test_it.py", 0, "test_that")
    made.add(pytest.TestReport("test_that", place, {}, "failed", found["what"], "call", user_properties=kept))
    assert [(each["what"], each["curl"]) for each in made.findings()] == [
        ("DELETE /v1/orders/1111… (5,000 characters): 204, not 422", f"curl {long}")
    ]


ENTRIES: list[AcceptedEntry] = [
    {"check": "checks · r", "rule": "", "reason": "needed"},
    {"check": "checks · r · c", "rule": "", "reason": "another entry is used for the same"},
    {"check": "checks · gap", "rule": "", "reason": "not shown"},
    {"check": "checks · mistyped", "rule": "", "reason": "no such check"},
    {"check": "", "rule": "405", "reason": "any check"},
]


@pytest.mark.parametrize("state", ["skipped", "failed"])
def test_an_accepted_entry_without_a_finding_is_named(state: Any) -> None:
    """An entry is reported if its cells were shown and no finding, red or accepted, needed it."""
    made, place = Results(Mask({})), ("test_it.py", 0, "test_that")
    trials: list[tuple[str, str, Any]] = [("test_this", "r", state), ("test_that", "gap", "skipped")]
    for name, row, outcome in trials:
        cell: dict[str, Any] = {"section": "checks", "row": row, "column": "c", "note": "", "order": 0}
        kept: list[tuple[str, object]] = [("contract_cell", cell)]
        if row == "r":
            kept += [
                ("contract_accepted", {"entries": [0]}),
                ("contract_remark", {"what": "w", "reason": "known"}),
            ]
        made.add(pytest.TestReport(f"test_it.py::{name}", place, {}, outcome, "it", "call", user_properties=kept))
    named = unneeded(ENTRIES, made.trials.values(), made.cells())
    assert [ENTRIES.index(entry) for entry in named] == [1, 3, 4]


@pytest.mark.parametrize(("code", "count"), [(pytest.ExitCode.OK, 1), (pytest.ExitCode.INTERRUPTED, 0)])
def test_a_run_that_is_broken_off_names_no_entry(
    pytestconfig: pytest.Config, tmp_path: Path, code: pytest.ExitCode, count: int
) -> None:
    """An interrupted run reports no entry as unneeded. Law 5: secrets in an entry are masked."""
    reporter = Reporter(pytestconfig, tmp_path, Mask({"AUTOSHARES_TOKEN": "hushed"}))
    reporter.stash = pytest.Stash()
    entries: list[AcceptedEntry] = [{"check": "checks · r", "rule": "hushed", "reason": "known"}]
    reporter.stash[ACCEPTED] = entries
    report = reporter.report(code)
    lines = [line for line in terminal_lines(report) if line.startswith("NOT NEEDED")]
    assert [entry["rule"] for entry in report["unneeded"]] == ["AUTOSHARES_TOKEN"] * count
    assert len(lines) == count


def test_a_module_that_cannot_be_imported_is_red() -> None:
    """A module that cannot be imported has no tests, and is red in the report."""
    made = Results(Mask({}))
    made.add(pytest.CollectReport("test_it.py", "failed", "…\nE   ImportError: no such thing", None))
    assert [cell["state"] for cell in made.cells()] == ["red"]
    assert [found["what"] for found in made.findings()] == ["test_it.py: ImportError: no such thing"]


def results_of(*phases: tuple[Any, Any]) -> Results:
    """The results of one test with the given outcomes and phases; xdist's own phase for a dead worker is ???."""
    made = Results(Mask({}))
    for outcome, phase in phases:
        place = ("test_it.py", 0, "test_that")
        made.add(pytest.TestReport("test_it.py::test_that", place, {}, outcome, "worker 'gw1' crashed", phase))
    return made


def test_a_worker_that_died_is_red() -> None:
    """The test of a worker that died is red, and is named, because its cell is not known."""
    made = results_of(("failed", "???"))
    assert [(cell["section"], cell["state"]) for cell in made.cells()] == [("other tests", "red")]
    assert [found["what"] for found in made.findings()] == ["test_it.py::test_that: worker 'gw1' crashed"]


def test_a_test_that_did_not_end_is_not_green() -> None:
    """A test whose set-up passed before the run was interrupted is reported as not shown."""
    cells = results_of(("passed", "setup")).cells()
    assert [(cell["state"], cell["reasons"]) for cell in cells] == [("not shown", ["it did not run to its end"])]


@pytest.mark.parametrize("after", ["passed", "skipped"])
def test_red_stays_red(after: str) -> None:
    """A later pass does not undo a failure."""
    assert [cell["state"] for cell in results_of(("failed", "call"), (after, "teardown")).cells()] == ["red"]


def test_an_old_report_is_gone_when_a_run_begins(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """A run that can't write its report does not leave the report of the run before."""
    for kind in ("html", "json"):
        (tmp_path / f"report.{kind}").touch()
    Reporter(pytestconfig, tmp_path, Mask({}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("promised", "raised"), [("", pytest.skip.Exception), ("1", AssertionError)])
def test_a_missing_browser_is_reported(
    monkeypatch: pytest.MonkeyPatch, promised: str, raised: type[BaseException]
) -> None:
    """Without a browser the test is skipped with advice; if CI has installed one, the test fails."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI_HAS_BROWSER", promised)
    with pytest.raises(raised, match=r"chromium"):
        browser()
