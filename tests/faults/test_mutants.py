"""The runner of mutants, on a tree of two lines: it must be able to fail."""

from pathlib import Path

import pytest
from faults.mutants import main

HALF = "def half(number: int) -> int:\n    return number // 2\n"
TEST = "import sys\n\nsys.path[0] = ''\nfrom app import half\n\n\ndef test_half():\n    assert half(8) == 4\n"
MUTANT = """[[mutant]]
what = "{what}"
file = "app.py"
old = "{old}"
new = "{new}"
tests = ["tests/test_app.py"]
quick = true
"""
NOTICED = MUTANT.format(what="twice", old="number //", new="number *")
UNNOTICED = MUTANT.format(what="a true half", old="number //", new="number /")
EXPLAINED = UNNOTICED + 'reason = "nobody halves odd numbers"\n'
MISFIT = MUTANT.format(what="not there", old="number ##", new="")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # plugins take longer than these tests
    (tmp_path / "tests/faults").mkdir(parents=True)
    (tmp_path / "app.py").write_text(HALF, encoding="utf-8")
    (tmp_path / "tests/test_app.py").write_text(TEST, encoding="utf-8")
    (tmp_path / "pytest.ini").touch()
    return tmp_path


def run(tree: Path, *mutants: str, quick: bool = True) -> int:
    (tree / "tests/faults/planted.toml").write_text("\n".join(mutants), encoding="utf-8")
    return main(["--kind", "planted", *(["--quick"] if quick else [])], tree)


def test_a_mutant_that_is_noticed_passes(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and the table says which test noticed; one that is explained needs none; the tree is untouched."""
    assert run(tree, NOTICED, EXPLAINED) == 0
    said = capsys.readouterr().out
    assert "tests/test_app.py::test_half" in said
    assert "equivalent: nobody halves odd numbers" in said
    assert "1 of    2 noticed, 1 equivalent, 0 survived" in said
    assert (tree / "app.py").read_text(encoding="utf-8") == HALF


def test_a_mutant_that_nothing_notices_fails(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, though the other was noticed."""
    assert run(tree, UNNOTICED, NOTICED) == 1
    said = capsys.readouterr().out
    assert "law" not in said
    assert "a true half: SURVIVED" in said
    assert "1 of    2 noticed, 0 equivalent, 1 survived" in said


def test_a_mutant_that_does_not_fit_is_an_error(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and nothing is tried: a fault that is not planted would be noticed by nobody, or by anybody."""
    assert run(tree, NOTICED, MISFIT) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "app.py: 0 places in place of 1, so this mutant does not fit: not there\n"


def test_a_tree_that_fails_without_a_mutant_is_an_error(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2: tests that fail anyway would notice everything."""
    (tree / "tests/test_app.py").write_text(TEST.replace("== 4", "== 5"), encoding="utf-8")
    assert run(tree, NOTICED, quick=False) == 2
    assert "without any mutant, this complains: tests/test_app.py::test_half" in capsys.readouterr().err


def test_tests_that_are_not_there_notice_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1: pytest fails when it finds no test, and that is no verdict."""
    assert run(tree, NOTICED + 'only = "nowhere"\n') == 1
    assert "no such test: -k nowhere tests/test_app.py" in capsys.readouterr().out
