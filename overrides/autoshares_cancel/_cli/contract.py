"""The command `contract`: judges a server by its replies."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from autoshares_cancel._cli import options
from autoshares_cancel._cli.command import Argument, Command, flag, option, path

HELP: Final = """Judge a server by its replies.

Sends requests with each kind of client and byte by byte, prints each finding with code that reproduces it, and writes
a report. Without --scenarios it sends nothing that could cancel an order. A server that is the mock is reset.

\b
A file of scenarios has the server's accounts, orders that may be cancelled
for good, and how each documented reply is provoked. An example:
  python -c 'from autoshares_cancel.contract import EXAMPLE; print(EXAMPLE.read_text())'

\b
The run cancels orders of `orders.open` in the file, each once. A daily run
needs other ones each day. One of these takes the place of `orders.open`:
  CONTRACT_OPEN_ORDERS="73552,73553"  an environment variable with numbers
  --orders-from COMMAND  a command that prints numbers, within 60 seconds; it
                         inherits the environment, and --plan runs it, too
  --cancel-listed N      your consent to cancel open orders of the account:
                         the N highest numbers that listOrders gives as New or
                         PartiallyFilled; the run prints them before a cancel

\b
Examples:
  autoshares-cancel contract https://broker.example/api
  autoshares-cancel contract https://broker.example/api --scenarios broker.toml --plan
  autoshares-cancel contract https://broker.example/api --scenarios broker.toml

\b
Environment variables:
  AUTOSHARES_APP_KEY   the application's key
  AUTOSHARES_USERNAME  with AUTOSHARES_PASSWORD
  AUTOSHARES_TOKEN     instead of user name and password
  SSL_CERT_FILE        certificates of a private CA, a PEM file

\b
Exit codes:
  0  the server conforms, as far as shown; what is noted or accepted is no
     finding, nor what is pending: it counts from the next minor release on
  1  the server does not conform: there are findings
  2  the server could not be judged, or wrong usage; stderr has the reason
"""

NEEDED: Final = {"jinja2": "jinja2", "pytest": "pytest", "yaml": "pyyaml"}
"""Modules and their distributions."""
MOST_LISTED: Final = 100

BASE_URL: Final = Argument("base_url", required=True, metavar="BASE_URL", help="Where /v1 and /token begin.")
SCENARIOS: Final = path(
    "--scenarios", metavar="FILE", help="What is known of the server, and which orders may be cancelled."
)
ORDERS_FROM: Final = option(
    "--orders-from", metavar="COMMAND", help="Cancel the orders whose numbers a command prints."
)
CANCEL_LISTED: Final = option(
    "--cancel-listed",
    type=click.IntRange(1, MOST_LISTED),
    metavar="N",
    help="Cancel at most the N newest open orders of the account.",
)
REPORT: Final = path(
    "--report", default=Path("contract-report"), metavar="DIR", help="Folder for report.html and report.json."
)
JUNIT: Final = path("--junit", metavar="FILE", help="Write the results as JUnit XML, too.")
PLAN: Final = flag("--plan", help="Print the requests that it would send, and send none.")


@click.command(
    "contract", cls=Command, help=HELP, params=[BASE_URL, SCENARIOS, ORDERS_FROM, CANCEL_LISTED, REPORT, JUNIT, PLAN]
)
def contract(
    *,
    base_url: str,
    scenarios: Path | None,
    orders_from: str | None,
    cancel_listed: int | None,
    report: Path,
    junit: Path | None,
    plan: bool,
) -> None:
    """Judge a server; users read HELP instead."""
    missing = [distribution for module, distribution in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise options.usage_error(
            f"the contract suite needs {', '.join(missing)}, not installed: pip install 'autoshares-cancel[contract]'"
        )
    from autoshares_cancel.contract.given import Given  # noqa: PLC0415  # an extra
    from autoshares_cancel.contract.judge import judge, show_plan  # noqa: PLC0415  # an extra

    given = Given(command=orders_from, newest=cancel_listed)
    if plan:
        raise SystemExit(show_plan(base_url, scenarios=scenarios, given=given))
    raise SystemExit(judge(base_url, scenarios=scenarios, report=report, junit=junit, given=given))
