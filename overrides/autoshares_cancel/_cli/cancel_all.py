"""The command `all`: cancels all open orders of an account."""

import asyncio
import sys
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import click

from autoshares_cancel._batch.options import BatchOptions
from autoshares_cancel._cli import options
from autoshares_cancel._cli.account.client import AccountClient
from autoshares_cancel._cli.account.listing import list_and_ask
from autoshares_cancel._cli.account.run import AccountRun
from autoshares_cancel._cli.asking import asked_in_thread
from autoshares_cancel._cli.command import Command, flag, option, seconds
from autoshares_cancel._cli.ending import Ending
from autoshares_cancel._cli.file_options import RECORD, check_sync, unwritable
from autoshares_cancel._cli.output import Output, note
from autoshares_cancel._cli.progress import display_of, shown
from autoshares_cancel._cli.run.journal import WrongJournal
from autoshares_cancel._cli.run.opening import Unwritable, open_journal, open_seen_orders, writing_temporary_files
from autoshares_cancel._cli.run.recorder import Recorder
from autoshares_cancel._validation import check_seconds
from autoshares_cancel.errors import ConfigurationError

HELP: Final = f"""Cancel all open orders of an account, until none is left.

Lists the open orders and asks before it cancels them, then lists again. Also cancels orders that open while it runs.
Safe to repeat. At the deadline it names the orders that are still open. Ctrl-C lets the orders under way end and begins
no others; a second one cuts them off.

With --journal the command records every order before its request can leave, and its outcome before another order takes
its place. If killed, run the same command with the same journal again: it first reads the orders that may have been
cancelled, open or not, and cancels those that still work; then it goes on with what is open.

\b
Examples:
  autoshares-cancel all 6303
  autoshares-cancel all 6303 --dry-run
  autoshares-cancel all 6303 --yes --json
  autoshares-cancel all 6303 --symbol AAPL --side Buy --older-than 600

{options.ENVIRONMENT}
{options.EXIT_CODES_HELP}"""

YES: Final = flag("--yes", help="Cancel without listing and asking first, as in a script.")
HELD: Final = flag("--held/--no-held", default=True, help="Include held orders; this lists all orders.")
SYMBOL: Final = option("--symbol", multiple=True, metavar="SYMBOL", help="Only orders of this symbol; may be repeated.")
SIDE: Final = option(
    "--side", multiple=True, metavar="SIDE", help="Only orders of this side, as in SellShort; may be repeated."
)
OLDER_THAN: Final = seconds("--older-than", help="Only orders that were created more seconds ago.")
DEADLINE: Final = seconds("--deadline", default=300.0, help="Seconds for all listings and cancels together.")


@click.command(
    "all",
    cls=Command,
    help=HELP,
    params=[
        options.ACCOUNT_ID,
        options.AS_JSON,
        YES,
        options.DRY_RUN,
        HELD,
        SYMBOL,
        SIDE,
        OLDER_THAN,
        *options.BATCH,
        DEADLINE,
        *RECORD,
        *options.TERMS,
    ],
)
def cancel_all(
    *,
    account_id: int,
    json_lines: bool,
    yes: bool,
    dry_run: bool,
    quiet: bool,
    held: bool,
    symbol: tuple[str, ...],
    side: tuple[str, ...],
    older_than: float | None,
    deadline: float,
    journal: Path | None,
    sync: bool,
    grace: float,
    ca_file: Path | None,
    resolve: bool,
    **terms: Any,
) -> None:
    """Cancel all open orders of an account; users read HELP instead."""
    check_sync(journal, sync=sync)
    if not yes and not dry_run and not sys.stdin.isatty():
        raise options.usage_error("can't ask, stdin is no terminal: give --yes, or --dry-run to see what is open")
    try:
        wanted = {"symbol": symbol or None, "side": side or None, "older_than": _age(older_than)}
        listing = {"held": held, "deadline": deadline, **wanted}
        batch = BatchOptions(**terms, on_progress=None)
        with Ending(check_seconds("grace", grace)) as ending, ExitStack() as stack:
            settings = asked_in_thread(ending, options.settings(ca_file, resolve=resolve))
            client = AccountClient.from_env(**settings)
            recorder, in_doubt = _open_journal(account_id, journal, stack, syncs=sync, dry_run=dry_run)
            output = Output(ending, has_bar=True)
            run = AccountRun(account_id, client, json_lines, listing, batch, ending, output, recorder, in_doubt)
            with suppress(asyncio.CancelledError):  # if it is cut off while the client is closed
                asyncio.run(_execute(run, ask=not yes or dry_run, dry_run=dry_run, quiet=quiet))
            code = run.end() if run.code is None else run.code
    except (ConfigurationError, WrongJournal) as problem:
        raise options.usage_error(str(problem)) from None
    except Unwritable as problem:
        raise unwritable(problem) from None
    raise SystemExit(code)


def _open_journal(
    account_id: int, path: Path | None, stack: ExitStack, *, syncs: bool, dry_run: bool
) -> tuple[Recorder, list[int]]:
    """Open the journal, and find the orders of the account that it has in doubt. Raises as open_journal."""
    if path is None:
        return Recorder(None), []
    with writing_temporary_files():
        seen_orders = open_seen_orders(stack)
        journal = open_journal(path, seen_orders, stack, syncs=syncs, dry_run=dry_run)
        in_doubt = seen_orders.in_doubt_of(account_id)
        if elsewhere := seen_orders.in_doubt() - len(in_doubt):
            note(f"Orders in doubt that the journal has in other accounts: {elsewhere:,}.")
    return Recorder(journal), in_doubt


def _age(seconds: float | None) -> timedelta | None:
    try:
        return None if seconds is None else timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        raise ConfigurationError(f"older_than must be a number of seconds, not {seconds!r}") from None


async def _execute(run: AccountRun, *, ask: bool, dry_run: bool, quiet: bool) -> None:
    """List and ask, and cancel unless that gave an exit code."""
    task = cast("asyncio.Task[None]", asyncio.current_task())
    with run.ending.under_way_in_task(partial(run.stop, task)):
        async with run.client:
            if ask:
                run.code = await list_and_ask(run, dry_run=dry_run)
            if run.code is None:
                async with shown(display_of(run.output, None, quiet=quiet), run.summary):
                    await run.cancel()
