"""Lists what is open in an account, and asks whether to cancel it."""

import asyncio
import json
import sys
from contextlib import redirect_stdout
from typing import Final

import click

from autoshares_cancel._cli.account.run import AccountRun, report_account
from autoshares_cancel._cli.ending import Interrupted
from autoshares_cancel._cli.exit_codes import REFUSALS, Exit, gravest
from autoshares_cancel._cli.run.summary import CANCELLED, READ_FIRST
from autoshares_cancel._values.order import Order
from autoshares_cancel.errors import AuthenticationError, OrdersUnreadable

COLUMNS: Final = ("order_id", "symbol", "side", "type", "quantity", "executed_quantity", "status")
TITLES: Final = ("order", "symbol", "side", "type", "quantity", "executed", "status")
NOTHING: Final = "nothing was cancelled"


async def list_and_ask(run: AccountRun, *, dry_run: bool) -> int | None:
    """Show the open orders and ask. Returns None after a yes, otherwise the exit code."""
    try:
        found = await run.client.open_orders(account_id=run.account_id, **run.listing)
    except OrdersUnreadable as problem:
        return _failed(run, problem, Exit.REFUSED if problem.status_code in REFUSALS else Exit.NOT_SENT)
    except AuthenticationError as problem:
        return _failed(run, problem, Exit.LOG_IN)
    except asyncio.CancelledError:
        return _ended(run, f"Interrupted: {NOTHING}", Exit.NOT_SENT)
    others = sorted({*run.in_doubt} - {order.order_id for order in found})
    _show(run, found, dry_run=dry_run)
    _show_others(run, others, dry_run=dry_run)
    count = _count(len(found), len(others))
    if dry_run or not (found or others):
        result = f"{count} would be cancelled (nothing was sent)" if count else "nothing is open"
        return _ended(run, f"{run.name}: {result}", Exit.CANCELLED)
    if run.output.problem is None and _is_yes(run, count):
        return None
    return _ended(run, NOTHING, Exit.NOT_SENT)


def _count(found: int, others: int) -> str:
    """How many orders would be cancelled, in words; nothing if it is none."""
    counts = {"": found, " in doubt": others}
    parts = [f"1 order{kind}" if n == 1 else f"{n:,} orders{kind}" for kind, n in counts.items() if n]
    return " and ".join(parts)


def _is_yes(run: AccountRun, count: str) -> bool:
    question = f"Cancel {count}, and any other order that is open in {run.name} by then?"
    try:
        with run.ending.asking(), redirect_stdout(sys.stderr):  # click would write the last space to stdout
            click.echo(f"{question} ", nl=False, err=True)  # before it waits, so that a signal after it is seen
            return click.confirm("[y/N]", show_default=False, err=True)
    except (click.Abort, Interrupted):
        run.output.note("")
        return False


def _failed(run: AccountRun, problem: OrdersUnreadable | AuthenticationError, code: int) -> int:
    report_account(run, problem, code)
    return gravest([code, run.output.exit_code()])


def _ended(run: AccountRun, text: str, code: int) -> int:
    run.output.report_losses()
    if run.output.trouble is not None:
        run.output.note(run.output.trouble)
    run.output.note(text)
    return gravest([code, run.output.exit_code()])


def _show(run: AccountRun, found: tuple[Order, ...], *, dry_run: bool) -> None:
    """Print the orders: as objects in a dry run with --json, as a table on a terminal, and as lines elsewhere."""
    if run.as_json and dry_run:
        for order in found:
            would = READ_FIRST if order.order_id in run.in_doubt else CANCELLED
            run.output.row(json.dumps(order.as_dict() | {"would_be": would}))
    elif found:
        stream, show = (sys.stderr, run.output.note) if run.as_json else (sys.stdout, run.output.row)
        rows = [tuple(str(order.as_dict()[name] or "") for name in COLUMNS) for order in found]
        for text in _table(rows, run.name) if stream.isatty() else map("  ".join, rows):
            show(text)


def _show_others(run: AccountRun, others: list[int], *, dry_run: bool) -> None:
    """Print the orders that an earlier run has left in doubt, and that are not listed."""
    is_result = dry_run or not run.as_json
    for order_id in others:
        values = {"account_id": run.account_id, "order_id": order_id, "would_be": READ_FIRST}
        text = f"{order_id}  in doubt from an earlier run: would be {READ_FIRST}"
        (run.output.row if is_result else run.output.note)(json.dumps(values) if run.as_json and dry_run else text)


def _table(rows: list[tuple[str, ...]], name: str) -> list[str]:
    """Lines with columns of the same width. A narrow terminal wraps them: an order number is never cut."""
    widths = [max(map(len, column)) for column in zip(TITLES, *rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in [TITLES, *rows])
    return [f"open in {name}", *lines]
