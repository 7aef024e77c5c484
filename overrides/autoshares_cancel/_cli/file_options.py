"""Options of `orders` about the form of its file and its journal."""

from typing import Annotated

import typer

from autoshares_cancel._cli.run.columns import delimiter_of
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
Sync = Annotated[bool, typer.Option("--sync", help="Force each line of the journal to the disk, which takes longer.")]
