"""The version of the package: one number, wherever it is read."""

import tomllib
from importlib.metadata import version
from pathlib import Path

import autoshares_cancel

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_the_constant_is_the_version_of_the_project() -> None:
    """What the client sends is what pyproject.toml has, and what the command line shows."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    assert autoshares_cancel.__version__ == project["version"] == version("autoshares-cancel")
