"""The command `all`: cancels all open orders of an account."""

import json
import sys
import time
from typing import Annotated, Any, Final, cast

import typer
from attrs import define
from rich import box
from rich.table import Table

from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._cli import options
from autoshares_cancel._cli.console import FAILURE, STYLES, plain
from autoshares_cancel._cli.report import EXIT_CODES, as_object, gravest, line
from autoshares_cancel._cli.run.summary import RunSummary
from autoshares_cancel._client import Client
from autoshares_cancel._engine.events import OutcomeEvent
from autoshares_cancel._values.about_order import show_command
from autoshares_cancel._values.order import Order
from autoshares_cancel.errors import AuthenticationError, ConfigurationError, NotSent, OrdersRemain, OrdersUnreadable

HELP: Final = f"""Cancel all open orders of an account, until none is left.

Lists the open orders and asks before it cancels them, then lists again. Also cancels orders that open while it runs.
Safe to repeat. At the deadline it names the orders that are still open.

\b
Examples:
  autoshares-cancel all 6303
  autoshares-cancel all 6303 --dry-run
  autoshares-cancel all 6303 --yes --json

{options.ENVIRONMENT}
{options.EXIT_CODES_HELP}"""

COLUMNS: Final = ("order_id", "symbol", "side", "type", "quantity", "executed_quantity", "status")
TITLES: Final = ("order", "symbol", "side", "type", "quantity", "executed", "status")
REFUSED, UNKNOWN, NOT_SENT = 3, 5, 6
"""Exit codes."""
REFUSALS: Final = {401, 403, 422}
LOOK: Final = "run the same command again, or look it up"

Yes = Annotated[bool, typer.Option("--yes", help="Cancel without listing and asking first, as in a script.")]
Held = Annotated[bool, typer.Option("--held/--no-held", help="Include held orders; this lists all orders.")]
DeadlineOfAll = Annotated[float, typer.Option(metavar="SECONDS", help="Seconds for all listings and cancels together.")]


@define
class Account:
    """One account, and the outcomes of its orders."""

    account_id: int
    client: Client
    as_json: bool
    listing: dict[str, Any]
    """Arguments of open_orders, and of cancel_all."""
    outcomes: dict[int, Outcome]
    """The last outcome of each order, up to date also after Ctrl-C."""


def cancel_all(
    *,
    account_id: options.AccountId,
    json_lines: options.AsJson = False,
    yes: Yes = False,
    dry_run: options.DryRun = False,
    held: Held = True,
    concurrency: options.Concurrency = 64,
    rate: options.Rate = None,
    deadline: DeadlineOfAll = 300.0,
    ca_file: options.CaFile = None,
    confirm: options.Confirm = False,
    venue: options.Venue = False,
    resolve: options.Resolve = True,
) -> None:
    """Cancel all open orders of an account; users read HELP instead."""
    if not yes and not dry_run and not sys.stdin.isatty():
        raise options.usage_error("can't ask, stdin is no terminal: give --yes, or --dry-run to see what is open")
    outcomes = dict[int, Outcome]()

    def note(event: OutcomeEvent) -> None:
        outcomes[event.order_id] = event.outcome

    terms = {"concurrency": concurrency, "rate": rate, "confirm": confirm, "venue": venue}
    try:
        with Client.from_env(on_outcome=note, **options.settings(ca_file, resolve=resolve)) as client:
            account = Account(account_id, client, json_lines, {"held": held, "deadline": deadline}, outcomes)
            code = None if yes and not dry_run else _list_and_ask(account, dry_run=dry_run)
            raise typer.Exit(_cancel(account, terms) if code is None else code)
    except ConfigurationError as problem:
        raise options.usage_error(str(problem)) from None


