"""Arguments and options that commands share, and the message for a wrong one."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from autoshares_cancel._cli import exit_codes
from autoshares_cancel._cli.command import Argument, flag, option, path, seconds
from autoshares_cancel._cli.exit_codes import Exit
from autoshares_cancel._cli.output import note
from autoshares_cancel._validation import MOST_CONNECTIONS, parse_id
from autoshares_cancel.errors import ConfigurationError


def _digits(name: str) -> Callable[[str], int]:
    """Make a parser of ids with parse_id, because Python's int() takes 73_552 and +73552, too."""

    def read(text: str) -> int:
        try:
            return parse_id(name, text)
        except ConfigurationError as problem:
            raise click.BadParameter(str(problem)) from None

    return read


ACCOUNT_ID: Final = Argument(
    "account_id", type=_digits("account_id"), metavar="ACCOUNT_ID", help="The trading account."
)
ORDER_IDS: Final = Argument(
    "order_ids",
    type=_digits("order_id"),
    nargs=-1,
    required=True,
    metavar="ORDER_ID...",
    help="The orders, one or more.",
)
AS_JSON: Final = flag("--json", "json_lines", help="Print one JSON object per line.")
QUIET: Final = flag("--quiet", help="Show no progress on stderr, only the last line.")
DRY_RUN: Final = flag("--dry-run", help="Show what would be cancelled, and cancel nothing.")
DEADLINE: Final = seconds("--deadline", default=30.0, help="Seconds for each order, log-in included.")
GRACE: Final = seconds("--grace", default=8.0, help="Seconds after SIGTERM or SIGHUP to finish what is under way.")
CONCURRENCY: Final = option(
    "--concurrency",
    type=click.IntRange(1, MOST_CONNECTIONS),
    default=64,
    metavar="NUMBER",
    help="Most orders under way at a time.",
)
RATE: Final = option("--rate", type=float, metavar="NUMBER", help="Most requests about orders per second.")
CA_FILE: Final = path("--ca-file", metavar="PATH", help="Certificates of a private CA: a PEM file or a folder.")
CONFIRM: Final = flag("--confirm", help="Read each order until it is final.")
IN_DOUBT: Final = flag("--in-doubt", help="An earlier cancel may have been carried out: read each order first.")
VENUE: Final = flag("--venue", help="Let the venue check each cancel, too; this takes longer.")
RESOLVE: Final = flag(
    "--resolve/--no-resolve", default=True, help="Read the order if the outcome of a cancel is unknown."
)

BATCH: Final = (QUIET, CONCURRENCY, RATE)
TERMS: Final = (GRACE, CA_FILE, CONFIRM, VENUE, RESOLVE)

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


def usage_error(message: str) -> SystemExit:
    """Print the message on stderr. Returns the exit to raise."""
    note(f"Error: {message}")
    return SystemExit(Exit.USAGE)


def settings(ca_file: Path | None, *, resolve: bool) -> dict[str, Any]:
    """The client arguments that all commands share."""
    ask = _ask_for_code if sys.stdin.isatty() else None
    return {"second_factor": ask, "verify": str(ca_file) if ca_file else True, "resolve": resolve}


def _ask_for_code() -> str:
    return click.prompt("Verification code", hide_input=True, err=True)
