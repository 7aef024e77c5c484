"""The version of the package is the same number wherever it is read."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import autoshares_cancel

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"


def test_the_constant_is_the_version_of_the_project() -> None:
    """__version__ equals the version in pyproject.toml and in the installed metadata."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    assert autoshares_cancel.__version__ == project["version"] == version("autoshares-cancel")


def test_the_changelog_has_a_section_for_the_version() -> None:
    """The newest section with a number is that of the project's version."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\d[\w.]*)", changelog, flags=re.MULTILINE)
    assert sections[0] == autoshares_cancel.__version__
