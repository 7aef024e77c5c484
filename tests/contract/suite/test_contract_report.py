"""The report has the results of the tests, in JSON, on its page and in the terminal, and no secret."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from attrs import frozen
from support.browser import Matrices, dom
from support.python_path import python_path

from autoshares_cancel import __version__

SECRET = 'p"ss & wörd/?'
SCRIPT = "<script>alert(1)</script>"
MADE = ("--contract-report=made/here", "--junitxml=made/here/junit.xml")
NEW = ".".join(__version__.split(".")[:2])
SUITE = f"""
import os, pytest

@pytest.mark.parametrize("client_kind", ["sync", "asyncio"])
@pytest.mark.parametrize("status", ["500", "409"])
def test_status(cell, finding, status, client_kind):
    cell("statuses", status, f"no body · {{client_kind}}", note="{SCRIPT}")
    if (status, client_kind) == ("409", "asyncio"):
        secret = os.environ["AUTOSHARES_PASSWORD"]
        with pytest.raises(pytest.fail.Exception):
            finding("a larger example")
        finding("a 409 has a body, says " + secret, client="{SCRIPT}\\x1b[2J", curl="curl -i …")

@pytest.mark.parametrize("named", [True, False])
def test_skipped(cell, named):
    if named:
        cell("faults", "reset", "sync")
    pytest.skip("needs {SCRIPT}")

@pytest.mark.parametrize("part", ["shown", "skipped"])
def test_in_part(cell, part):
    cell("checks", "echo", "sync", note=os.environ["AUTOSHARES_PASSWORD"])
    if part == "skipped":
        pytest.skip("no second user")

@pytest.mark.parametrize("part", ["good", "bad", "skipped"])
def test_bad_in_part(cell, part):
    cell("checks", "int32", "sync")
    if part == "skipped":
        pytest.skip("no second user")
    assert part == "good", os.environ["AUTOSHARES_PASSWORD"]

@pytest.mark.since("{NEW}")
@pytest.mark.parametrize("part", ["good", "bad"])
def test_new(cell, finding, part):
    cell("checks", "new", part)
    if part == "bad":
        finding("is wrong for " + os.environ["AUTOSHARES_PASSWORD"], curl="curl new")

@pytest.mark.xfail(reason="known")
def test_expected_to_fail(cell):
    cell("faults", "bomb", "trio")
    raise OSError

@pytest.fixture
def broken_before():
    raise OSError("no server")

@pytest.fixture
def broken_after():
    yield
    raise OSError("still open")

def test_error_before(broken_before, cell):
    cell("faults", "not reached", "sync")

def test_error_after(broken_after, cell):
    cell("faults", "leak", "sync")
"""


@frozen
class Run:
    """One run of the suite above."""

    folder: Path
    report: Any
    lines: list[str]


@pytest.fixture(scope="module", params=[[], pytest.param(["-n", "2"], marks=pytest.mark.tools)], ids=["alone", "xdist"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_it.py").write_text(SUITE, encoding="utf-8")
    options = [
        "-q",
        "-Werror",
        "--no-summary",
        "--import-mode=importlib",
        "-pxdist.plugin",
        "-pautoshares_cancel.contract.report.plugin",
    ]
    command = [sys.executable, "-m", "pytest", *options, "--rootdir=.", *MADE, *request.param]
    ours = {"PYTHONPATH": python_path(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1"}
    theirs = {"AUTOSHARES_PASSWORD": SECRET, "CONTRACT_BASE_URL": "https://me:hushed@example.com/api?key=hushed"}
    environment = {"PATH": os.environ["PATH"], **ours, **theirs}  # nothing from the environment of this run
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    report = json.loads((folder / "made/here/report.json").read_text(encoding="utf-8"))
    return Run(folder / "made/here", report, done.stdout.splitlines())


def test_a_cell_is_green_only_if_something_passed_and_nothing_failed(run: Run) -> None:
    """Red outweighs green, and green outweighs not shown; every cell is listed, in the order of the tests."""
    states = {(cell["section"], cell["row"], cell["column"]): cell["state"] for cell in run.report["cells"]}
    assert list(states.items()) == [
        (("statuses", "500", "no body · sync"), "green"),
        (("statuses", "500", "no body · asyncio"), "green"),
        (("statuses", "409", "no body · sync"), "green"),
        (("statuses", "409", "no body · asyncio"), "red"),
        (("faults", "reset", "sync"), "not shown"),
        (("faults", "bomb", "trio"), "not shown"),
        (("faults", "leak", "sync"), "red"),
        (("checks", "echo", "sync"), "green"),
        (("checks", "int32", "sync"), "red"),
        (("checks", "new", "good"), "green"),
        (("checks", "new", "bad"), "pending"),
        (("other tests", "test_it.py::test_error_before", "result"), "red"),
        (("other tests", "test_it.py::test_skipped", "result"), "not shown"),
    ]
    assert run.report["totals"] == {"green": 5, "red": 4, "pending": 1, "accepted": 0, "noted": 0, "not shown": 3}


def test_every_failure_is_a_finding(run: Run) -> None:
    """A finding has its own text and curl command, or else the test's id and the first line of the error."""
    assert [(found["what"], found["client"], found["curl"]) for found in run.report["findings"]] == [
        ("a 409 has a body, says AUTOSHARES_PASSWORD", SCRIPT + r"\x1b[2J", "curl -i …"),
        ("test_it.py::test_bad_in_part[bad]: AssertionError: AUTOSHARES_PASSWORD", "", ""),
        ("test_it.py::test_error_after: OSError: still open", "", ""),
        ("test_it.py::test_error_before: OSError: no server", "", ""),
    ]
    new = {"what": "is wrong for AUTOSHARES_PASSWORD", "client": "", "curl": "curl new", "since": NEW}
    origin = {"rule": "checks · new: is wrong for AUTOSHARES_PASSWORD", "tests": ["test_it.py::test_new[bad]"]}
    assert run.report["pending"] == [new | origin]
    assert run.report["findings"][0]["tests"] == ["test_it.py::test_status[409-asyncio]"]


