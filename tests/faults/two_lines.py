"""A tree of two lines with its test and its mutants, for tests of the runner of mutants."""

from collections.abc import Sequence
from pathlib import Path

from faults.mutants import main

HALF = "def half(number: int) -> int:\n    return number // 2\n"
TEST = "import sys\n\nsys.path[0] = ''\nfrom app import half\n\n\ndef test_half():\n    assert half(8) == 4\n"
MUTANT = """[[mutant]]
what = "{what}"
file = "app.py"
old = "{old}"
new = "{new}"
tests = ["tests/{test}.py"]
quick = true
"""
NOTICED = MUTANT.format(what="twice", old="number //", new="number *", test="test_app")
UNNOTICED = MUTANT.format(what="a true half", old="number //", new="number /", test="test_app")
EXPLAINED = UNNOTICED + 'reason = "only even numbers are halved"\n'
MISFIT = MUTANT.format(what="not there", old="number ##", new="", test="test_app")
ELSEWHERE = MUTANT.format(what="nothing", old="number //", new="0 *", test="test_other")
"""A mutant that another test must notice."""


def plant_tree(tree: Path) -> Path:
    """Write the tree, without a catalogue of mutants."""
    (tree / "tests/faults").mkdir(parents=True)
    (tree / "app.py").write_text(HALF, encoding="utf-8")
    for name in ("test_app", "test_other"):
        (tree / f"tests/{name}.py").write_text(TEST, encoding="utf-8")
    (tree / "pytest.ini").touch()
    return tree


def run(tree: Path, *mutants: str, options: Sequence[str] = ()) -> int:
    """Try the sound tree and these mutants; return the exit code."""
    plant(tree, *mutants)
    return main(["--kind", "planted", *options], tree)


def plant(tree: Path, *mutants: str) -> None:
    """Write the catalogue of mutants."""
    (tree / "tests/faults/planted.toml").write_text("\n".join(mutants), encoding="utf-8")
