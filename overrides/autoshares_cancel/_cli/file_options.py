"""Options about the form of a file of orders, and about the journal."""

from pathlib import Path
from typing import Final

import click

from autoshares_cancel._cli import options
from autoshares_cancel._cli.command import flag, option, path
from autoshares_cancel._cli.exit_codes import Exit
from autoshares_cancel._cli.output import note
from autoshares_cancel._cli.run.columns import delimiter_of
from autoshares_cancel._cli.run.opening import Unwritable
from autoshares_cancel.errors import ConfigurationError


def _read_delimiter(text: str) -> str:
    try:
        return delimiter_of(text)
    except ConfigurationError as problem:
        raise click.BadParameter(str(problem)) from None


FORMAT: Final = option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json"]),
    metavar="csv|json",
    help="Format of FILE, if its first character misleads.",
)
DELIMITER: Final = option(
    "--delimiter", type=_read_delimiter, metavar="CHARACTER", help="Delimiter of a CSV file, if its header misleads."
)
JOURNAL: Final = path("--journal", metavar="FILE", help="Record the run in this file, and resume it.")
SYNC: Final = flag("--sync", help="Force each line of the journal to the disk, which takes longer.")
FORM: Final = (FORMAT, DELIMITER)
RECORD: Final = (JOURNAL, SYNC)


def check_sync(journal: Path | None, *, sync: bool) -> None:
    """Raise a usage error for --sync without --journal."""
    if sync and journal is None:
        raise options.usage_error("--sync forces a journal to the disk: give --journal, too")


def unwritable(problem: Unwritable) -> SystemExit:
    """Print why nothing was begun. Returns what ends the command."""
    note(f"Error: {problem}. Nothing was begun.")
    return SystemExit(Exit.UNWRITTEN)
