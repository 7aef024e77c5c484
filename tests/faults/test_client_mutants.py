"""The client's mutants when mutmut or a test fails; mutmut itself is not run."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from faults import client_mutants
from faults.copies import ROOT, RunError
from faults.mutmut_folder import RECORDER, Mutant, verdict
from faults.runner import tried

COLLECT_TWICE = """
import sys

import pytest

arguments = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
sys.exit(pytest.main([*arguments, "--collect-only", "test_it.py"]) or pytest.main([*arguments, sys.argv[1]]))
"""
BACKSLASH = """
import pytest


@pytest.mark.parametrize("value", [b"\\n"], ids=repr)
def test_it(value):
    pass
"""


class FakeMutmut:
    """A mutmut that fails a given number of times for each module, and leaves files behind."""

    def __init__(self, failures: dict[str, int]) -> None:
        self.failures, self.filled, self.found = failures, 0, list[str]()

    def fill(self, folder: Path, tree: Path, modules: Sequence[str], judges: Sequence[str]) -> None:
        self.filled += 1
        assert not any(folder.iterdir())
        (folder / "mutants").mkdir()

    def run_mutmut(self, folder: Path, module: str) -> None:
        assert (folder / "mutants").is_dir()
        if self.failures.get(module, 0):
            self.failures[module] -= 1
            raise RunError("mutmut ended with 1")

    def mutants_of(self, folder: Path, module: str) -> Iterator[Mutant]:
        for killed_by in ("a test", None):
            yield Mutant(where=f"{module}.do", becomes="return None", killed_by=killed_by, seconds=0.1)


def tries(monkeypatch: pytest.MonkeyPatch, folder: Path, failures: dict[str, int]) -> tuple[FakeMutmut, dict[str, str]]:
    """Try two modules; return for each its results or its problem."""
    fake = FakeMutmut(failures)
    monkeypatch.setattr(client_mutants, "QUICK", ("_cancel/outcomes", "_retry/decision"))
    for name in ("fill", "run_mutmut", "mutants_of"):
        monkeypatch.setattr(client_mutants, name, getattr(fake, name))
    trials = client_mutants.client_trials(ROOT, quick=True)
    attempts = {attempt.trial.what: attempt for attempt in tried(trials, [folder])}
    return fake, {
        what: attempt.problem or "; ".join(f"{each.what} {each.killed_by}" for each in attempt.results)
        for what, attempt in attempts.items()
    }


FOUND = "_retry/decision.do: return None a test; _retry/decision.do: return None #2 None"


def test_a_run_of_mutmut_that_fails_once_is_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The failed run is repeated in an emptied folder, and both modules have results."""
    fake, found = tries(monkeypatch, tmp_path, {"_cancel/outcomes": 1})
    assert found == {"_cancel/outcomes": FOUND.replace("_retry/decision", "_cancel/outcomes"), "_retry/decision": FOUND}
    assert fake.filled == 2


def test_a_run_of_mutmut_that_fails_loses_no_other_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module whose run fails twice has no verdict; the other module has its results."""
    _, found = tries(monkeypatch, tmp_path, {"_cancel/outcomes": 2})
    assert found == {"_cancel/outcomes": "mutmut ended with 1", "_retry/decision": FOUND}


def test_only_a_test_that_failed_notices(tmp_path: Path) -> None:
    """Only a failed test or a time-out counts as noticed; a pytest that could not run gives no verdict."""
    record = tmp_path / "record"
    unknown = (None, "mutmut's exit code 1, and no test has failed")
    assert verdict(record, 1) == unknown
    assert verdict(record, None) == (None, "mutmut's exit code None, and no test has failed")
    assert verdict(record, 0) == (None, None)
    assert verdict(record, -24) == ("mutmut's exit code -24: out of time", None)
    record.write_text("tests/unit/test_it.py::test_it", encoding="utf-8")
    assert verdict(record, 1) == ("tests/unit/test_it.py::test_it", None)


@pytest.mark.tools
def test_a_test_is_found_again_in_the_same_process(tmp_path: Path) -> None:
    """Test ids of one pytest run are valid in the next run of the same process, as mutmut needs it."""
    (tmp_path / "conftest.py").write_text(RECORDER, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(BACKSLASH, encoding="utf-8")
    command = [sys.executable, "-c", COLLECT_TWICE, r"test_it.py::test_it[b'\\n']"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "1 passed" in run.stdout
