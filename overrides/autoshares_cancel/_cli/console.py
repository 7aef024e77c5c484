"""What became of each row, on stdout: lines for people, or JSON lines for programs."""

from typing import Final

from rich.console import Console

STYLES: Final = {0: "green", 4: "yellow", 5: "bold red"}
FAILURE: Final = "red"


def plain(*, stderr: bool) -> Console:
    """A console that prints what it is given."""
    return Console(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)
