"""No test module imports another one: what several tests share is in separate modules."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]


def imported_names(source: str) -> Iterator[str]:
    """Every dotted name that the source imports, at any depth."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def imports_a_test(source: str, test_modules: frozenset[str]) -> bool:
    """Whether one of these modules, or a name from it, is imported."""
    return any(not test_modules.isdisjoint(name.split(".")) for name in imported_names(source))


def importing_tests(tree: Path) -> set[str]:
    """The modules below `tree` that import a test module."""
    test_modules = frozenset(path.stem for path in tree.rglob("test_*.py"))
    sources = {path.relative_to(tree).as_posix(): path.read_text(encoding="utf-8") for path in tree.rglob("*.py")}
    return {name for name, source in sources.items() if imports_a_test(source, test_modules)}


def test_no_test_module_imports_another() -> None:
    """No test module imports another, so that a change of one test never breaks another."""
    assert importing_tests(TESTS) == set()


def test_an_import_of_a_test_is_found(tmp_path: Path) -> None:
    """An import of a test module, or of a name from it, is found, also inside a function."""
    (tmp_path / "test_shared.py").touch()
    (tmp_path / "test_sound.py").write_text("from support import shared\n", encoding="utf-8")
    lines = ("from unit.test_shared import reply", "from unit import test_shared", "import unit.test_shared as shared")
    for number, line in enumerate(lines):
        (tmp_path / f"test_{number}.py").write_text(f"def test() -> None:\n    {line}\n", encoding="utf-8")
    assert importing_tests(tmp_path) == {"test_0.py", "test_1.py", "test_2.py"}
