"""The command `worker`: joins the sweeps of a database."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

import click
from attrs import define, field

from autoshares_cancel._async_client import AsyncClient
from autoshares_cancel._batch.database.database import Database
from autoshares_cancel._batch.database.sweep import Sweep, open_sweeps
from autoshares_cancel._cli import options
from autoshares_cancel._cli.asking import asked_in_thread
from autoshares_cancel._cli.command import Command, flag
from autoshares_cancel._cli.ending import Ending
from autoshares_cancel._cli.exit_codes import gravest
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.sweeps.lines import Rows, end_of
from autoshares_cancel._cli.sweeps.options import DATABASE_URL, ENVIRONMENT, client_settings, database_of
from autoshares_cancel._validation import check_seconds
from autoshares_cancel.errors import AuthenticationError, ConfigurationError

LOOK_SECONDS: Final = 2.0
"""Seconds between two looks for sweeps."""
HELP: Final = f"""Join all sweeps of a database, those that begin later too, until Ctrl-C.

Prints one line for each order that this process has ended. Each sweep brings its own options; --concurrency is this
process' own, for each sweep. Ctrl-C lets the orders under way end, and leaves the others to other processes.

\b
Examples:
  autoshares-cancel worker --database postgresql://db.example/desk
  autoshares-cancel worker --once --database postgresql://db.example/desk

{ENVIRONMENT}
{options.EXIT_CODES_HELP}"""
ONCE: Final = flag("--once", help="End when no sweep has orders left.")


@define
class Joining:
    """The sweeps that this process works off."""

    database: Database
    client: AsyncClient
    rows: Rows
    concurrency: int
    once: bool
    under_way: dict[str, Sweep] = field(factory=dict[str, Sweep])
    failure: AuthenticationError | ConfigurationError | None = None
    stopped: asyncio.Event = field(factory=asyncio.Event)

    def stop(self) -> None:
        """Join no more sweeps, and lease no more orders."""
        self.stopped.set()
        for sweep in self.under_way.values():
            sweep.stop()

    async def run(self) -> None:
        """Join each sweep that is open."""
        async with asyncio.TaskGroup() as group:
            while not self.stopped.is_set():
                names = await open_sweeps(self.database)
                for name in names:
                    if name not in self.under_way:
                        self.under_way[name] = Sweep(self.database.url, name=name, must_exist=True)
                        group.create_task(self._join(name))
                if self.once and not names and not self.under_way:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stopped.wait(), LOOK_SECONDS)

    async def _join(self, name: str) -> None:
        self.rows.output.note(f"{name}: joined.")
        try:
            async with self.under_way[name] as sweep:
                ended = await self.client.work_off(sweep, concurrency=self.concurrency, on_ended=self.rows.print)
            self.rows.output.note(f"{name}: {ended:,} orders were ended here.")
        except (AuthenticationError, ConfigurationError) as problem:
            self.failure = problem
            self.stop()
        finally:
            del self.under_way[name]


@click.command(
    "worker",
    cls=Command,
    help=HELP,
    params=[DATABASE_URL, ONCE, options.AS_JSON, options.CONCURRENCY, options.GRACE, options.CA_FILE, options.RESOLVE],
)
def worker(
    *,
    database: str | None,
    once: bool,
    json_lines: bool,
    concurrency: int,
    grace: float,
    ca_file: Path | None,
    resolve: bool,
) -> None:
    """Join all sweeps; users read HELP instead."""
    try:
        with Ending(check_seconds("grace", grace)) as ending:
            url = database_of(database)
            client = AsyncClient.from_env(**asked_in_thread(ending, client_settings(ca_file, resolve=resolve)))
            rows = Rows(Output(ending), json_lines)
            code = asyncio.run(_run(Joining(Database(url), client, rows, concurrency, once), ending))
    except ConfigurationError as problem:
        raise options.usage_error(str(problem)) from None
    raise SystemExit(code)


async def _run(joining: Joining, ending: Ending) -> int:
    output = joining.rows.output
    joining.rows.on_trouble = joining.stop

    def stop() -> None:
        output.note(ending.announcement())
        joining.stop()

    async with joining.client:
        with suppress(asyncio.CancelledError), ending.under_way_in_task(stop):
            await joining.database.open()
            try:
                await joining.run()
            except* ConfigurationError as problems:
                raise problems.exceptions[0] from None
            finally:
                await joining.database.close()
    output.report_losses()
    return gravest([*joining.rows.codes, end_of(joining.failure, output), output.exit_code()])
