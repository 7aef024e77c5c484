"""Options about the form of a file of orders, and about the journal."""

from pathlib import Path
from typing import Annotated

import typer

from autoshares_cancel._cli import options
from autoshares_cancel._cli.exit_codes import Exit
from autoshares_cancel._cli.output import note
from autoshares_cancel._cli.run.columns import delimiter_of
from autoshares_cancel._cli.run.opening import Unwritable
from autoshares_cancel.errors import ConfigurationError


def _read_delimiter(text: str) -> str:
    try:
        return delimiter_of(text)
    except ConfigurationError as problem:
        raise typer.BadParameter(str(problem)) from None


Delimiter = Annotated[
    str | None,
    typer.Option(parser=_read_delimiter, metavar="CHARACTER", help="Delimiter of a CSV file, if its header misleads."),
]
JournalFile = Annotated[
    Path | None, typer.Option("--journal", metavar="FILE", help="Record the run in this file, and resume it.")
]
Sync = Annotated[bool, typer.Option("--sync", help="Force each line of the journal to the disk, which takes longer.")]


def check_sync(journal: Path | None, *, sync: bool) -> None:
    """Raise a usage error for --sync without --journal."""
    if sync and journal is None:
        raise options.usage_error("--sync forces a journal to the disk: give --journal, too")


def unwritable(problem: Unwritable) -> typer.Exit:
    """Print why nothing was begun. Returns what ends the command."""
    note(f"Error: {problem}. Nothing was begun.")
    return typer.Exit(Exit.UNWRITTEN)
