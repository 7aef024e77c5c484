"""Where a child process finds its modules: in the tests, and wherever this process finds the sources."""

import os
from pathlib import Path

TESTS = Path(__file__).parents[1]


def python_path() -> str:
    """A PYTHONPATH for child processes: in a copy of the tree they import the sources of the copy."""
    return os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH"))))
