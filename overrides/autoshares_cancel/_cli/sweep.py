"""The command `sweep`: cancels the orders of a file together with other processes and machines."""

import asyncio
import json
from collections.abc import Awaitable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import click

from autoshares_cancel._async_client import AsyncClient
from autoshares_cancel._batch.database.sweep import Sweep
from autoshares_cancel._batch.database.work import LAST_SECONDS
from autoshares_cancel._cli import options
from autoshares_cancel._cli.asking import asked_in_thread
from autoshares_cancel._cli.command import Argument, Command, option, seconds
from autoshares_cancel._cli.ending import INTERRUPTED, Ending
from autoshares_cancel._cli.exit_codes import Exit, gravest
from autoshares_cancel._cli.file_options import FORM
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.run.opening import open_orders
from autoshares_cancel._cli.run.rows import Format, WrongFile
from autoshares_cancel._cli.sweeps.filling import Filling
from autoshares_cancel._cli.sweeps.lines import Rows, end_of, exit_code_of, progress, status_line, status_object
from autoshares_cancel._cli.sweeps.options import DATABASE_URL, ENVIRONMENT, client_settings, database_of
from autoshares_cancel._validation import check_seconds
from autoshares_cancel.errors import AuthenticationError, ConfigurationError

HELP: Final = f"""Cancel the orders of a file together with other processes and machines, through a PostgreSQL database.

FILE is CSV or JSON lines as for `orders`; - is stdin. Its orders are added to the sweep NAME, and this process works
them off; `autoshares-cancel worker` on other machines joins. If it is killed, run the same command again to go on. An
order that was under way in a process that died is read before it is cancelled, when its lease has ended: 30 s after its
deadline, if --lease says nothing else. Every order gets one outcome, which stays in the database.

Prints one line for each order that this process has ended, and on stderr how far all processes have come. --rate and
what the server asks to wait hold for all processes together. Without FILE it works off the orders of an earlier
command. The tables are in the schema autoshares_cancel, and are made where they are missing.

\b
Examples:
  autoshares-cancel sweep orders.csv --database postgresql://db.example/desk --name today
  autoshares-cancel sweep --status today --database postgresql://db.example/desk
  autoshares-cancel sweep --outcomes today --database postgresql://db.example/desk > outcomes.jsonl

{ENVIRONMENT}
{options.EXIT_CODES_HELP}"""

FILE: Final = Argument("file", required=False, default=None, metavar="[FILE]", help="The orders; - for stdin.")
NAME: Final = option("--name", metavar="NAME", help="The sweep, which is begun or goes on.")
STATUS: Final = option("--status", metavar="NAME", help="Show how far a sweep has come.")
OUTCOMES: Final = option("--outcomes", metavar="NAME", help="Print the outcomes of a sweep, one object per line.")
LEASE: Final = seconds("--lease", help="Seconds after which others take the orders of a dead process.")
DEADLINE: Final = seconds("--deadline", help="Seconds for each order, log-in included; 30.")


@click.command(
    "sweep",
    cls=Command,
    help=HELP,
    params=[
        FILE,
        DATABASE_URL,
        NAME,
        STATUS,
        OUTCOMES,
        options.AS_JSON,
        *FORM,
        *options.BATCH,
        DEADLINE,
        LEASE,
        *options.TERMS,
    ],
)
def sweep(
    *,
    file: str | None,
    database: str | None,
    name: str | None,
    status: str | None,
    outcomes: str | None,
    json_lines: bool,
    format_: Format | None,
    delimiter: str | None,
    quiet: bool,
    concurrency: int,
    grace: float,
    ca_file: Path | None,
    confirm: bool,
    venue: bool,
    resolve: bool,
    **terms: float | None,
) -> None:
    """Work off a sweep, or show it; users read HELP instead."""
    asked = [each for each in (name, status, outcomes) if each is not None]
    if len(asked) != 1:
        raise options.usage_error("give one of --name, --status and --outcomes")
    with ExitStack() as stack:
        try:
            ending = stack.enter_context(Ending(check_seconds("grace", grace)))
            output = Output(ending, has_bar=True)
            url = database_of(database)
            if name is None:
                shown = Sweep(url, name=asked[0], must_exist=True)
                shows = _print_outcomes(shown, output) if status is None else _show_status(shown, output, json_lines)
                code = asyncio.run(_until_signal(ending, shows))
            else:
                filling = None if file is None else Filling(*open_orders(file, format_, delimiter, stack), output)
                opened = Sweep(
                    url, name=name, must_exist=file is None, confirm=confirm or None, venue=venue or None, **terms
                )
                settings = asked_in_thread(ending, client_settings(ca_file, resolve=resolve))
                client = AsyncClient.from_env(**settings)
                rows = Rows(output, json_lines, opened.stop)
                code = asyncio.run(_work(opened, client, filling, rows, ending, concurrency=concurrency, quiet=quiet))
        except ConfigurationError as problem:
            raise options.usage_error(str(problem)) from None
        except WrongFile as problem:
            raise options.usage_error(f"{'stdin' if file == '-' else file}: {problem}") from None
    raise SystemExit(code)


async def _work(
    opened: Sweep,
    client: AsyncClient,
    filling: Filling | None,
    rows: Rows,
    ending: Ending,
    *,
    concurrency: int,
    quiet: bool,
) -> int:
    """Add the orders, and work them off. Returns the exit code."""
    output, failure = rows.output, None

    def stop() -> None:
        output.note(ending.announcement())
        opened.stop()

    async with client, opened:
        with suppress(asyncio.CancelledError), ending.under_way_in_task(stop):
            if filling is not None:
                added = await filling.fill(opened)
                output.note(f"{added:,} orders were added to the sweep {opened.name}.")
            async with progress(opened, output, quiet=quiet):
                try:
                    await client.work_off(opened, concurrency=concurrency, on_ended=rows.print)
                except (AuthenticationError, ConfigurationError) as problem:
                    failure = problem
        try:
            async with asyncio.timeout(LAST_SECONDS):
                status = await opened.status()
        except TimeoutError:  # no signal ends the command any more
            output.note(f"{INTERRUPTED} The database is away. Run the same command again to go on.")
            return gravest([*rows.codes, Exit.NOT_SENT, output.exit_code()])
    output.report_losses()
    own = end_of(failure, output)
    if failure is None and not status.is_over:
        output.note(f"{output.trouble or INTERRUPTED} Run the same command again to go on.")
    output.note(status_line(status))
    wrong = Exit.WRONG_LINES if filling is not None and filling.wrong else Exit.CANCELLED
    return gravest([exit_code_of(status), *rows.codes, own, wrong, output.exit_code()])


async def _show_status(opened: Sweep, output: Output, as_json: bool) -> int:  # noqa: FBT001  # private
    async with opened:
        status = await opened.status()
    output.row(json.dumps(status_object(status)) if as_json else status_line(status))
    return gravest([exit_code_of(status), output.exit_code()])


async def _print_outcomes(opened: Sweep, output: Output) -> int:
    async with opened:
        async for outcome in opened.outcomes():
            output.row(json.dumps(outcome))
            if output.trouble is not None:
                break
    return int(output.exit_code())


async def _until_signal(ending: Ending, shows: Awaitable[int]) -> int:
    """The exit code of what is shown; NOT_SENT if a signal ends it."""
    task: Any = asyncio.current_task()
    with suppress(asyncio.CancelledError), ending.under_way_in_task(task.cancel):
        return await shows
    return int(Exit.NOT_SENT)
