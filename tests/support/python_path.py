"""The module path of child processes: the tests, and the sources that this process uses."""

import os
from pathlib import Path

TESTS = Path(__file__).parents[1]


def python_path() -> str:
    """A PYTHONPATH for child processes: in a copy of the tree they import the sources of the copy."""
    return os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH"))))
