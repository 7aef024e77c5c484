"""`make fuzz` can fail, prints how to repeat a run, and ends."""

from itertools import chain, repeat
from pathlib import Path
from runpy import run_path

import pytest
from contract.fuzz import MEMORY, ROOT, explore, first_seed, hypothesis, main, own_configuration
from hypothesis import settings

from autoshares_cancel.contract.report.fixture_types import Cell

CONFTEST = """
from hypothesis import Phase, settings
settings.register_profile("explore", database=None, phases=[Phase.generate])
"""
PLANTED = """
import pytest
from hypothesis import given, strategies as st

@pytest.mark.fuzz
@given(st.integers())
def test_planted(number):
    assert number < 1000, "a large number"

def test_without_the_mark():
    raise AssertionError("must not run")
"""


@pytest.mark.tools
def test_a_counterexample_is_printed_with_its_replay_command(
    tmp_path: Path, cell: Cell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A counterexample gives exit code 1 and is printed with the command that begins with its seed."""
    cell("checks", "make fuzz", "can fail")
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_planted.py").write_text(PLANTED, encoding="utf-8")
    monkeypatch.setattr("contract.fuzz.MEMORY", tmp_path)
    monkeypatch.setattr("contract.fuzz.SHORTEN_SECONDS", 0.01)
    assert main(["--seconds=600", "--seed=7", f"--tests={tmp_path}"]) == 1
    printed = capsys.readouterr().out
    assert "test_planted.py::test_planted" in printed
    assert "a large number" in printed
    assert "must not run" not in printed
    assert printed.endswith("Hypothesis found something. To see it again: make fuzz SECONDS=600 SEED=7\n")


def test_rounds_go_on_with_the_next_seed_until_the_time_is_up(cell: Cell, capsys: pytest.CaptureFixture[str]) -> None:
    """Each round has the next seed; when no time is left and nothing was found, the exit code is 0."""
    cell("checks", "make fuzz", "ends in time")
    asked: list[tuple[str, int, float]] = []

    def one(seed: int, seconds: float) -> str:
        asked.append(("one", seed, seconds))
        return ""

    def two(seed: int, seconds: float) -> None:
        asked.append(("two", seed, seconds))

    ticks = chain([0, 0, 10, 10, 20, 20, 30], repeat(30))
    assert explore({"one": one, "two": two}, seed=5, seconds=30, clock=lambda: float(next(ticks))) == 0
    assert asked == [("one", 5, 30.0), ("two", 5, 20.0), ("one", 6, 10.0)]
    printed = capsys.readouterr().out
    assert "to replay: make fuzz SECONDS=30 SEED=5" in printed
    assert "seed 5  one: nothing" in printed
    assert "seed 5  two: no time to finish" in printed
    assert printed.endswith("make fuzz: nothing was found in 30.0 s\n")


def test_the_replay_begins_with_the_round_that_found_something(
    tmp_path: Path, cell: Cell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The round that finds a counterexample is the last one, and its seed is printed."""
    cell("checks", "make fuzz", "replays the round")
    monkeypatch.setattr("contract.fuzz.MEMORY", tmp_path)
    assert explore({"it": lambda seed, _: "a bug" * (seed == 9)}, seed=7, seconds=1, clock=lambda: 0.0) == 1
    printed = capsys.readouterr().out
    assert printed.endswith("a bug\nmake fuzz: it found something. To see it again: make fuzz SECONDS=1 SEED=9\n")


@pytest.mark.parametrize("name", ["--seconds", "--seed"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "٣"])
def test_bad_numbers_are_refused(cell: Cell, capsys: pytest.CaptureFixture[str], name: str, value: str) -> None:
    """A bad number gives exit code 2 and a message with the given value."""
    cell("checks", "make fuzz", "refuses what makes no sense")
    with pytest.raises(SystemExit) as ended:
        main([f"{name}={value}"])
    assert ended.value.code == 2
    least = 1 if name == "--seconds" else 0
    message = f"make fuzz: error: argument {name}: must be a whole number, at least {least}, not {value!r}"
    assert message in capsys.readouterr().err


def test_no_seconds_are_refused(cell: Cell, capsys: pytest.CaptureFixture[str]) -> None:
    """Zero seconds are refused, because a run without tests must not pass."""
    cell("checks", "make fuzz", "refuses what makes no sense")
    with pytest.raises(SystemExit):
        main(["--seconds=0"])
    assert "must be a whole number, at least 1, not '0'" in capsys.readouterr().err


@pytest.mark.parametrize("code", [2, 5, -9])
def test_a_search_that_failed_is_no_success(
    cell: Cell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """A run that failed gives exit code 2 and its output; 5 is pytest's code for no tests."""
    cell("checks", "make fuzz", "says when it can't look")
    monkeypatch.setattr("contract.fuzz.run", lambda *_: (code, "no tests ran"))
    assert main(["--seconds=60", "--seed=1"]) == 2
    printed = capsys.readouterr().err
    assert printed == f"make fuzz: the search failed:\nno tests ran\nit ended with exit code {code}\n"


@pytest.mark.parametrize(("again", "expected"), [((1, "small"), "small"), ((None, ""), "large"), ((0, ""), "large")])
def test_a_counterexample_that_cannot_be_shrunk_is_kept(
    cell: Cell, monkeypatch: pytest.MonkeyPatch, again: tuple[int | None, str], expected: str
) -> None:
    """The first counterexample is kept if shrinking fails or takes too long."""
    cell("checks", "make fuzz", "loses nothing")
    answers = iter([(1, "large"), again])
    monkeypatch.setattr("contract.fuzz.run", lambda *_: next(answers))
    assert hypothesis("tests/contract", 1, 5.0) == expected


def test_the_next_run_begins_with_the_last_counterexample(
    tmp_path: Path, cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run begins with the seed of the last counterexample, until that seed finds nothing."""
    cell("checks", "make fuzz", "remembers")
    monkeypatch.setattr("contract.fuzz.MEMORY", tmp_path)
    monkeypatch.setattr("contract.fuzz.run", lambda *_: (1, "a bug"))
    assert main(["--seconds=60", "--seed=7"]) == 1
    assert first_seed() == 7
    monkeypatch.setattr("contract.fuzz.explore", lambda *_, seed, **__: int(seed != 7))
    assert main([]) == 0
    assert not (tmp_path / "seed").exists()


def test_importing_the_suite_keeps_the_chosen_profile(cell: Cell) -> None:
    """Importing the suite's settings a second time, as its tests do, keeps the chosen profile."""
    cell("checks", "make fuzz", "is not deterministic")
    try:
        settings.load_profile("explore")
        run_path(str(ROOT / "tests" / "conftest.py"))
        assert not settings().derandomize
    finally:
        settings.load_profile("suite")


def test_a_search_that_is_stopped_has_found_nothing(
    tmp_path: Path, cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that does not end in time is stopped and gives None."""
    cell("checks", "make fuzz", "ends in time")
    (tmp_path / "conftest.py").write_text("import threading; threading.Event().wait()", encoding="utf-8")
    assert hypothesis(str(tmp_path), 1, 0.01) is None


def test_schemathesis_explores(tmp_path: Path, cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemathesis explores with the suite's configuration, but not deterministically, and writes below .cache."""
    cell("checks", "make fuzz", "is not deterministic")
    assert MEMORY.parent.name == ".cache"
    monkeypatch.setattr("contract.fuzz.MEMORY", tmp_path)
    text = own_configuration().read_text(encoding="utf-8")
    assert "\ndeterministic = false\n" in text
    assert "deterministic = true" not in text
