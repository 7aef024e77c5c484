"""`make pythons` finds other Pythons, and reports supported versions that are missing."""

import sys
from pathlib import Path

import pytest
import pythons
from packaging.version import Version

OWN = ".".join(map(str, sys.version_info[:2]))


def install(folder: Path, name: str, says: str, code: int = 0) -> Path:
    """Install a program that prints a version."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, on a machine without pyenv."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path / "path"


def test_the_newest_release_of_each_version_is_taken(path: Path) -> None:
    """The newest release of each allowed version is used, from PATH or pyenv, except the running version."""
    install(path, "python3.98", "3.98.2")
    install(path, f"python{OWN}", f"{OWN}.99")
    install(path, "python3.10", "3.10.13")
    install(path, "python3.98-config", "3.98.9")
    newer = install(path.with_name("pyenv") / "versions" / "3.98.3" / "bin", "python3.98", "3.98.3")
    other = install(path.with_name("pyenv") / "versions" / "3.99.0" / "bin", "python3.99", "3.99.0")
    assert pythons.interpreters() == {(3, 98): (Version("3.98.3"), newer), (3, 99): (Version("3.99.0"), other)}


def test_a_program_that_does_not_run_is_no_python(path: Path) -> None:
    """A program that fails, such as a pyenv shim for a version that is not chosen, is ignored."""
    install(path, "python3.98", "not chosen", code=127)
    assert pythons.interpreters() == {}


def test_supported_versions_that_are_missing_are_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Versions that the metadata names and that are not found are printed; the exit code stays 0."""
    assert pythons.main([]) == 0
    missing = [f"Python {'.'.join(map(str, version))}: not found\n" for version in sorted(pythons.supported())]
    assert capsys.readouterr().out == "".join(missing)
    assert missing
    assert OWN not in "".join(missing)


def test_the_quick_choice_is_large_and_needs_no_mock() -> None:
    """The quick choice has more than 40 files of unit tests, and none that uses the mock."""
    quick = pythons.chosen(is_quick=True)
    assert "tests/unit/_http/test_pool.py" in quick
    assert "tests/unit/_cli/test_order.py" not in quick
    assert len(quick) > 40