def test_junit_has_the_reproductions(run: Run) -> None:
    """JUnit's report has the text and the curl command of a finding."""
    text = (run.folder / "junit.xml").read_text(encoding="utf-8")
    assert 'message="Failed: a 409 has a body, says AUTOSHARES_PASSWORD' in text
    assert "{'what': 'a 409 has a body, says AUTOSHARES_PASSWORD'" in text
    assert text.count("curl -i …") > 1


def test_the_terminal_lists_findings_gaps_and_totals(run: Run) -> None:
    """The terminal lists the findings with their reproductions, the reasons for gaps, and one line of totals."""
    start = next(number for number, line in enumerate(run.lines) if line.strip("=") == " contract ")
    page = run.folder / "report.html"
    assert run.lines[start + 1 : start + 12] == [
        "WRONG: a 409 has a body, says AUTOSHARES_PASSWORD",
        "    " + SCRIPT + r"\x1b[2J",
        "    curl -i …",
        "WRONG: test_it.py::test_bad_in_part[bad]: AssertionError: AUTOSHARES_PASSWORD",
        "WRONG: test_it.py::test_error_after: OSError: still open",
        "WRONG: test_it.py::test_error_before: OSError: no server",
        f"PENDING, for the check is new in {NEW}: is wrong for AUTOSHARES_PASSWORD",
        "    curl new",
        f"NOT SHOWN: faults · reset · sync, and 1 more: needs {SCRIPT}",
        "NOT SHOWN: faults · bomb · trio: it is expected to fail: known",
        "NOT SHOWN: checks · echo · sync (in part), and 1 more: no second user",
    ]
    assert (
        run.lines[start + 12] == f"contract: does not conform: 5 green, 4 red, 1 pending, 3 not shown; report: {page}"
    )


def test_the_report_is_about_one_run(run: Run) -> None:
    """The report has the start, duration, server and seed of its run, and the verdict as text and as a boolean."""
    about = {name: run.report[name] for name in ("schema", "conforms", "verdict", "server", "seed", "finished")}
    assert about == {
        "schema": 3,
        "conforms": False,
        "verdict": "does not conform: 5 green, 4 red, 1 pending, 3 not shown",
        "server": "https://example.com/api",
        "seed": None,
        "finished": True,
    }
    assert datetime.fromisoformat(run.report["started"]).utcoffset() == timedelta(0)
    assert 0 < run.report["seconds"] < 60


def test_no_secret_is_written(run: Run) -> None:
    """Law 5: no output has a part of a secret, in any encoding, or a script or control character."""
    page, data = ((run.folder / f"report.{kind}").read_text(encoding="utf-8") for kind in ("html", "json"))
    printed = "\n".join(run.lines)
    for text in (page, data, printed[printed.index("= contract =") :]):
        assert not [part for part in ("wörd", quote("wörd"), "hushed", "\x1b") if part in text]
    assert "<script" not in page


@pytest.mark.parametrize("run", [[]], indirect=True, ids=["alone"])
def test_a_browser_shows_the_matrix(run: Run, tmp_path: Path) -> None:
    """The tables that Chromium shows have the same cells as report.json."""
    seen = Matrices(dom(run.folder / "report.html", tmp_path))
    assert seen.cells == {(cell["section"], cell["row"], cell["column"]): cell["state"] for cell in run.report["cells"]}
    assert not seen.elements & {"script", "img", "iframe", "link"}
