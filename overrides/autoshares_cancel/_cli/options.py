"""Arguments and options that commands share, and the message for a wrong one."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from autoshares_cancel._cli import exit_codes
from autoshares_cancel._cli.exit_codes import Exit
from autoshares_cancel._cli.output import note
from autoshares_cancel._validation import MOST_CONNECTIONS, parse_id
from autoshares_cancel.errors import ConfigurationError


def _digits(name: str) -> Callable[[str], int]:
    """Make a parser of ids with parse_id, because typer's depends on its version: one reads 73552.0 as 73552."""

    def read(text: str) -> int:
        try:
            return parse_id(name, text)
        except ConfigurationError as problem:
            raise typer.BadParameter(str(problem)) from None

    return read


AccountId = Annotated[
    int, typer.Argument(parser=_digits("account_id"), metavar="ACCOUNT_ID", help="The trading account.")
]
OrderIds = Annotated[
    list[int],
    typer.Argument(parser=_digits("order_id"), metavar="ORDER_ID...", help="The orders, one or more."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]
DeadlineOption = Annotated[float, typer.Option(metavar="SECONDS", help="Seconds for each order, log-in included.")]
CaFile = Annotated[
    Path | None, typer.Option(metavar="PATH", help="Certificates of a private CA: a PEM file or a folder.")
]
Confirm = Annotated[bool, typer.Option("--confirm", help="Read each order until it is final.")]
InDoubt = Annotated[
    bool, typer.Option("--in-doubt", help="An earlier cancel may have been carried out: read each order first.")
]
Venue = Annotated[bool, typer.Option("--venue", help="Let the venue check each cancel, too; this takes longer.")]
Resolve = Annotated[bool, typer.Option(help="Read the order if the outcome of a cancel is unknown.")]
Concurrency = Annotated[
    int, typer.Option(min=1, max=MOST_CONNECTIONS, metavar="NUMBER", help="Most orders under way at a time.")
]
Rate = Annotated[float | None, typer.Option(metavar="NUMBER", help="Most requests about orders per second.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be cancelled, and cancel nothing.")]
Grace = Annotated[
    float, typer.Option(metavar="SECONDS", help="Seconds after SIGTERM or SIGHUP to finish what is under way.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress on stderr, only the last line.")]

ENVIRONMENT: Final = """\b
Environment variables (a secret may be in a file that NAME_FILE names):
  AUTOSHARES_BASE_URL     as in https://broker.example/api
  AUTOSHARES_APP_KEY      the application's key
  AUTOSHARES_USERNAME     with AUTOSHARES_PASSWORD, and AUTOSHARES_PIN_CODE
                          where the broker asks for a PIN
  AUTOSHARES_TOKEN        instead of user name and password
  AUTOSHARES_TOKEN_STORE  a folder in which processes share their log-in
  AUTOSHARES_API_VERSION  1 if not set
"""
EXIT_CODES_HELP: Final = exit_codes.as_help()


def usage_error(message: str) -> typer.Exit:
    """Print the message on stderr. Returns the exit to raise."""
    note(f"Error: {message}")
    return typer.Exit(Exit.USAGE)


def settings(ca_file: Path | None, *, resolve: bool) -> dict[str, Any]:
    """The client arguments that all commands share."""
    ask = _ask_for_code if sys.stdin.isatty() else None
    return {"second_factor": ask, "verify": str(ca_file) if ca_file else True, "resolve": resolve}


def _ask_for_code() -> str:
    return cast(str, typer.prompt("Verification code", hide_input=True, err=True))
