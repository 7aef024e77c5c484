"""The command `orders`: a file of orders, cancelled many at a time."""

import asyncio
import os
import signal
import sys
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, cast

import typer
from attrs import frozen

from autoshares_cancel._async_client import AsyncClient
from autoshares_cancel._auth.environment import BASE_URL
from autoshares_cancel._cli import options
from autoshares_cancel._cli.console import plain
from autoshares_cancel._cli.progress import Display, display_of, shown
from autoshares_cancel._cli.report import gravest
from autoshares_cancel._cli.run.journal import Journal, WrongJournal
from autoshares_cancel._cli.run.printer import output_of
from autoshares_cancel._cli.run.rows import Format, Row, Rows, WrongFile, WrongLine, rows_of
from autoshares_cancel._cli.run.run import INTERRUPTED, Run
from autoshares_cancel._cli.run.seen_orders import SeenOrders
from autoshares_cancel._cli.run.source import OrderFile, OrderPipe, source_of
from autoshares_cancel._cli.run.summary import RunSummary
from autoshares_cancel._validation import check_base_url
from autoshares_cancel.errors import ConfigurationError

HELP: Final = f"""Cancel the orders of a file, many at a time. FILE is CSV or JSON lines; - is stdin.

CSV needs a header with the columns account_id and order_id, JSON lines the keys; all others are kept, and printed with
--json. A record is one line. A line that is wrong is told with its number, and the others go on. An order that the file
has twice is tried once. Memory does not grow with the file.

With --journal every order is noted before its request can leave, and every outcome before the next one. Killed at any
moment, the same command with the same file and journal goes on: orders that may have been cancelled are read first,
those cancelled or in conflict are not tried again, all others are. Up to 40 bytes an order are kept in a temporary
file. Ctrl-C ends what is under way and tells it; the rest is not begun.

\b
Examples:
  autoshares-cancel orders orders.csv
  autoshares-cancel orders orders.csv --dry-run
  autoshares-cancel orders orders.csv --journal today.journal --json > outcomes.jsonl
  desk-export | autoshares-cancel orders - --rate 200

{options.ENVIRONMENT}
{options.EXIT_CODES_HELP}"""

NOT_BEGUN: Final = 6
"""The exit code where a part of the file was not begun."""

File = Annotated[str, typer.Argument(metavar="FILE", help="The orders; - for stdin.", show_default=False)]
FormatOption = Annotated[Format | None, typer.Option("--format", help="What FILE is, if its first character misleads.")]
BatchDeadline = Annotated[float | None, typer.Option(help="Seconds for the whole file.")]
JournalOption = Annotated[Path | None, typer.Option("--journal", help="Note everything there, and go on from there.")]
Strict = Annotated[bool, typer.Option("--strict", help="Send nothing at all if any line is wrong.")]


@frozen(kw_only=True)
class RunArguments:
    """The arguments of one run."""

    file: str
    given_format: Format | None
    journal: Path | None
    strict: bool
    dry_run: bool
    as_json: bool
    quiet: bool
    batch: dict[str, Any]
    """Arguments of cancel_orders."""


def orders(
    *,
    file: File,
    json_lines: options.AsJson = False,
    format_: FormatOption = None,
    journal: JournalOption = None,
    strict: Strict = False,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    concurrency: options.Concurrency = 64,
    rate: options.Rate = None,
    deadline: options.DeadlineOption = 30.0,
    batch_deadline: BatchDeadline = None,
    ca_file: options.CaFile = None,
    confirm: options.Confirm = False,
    venue: options.Venue = False,
    resolve: options.Resolve = True,
) -> None:
    """Cancel the orders of a file; HELP is what people read."""
    arguments = RunArguments(
        file=file,
        given_format=format_,
        journal=journal,
        strict=strict,
        dry_run=dry_run,
        as_json=json_lines,
        quiet=quiet,
        batch={
            "concurrency": concurrency,
            "rate": rate,
            "batch_deadline": batch_deadline,
            "confirm": confirm,
            "venue": venue,
        },
    )
    with ExitStack() as stack:
        try:
            client = AsyncClient.from_env(deadline=deadline, **options.settings(ca_file, resolve=resolve))
            code = _carried_out(arguments, client, stack)
        except (ConfigurationError, WrongJournal) as problem:
            raise options.usage_error(str(problem)) from None
        except WrongFile as problem:
            raise options.usage_error(f"{'stdin' if file == '-' else file}: {problem}") from None
    raise typer.Exit(code)


