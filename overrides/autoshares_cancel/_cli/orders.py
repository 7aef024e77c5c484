"""The command `orders`: cancels the orders of a file, many at a time."""

import asyncio
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final, cast

import click
from attrs import frozen

from autoshares_cancel._async_client import AsyncClient
from autoshares_cancel._cli import options
from autoshares_cancel._cli.asking import asked_in_thread
from autoshares_cancel._cli.command import Argument, Command, flag, seconds
from autoshares_cancel._cli.ending import Ending
from autoshares_cancel._cli.file_options import FORM, RECORD, check_sync, unwritable
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.progress import display_of
from autoshares_cancel._cli.run.execution import cancel, report_end
from autoshares_cancel._cli.run.journal import WrongJournal
from autoshares_cancel._cli.run.opening import (
    Unwritable,
    open_journal,
    open_orders,
    open_seen_orders,
    writing_temporary_files,
)
from autoshares_cancel._cli.run.printer import Printer
from autoshares_cancel._cli.run.recorder import Recorder
from autoshares_cancel._cli.run.rows import Format, WrongFile, WrongLine
from autoshares_cancel._cli.run.run import Run
from autoshares_cancel._cli.run.source import OrderFile, OrderPipe
from autoshares_cancel._cli.run.summary import RunSummary
from autoshares_cancel._validation import check_seconds
from autoshares_cancel.errors import ConfigurationError

HELP: Final = f"""Cancel the orders of a file, many at a time. FILE is CSV or JSON lines; - is stdin.

CSV needs a header with the columns account_id and order_id; JSON lines need these keys. They may be spelled accountId,
Account ID or ACCOUNT-ID. The header shows whether the delimiter is a comma, a semicolon or a tab. The file is UTF-8. A
record is one line. A wrong line is reported with its number, and the other lines are processed. An order that is in the
file twice is tried once. Memory use does not grow with the file.

With --json the other columns are in `columns`, and also beside the keys of the outcome that have other names.

With --journal the command records every order before its request can leave, and its outcome before another order takes
its place. If killed, run the same command with the same file and journal again to resume: it first reads the orders
that may have been cancelled, skips those that are cancelled or in conflict, and tries all others. A temporary file
takes up to 40 bytes for each order. Ctrl-C lets the orders under way end and reports them; the rest of the file is not
begun. A second Ctrl-C cuts them off.

A kill loses no line of the journal, but a power cut may lose the last ones. With --sync each line is forced to the disk
before the next step, so a power cut loses none. Each order then waits for the disk twice, and all orders wait one after
the other, so the disk limits how many are cancelled per second.

\b
Examples:
  autoshares-cancel orders orders.csv
  autoshares-cancel orders orders.csv --dry-run
  autoshares-cancel orders orders.csv --journal today.journal --json > outcomes.jsonl
  desk-export | autoshares-cancel orders - --rate 200

{options.ENVIRONMENT}
{options.EXIT_CODES_HELP}"""

FILE: Final = Argument("file", required=True, metavar="FILE", help="The orders; - for stdin.")
STRICT: Final = flag("--strict", help="Send nothing if any line is wrong.")
BATCH_DEADLINE: Final = seconds("--batch-deadline", help="Seconds for the whole file.")


@frozen(kw_only=True)
class RunOptions:
    """The options of a run."""

    file: str
    given_format: Format | None
    delimiter: str | None
    journal: Path | None
    sync: bool
    strict: bool
    dry_run: bool
    as_json: bool
    quiet: bool
    batch: dict[str, Any]
    """Arguments of cancel_orders."""


@click.command(
    "orders",
    cls=Command,
    help=HELP,
    params=[
        FILE,
        options.AS_JSON,
        *FORM,
        *RECORD,
        STRICT,
        options.DRY_RUN,
        *options.BATCH,
        options.DEADLINE,
        BATCH_DEADLINE,
        *options.TERMS,
    ],
)
def orders(
    *,
    file: str,
    format_: Format | None,
    delimiter: str | None,
    journal: Path | None,
    sync: bool,
    strict: bool,
    dry_run: bool,
    json_lines: bool,
    quiet: bool,
    deadline: float,
    grace: float,
    ca_file: Path | None,
    resolve: bool,
    **batch: Any,
) -> None:
    """Cancel the orders of a file; users read HELP instead."""
    check_sync(journal, sync=sync)
    run_options = RunOptions(
        file=file,
        given_format=format_,
        delimiter=delimiter,
        journal=journal,
        sync=sync,
        strict=strict,
        dry_run=dry_run,
        as_json=json_lines,
        quiet=quiet,
        batch=batch,
    )
    with ExitStack() as stack:
        try:
            ending = stack.enter_context(Ending(check_seconds("grace", grace)))
            settings = asked_in_thread(ending, options.settings(ca_file, resolve=resolve))
            client = AsyncClient.from_env(deadline=deadline, **settings)
            code = _execute(run_options, client, ending, stack)
        except (ConfigurationError, WrongJournal) as problem:
            raise options.usage_error(str(problem)) from None
        except WrongFile as problem:
            raise options.usage_error(f"{'stdin' if file == '-' else file}: {problem}") from None
        except Unwritable as problem:
            raise unwritable(problem) from None
    raise SystemExit(code)


def _execute(run_options: RunOptions, client: AsyncClient, ending: Ending, stack: ExitStack) -> int:
    """Check the lines, show a dry run, or cancel. Returns the exit code.

    Raises WrongFile, WrongJournal and Unwritable before anything is begun.
    """
    output = Output(ending, has_bar=True)
    run = _prepare(run_options, output, stack)
    if run_options.strict:
        _check_lines(run)
    if run_options.dry_run:
        run.rehearse(cast(OrderFile, run.source))
    else:
        display = display_of(output, run.summary.total, quiet=run_options.quiet)
        with suppress(asyncio.CancelledError):  # if it is cut off while the client is closed
            asyncio.run(cancel(run, client, run_options.batch, display, ending))
    return report_end(run)


def _prepare(run_options: RunOptions, output: Output, stack: ExitStack) -> Run:
    """Open the file and the journal. Raises as _execute."""
    source, rows = open_orders(run_options.file, run_options.given_format, run_options.delimiter, stack)
    dry_run = run_options.dry_run
    with writing_temporary_files():
        seen_orders = open_seen_orders(stack)
        journal = open_journal(run_options.journal, seen_orders, stack, syncs=run_options.sync, dry_run=dry_run)
        if isinstance(source, OrderPipe) and (run_options.strict or dry_run or seen_orders.in_doubt()):
            source = source.to_its_end()
            stack.callback(source.close)
    total = source.count() - rows.header_at if isinstance(source, OrderFile) else None
    out = Printer(run_options.as_json, output)
    return Run(source, rows, seen_orders, Recorder(journal), RunSummary(time.monotonic, total), out)


def _check_lines(run: Run) -> None:
    """Report every wrong line. Raises WrongFile if there is one."""
    wrong = 0
    for number, text in run.source if isinstance(run.source, OrderFile) else ():
        try:
            run.rows.row(number, text)
        except WrongLine as problem:
            run.out.print_problem(f"line {number}: {problem}")
            wrong += 1
    if wrong:
        lines = "1 line is" if wrong == 1 else f"{wrong:,} lines are"
        raise WrongFile(f"{lines} wrong, and nothing was sent: correct them, or leave --strict out")
