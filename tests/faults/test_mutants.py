"""The runner of mutants, tested on a tree of two lines: it reports survivors, misfits and missing verdicts."""

from pathlib import Path

import pytest
from faults.two_lines import ELSEWHERE, EXPLAINED, HALF, MISFIT, NOTICED, TEST, UNNOTICED, plant_tree, run


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # plugins take longer than these tests
    return plant_tree(tmp_path / "tree")


@pytest.mark.tools
def test_a_mutant_that_is_noticed_passes(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A noticed and an explained mutant give exit code 0; the table has test or reason, and the tree is unchanged."""
    assert run(tree, NOTICED, EXPLAINED, options=["--quick"]) == 0
    printed = capsys.readouterr().out
    assert "tests/test_app.py::test_half" in printed
    assert "equivalent: only even numbers are halved" in printed
    assert "1 of    2 noticed, 1 equivalent, 0 survived" in printed
    assert (tree / "app.py").read_text(encoding="utf-8") == HALF


def test_a_mutant_that_nothing_notices_fails(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A survivor gives exit code 1, even if the other mutant is noticed."""
    assert run(tree, UNNOTICED, NOTICED, options=["--quick"]) == 1
    printed = capsys.readouterr().out
    assert "law" not in printed
    assert "a true half: SURVIVED" in printed
    assert "1 of    2 noticed, 0 equivalent, 1 survived" in printed


def test_a_mutant_that_does_not_fit_is_an_error(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mutant that does not fit gives exit code 2 before anything is tried."""
    assert run(tree, NOTICED, MISFIT) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "app.py: 0 places in place of 1, so this mutant does not fit: not there\n"


@pytest.mark.tools
def test_tests_that_are_not_there_are_no_verdict(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing test gives exit code 2 and no verdict, though pytest fails; other mutants are judged."""
    assert run(tree, NOTICED + 'only = "nowhere"\n', ELSEWHERE) == 2
    printed = capsys.readouterr().out
    assert "twice: not judged: no such test: -k nowhere tests/test_app.py" in printed
    assert "1 of    2 noticed, 0 equivalent, 0 survived, 1 not judged" in printed


@pytest.mark.tools
def test_a_tree_that_fails_without_a_mutant_says_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A judge that fails without a mutant gives no verdict; mutants of other judges are judged, and only once."""
    busy = tree.with_name("busy")
    busy.touch()
    write_test(tree, "from pathlib import Path", f"assert not Path({str(busy)!r}).exists()")
    assert run(tree, NOTICED, ELSEWHERE) == 2
    printed = capsys.readouterr().out
    assert "twice      0.0 s  not judged: without any mutant, this complains: tests/test_app.py::test_half" in printed
    assert "1 of    2 noticed, 0 equivalent, 0 survived, 1 not judged" in printed
    busy.unlink()
    assert run(tree, NOTICED, ELSEWHERE) == 0
    printed = capsys.readouterr().out
    assert "2 to try, 1 more taken over" in printed
    assert "2 of    2 noticed, 0 equivalent, 0 survived\n" in printed


@pytest.mark.tools
def test_a_tree_that_fails_once_is_sound(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sound tree that fails is tried again, so that a single failure does not count."""
    seen = tree.with_name("seen")
    write_test(tree, "from pathlib import Path", f"first = not Path({str(seen)!r}).exists()")
    write_test(tree, f"Path({str(seen)!r}).touch()", "assert not first", old=None)
    assert run(tree, NOTICED) == 0
    assert "1 of    1 noticed" in capsys.readouterr().out


def write_test(tree: Path, *lines: str, old: str | None = TEST) -> None:
    """Add lines to the test, or, with `old=None`, to the lines that were added before."""
    path = tree / "tests/test_app.py"
    before = path.read_text(encoding="utf-8") if old is None else old
    path.write_text(before + "".join(f"    {line}\n" for line in lines), encoding="utf-8")