def _carried_out(arguments: RunArguments, client: AsyncClient, stack: ExitStack) -> int:
    source, rows = _opened(arguments, stack)
    seen_orders = SeenOrders()
    stack.callback(seen_orders.close)
    journal = _journal_of(arguments, seen_orders, stack)
    if isinstance(source, OrderPipe) and (arguments.strict or arguments.dry_run or seen_orders.in_doubt()):
        source = source.to_its_end()
        stack.callback(source.close)
    console = plain(stderr=True)
    total = source.count() - rows.header_at if isinstance(source, OrderFile) else None
    run = Run(
        source,
        rows,
        seen_orders,
        journal,
        RunSummary(time.monotonic, total),
        output_of(console, as_json=arguments.as_json),
    )
    if arguments.strict:
        _check(run)
    if arguments.dry_run:
        run.rehearse(cast(OrderFile, source))
    else:
        display = display_of(console, total, quiet=arguments.quiet)
        with suppress(KeyboardInterrupt, asyncio.CancelledError):  # the second Ctrl-C; what it cuts off is counted
            asyncio.run(_cancel(run, client, arguments, display))
    return _ended(run)


def _ignore_interrupts() -> None:
    """Ignore Ctrl-C from now on: only the report and the exit code are left, and a late one must not change them."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _opened(arguments: RunArguments, stack: ExitStack) -> tuple[OrderFile | OrderPipe, Rows]:
    """Raises WrongFile."""
    try:
        given = Path(arguments.file)
        stream: BinaryIO = sys.stdin.buffer if arguments.file == "-" else stack.enter_context(given.open("rb"))
        source = source_of(stream)
        stack.callback(source.close)
        number, first = source.first()
    except OSError as problem:
        raise WrongFile(f"it can't be read: {problem.strerror or problem}") from None
    return source, rows_of(first, number, arguments.given_format)


def _journal_of(arguments: RunArguments, seen_orders: SeenOrders, stack: ExitStack) -> Journal | None:
    """Raises WrongJournal. A dry run leaves no journal where there is none."""
    path = arguments.journal
    if path is None or (arguments.dry_run and not path.exists()):
        return None
    base_url = check_base_url(os.environ.get(BASE_URL))
    try:
        journal = Journal.open(path, base_url, seen_orders, writes=not arguments.dry_run)
    except OSError as problem:
        raise WrongJournal(f"the journal {path} can't be used: {problem.strerror or problem}") from None
    stack.callback(journal.close)
    return journal


def _check(run: Run) -> None:
    """Raises WrongFile if any line is wrong, and tells each."""
    wrong = 0
    for number, text in run.source if isinstance(run.source, OrderFile) else ():
        try:
            run.rows.row(number, text)
        except WrongLine as problem:
            run.out.complain(f"line {number}: {problem}")
            wrong += 1
    if wrong:
        lines = "1 line is" if wrong == 1 else f"{wrong:,} lines are"
        raise WrongFile(f"{lines} wrong, and nothing was sent: correct them, or leave --strict out")


async def _cancel(run: Run, client: AsyncClient, arguments: RunArguments, display: Display) -> None:
    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):  # as on Windows, where SIGTERM ends a program at once
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with client, shown(display, run.summary):
            await run.cancel(partial(client.cancel_orders, in_doubt=_is_in_doubt, **arguments.batch))
    finally:
        _ignore_interrupts()


def _is_in_doubt(row: Row) -> bool:
    return row.in_doubt


def _ended(run: Run) -> int:
    """Tell how it ended, the gravest last. Gives the exit code."""
    run.summary.ends()
    if not run.is_at_end:
        again = "" if run.journal is None else ", and goes on from there with the same command"
        typer.echo(f"{run.trouble or INTERRUPTED} The rest of the file was not begun{again}.", err=True)
    elif strangers := run.seen_orders.in_doubt(met=False):
        typer.echo(f"In the journal {strangers:,} more are in doubt, which are not in this file.", err=True)
    typer.echo(run.summary.last_line(), err=True)
    return gravest([run.summary.exit_code(), 0 if run.is_at_end else NOT_BEGUN])