def _list_and_ask(account: Account, *, dry_run: bool) -> int | None:
    """Show the open orders and ask. Returns None after a yes, otherwise the exit code."""
    try:
        found = account.client.open_orders(account_id=account.account_id, **account.listing)
    except OrdersUnreadable as problem:
        typer.echo(f"{problem}; {problem.advice}", err=True)
        return REFUSED if problem.status_code in REFUSALS else NOT_SENT
    except AuthenticationError as problem:
        return _report_failed_log_in(problem)
    _show(account, found, dry_run=dry_run)
    count = "1 order" if len(found) == 1 else f"{len(found):,} orders"
    if dry_run or not found:
        result = f"{count} would be cancelled (nothing was sent)" if found else "nothing is open"
        typer.echo(f"account {account.account_id}: {result}", err=True)
        return 0
    question = f"Cancel {count}, and any other order that is open in account {account.account_id} by then?"
    try:
        if typer.confirm(question, err=True):
            return None
    except typer.Abort:
        typer.echo(err=True)
    typer.echo("nothing was cancelled", err=True)
    return NOT_SENT


def _show(account: Account, found: tuple[Order, ...], *, dry_run: bool) -> None:
    if account.as_json and dry_run:
        for order in found:
            typer.echo(json.dumps(order.as_dict() | {"would_be": "cancelled"}))
    elif found:
        table = Table(*TITLES, title=f"open in account {account.account_id}", box=box.SIMPLE)
        for order in found:
            values = order.as_dict()
            table.add_row(*(str(values[name] or "") for name in COLUMNS))
        plain(stderr=account.as_json).print(table)


def _cancel(account: Account, terms: dict[str, Any]) -> int:
    """Cancel, and print every outcome and every order that is still open. Returns the exit code."""
    summary = RunSummary(time.monotonic)
    remaining, problem = tuple[Order, ...](), None
    try:
        outcomes = account.client.cancel_all(account_id=account.account_id, **account.listing, **terms).outcomes
    except OrdersRemain as remain:
        outcomes, remaining, problem = remain.outcomes, remain.remaining, remain.detail
    except AuthenticationError as failure:
        return _report_failed_log_in(failure)
    except KeyboardInterrupt:
        outcomes, problem = account.outcomes, "interrupted: run the same command again to see what is open"
    for order_id, outcome in outcomes.items():
        summary.counts[EXIT_CODES[type(outcome)]] += 1
        _print(account, as_object(account.account_id, order_id, outcome), line(order_id, outcome))
    codes = [*summary.counts, *(_print_remaining(account, order, outcomes.get(order.order_id)) for order in remaining)]
    if problem is not None:
        codes += [] if remaining else [UNKNOWN]
        typer.echo(f"account {account.account_id} may not be clear: {problem}", err=True)
    typer.echo(summary.last_line(), err=True)
    return gravest(codes)


def _print(account: Account, values: dict[str, object], text: str) -> None:
    if account.as_json:
        typer.echo(json.dumps(values))
    else:
        code = values["exit_code"]
        plain(stderr=False).print(text, style=STYLES.get(code, FAILURE) if isinstance(code, int) else FAILURE)


def _print_remaining(account: Account, order: Order, outcome: Outcome | None) -> int:
    """Print an order that is still open. Returns its exit code: after Cancelled, it is UNKNOWN."""
    code = NOT_SENT if outcome is None else EXIT_CODES[type(outcome)] or UNKNOWN
    advice = f"{LOOK}: {show_command(account.account_id, order.order_id)}"
    shown = outcome or NotSent(account_id=account.account_id, order_id=order.order_id)
    values = as_object(account.account_id, order.order_id, shown)
    values |= {"outcome": "Remains", "order_status": order.status, "exit_code": code, "advice": advice}
    _print(account, values, f"{order.order_id}  still open ({order.status}) -> {advice}")
    return code


def _report_failed_log_in(failure: AuthenticationError) -> int:
    typer.echo(f"{failure} -> {failure.advice}", err=True)
    return EXIT_CODES[type(cast(Outcome, failure))]
