"""Executes a run in an event loop until it ends or a signal comes, and reports how it ended."""

import sqlite3
from contextlib import suppress
from functools import partial
from typing import Any

from autoshares_cancel._async_client import AsyncClient
from autoshares_cancel._cli.ending import INTERRUPTED, Ending
from autoshares_cancel._cli.exit_codes import Exit, gravest
from autoshares_cancel._cli.progress import Display, shown
from autoshares_cancel._cli.run.rows import Row
from autoshares_cancel._cli.run.run import Run


async def cancel(run: Run, client: AsyncClient, terms: dict[str, Any], display: Display, ending: Ending) -> None:
    """Cancel the orders of a run; `terms` are arguments of cancel_orders. Closes the client."""

    def stop() -> None:
        run.out.output.note(ending.announcement())
        run.stop(INTERRUPTED)

    with ending.under_way_in_task(stop):
        async with client, shown(display, run.summary):
            await run.cancel(partial(client.cancel_orders, in_doubt=_is_in_doubt, **terms))


def _is_in_doubt(row: Row) -> bool:
    return row.in_doubt


def report_end(run: Run) -> int:
    """Print how the run ended, and the counts as the last line. Returns the exit code."""
    output = run.out.output
    run.summary.ends()
    if not run.is_at_end:
        again = "" if run.recorder.journal is None else " Run the same command again to resume."
        output.note(f"{run.trouble or INTERRUPTED} The rest of the file was not begun.{again}")
    elif run.trouble is not None:
        output.note(run.trouble)
    else:
        _count_strangers(run)
    output.report_losses()
    output.note(run.summary.last_line())
    rest = Exit.CANCELLED if run.is_at_end else Exit.NOT_SENT
    unwritten = Exit.UNWRITTEN if run.is_unwritten else Exit.CANCELLED
    return gravest([run.summary.exit_code(), rest, unwritten, output.exit_code()])


def _count_strangers(run: Run) -> None:
    with suppress(sqlite3.Error):
        if strangers := run.seen_orders.in_doubt(met=False):
            run.out.output.note(f"Orders in doubt that the journal has and this file does not: {strangers:,}.")
