"""The terminal: styles by exit code, and a console that prints text unchanged."""

from typing import Final

from rich.console import Console

STYLES: Final = {0: "green", 4: "yellow", 5: "bold red"}
"""By exit code; FAILURE is the style of all others."""
FAILURE: Final = "red"


def plain(*, stderr: bool) -> Console:
    """Make a console that does not highlight, wrap or interpret text."""
    return Console(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)
