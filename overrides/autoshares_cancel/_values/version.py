"""The version of the package: a constant, because importlib.metadata is slow to load. pyproject.toml has the same."""

from typing import Final

__version__: Final = "0.1.0"
