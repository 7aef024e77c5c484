"""Opens the orders, the journal and the temporary files of a run, before anything is begun."""

import errno
import os
import sqlite3
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from autoshares_cancel._auth.environment import BASE_URL
from autoshares_cancel._cli.run.journal import Journal, WrongJournal
from autoshares_cancel._cli.run.rows import Format, Rows, WrongFile, rows_of
from autoshares_cancel._cli.run.seen_orders import SeenOrders
from autoshares_cancel._cli.run.source import OrderFile, OrderPipe, source_of
from autoshares_cancel._validation import check_base_url

FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""A file can be used, and can't be written."""


class Unwritable(Exception):
    """The journal or a temporary file can't be written, and nothing was begun. The message says why."""


def open_orders(
    file: str, given_format: Format | None, delimiter: str | None, stack: ExitStack
) -> tuple[OrderFile | OrderPipe, Rows]:
    """Open FILE or stdin, and find its format by its first line. Raises WrongFile."""
    try:
        given = Path(file)
        stream: BinaryIO = sys.stdin.buffer if file == "-" else stack.enter_context(given.open("rb"))
        source = source_of(stream)
        stack.callback(source.close)
        number, first = source.first()
    except OSError as problem:
        raise WrongFile(f"it can't be read: {problem.strerror or problem}") from None
    return source, rows_of(first, number, given_format, delimiter)


@contextmanager
def writing_temporary_files() -> Generator[None]:
    """Raise Unwritable if a temporary file can't be written inside the block."""
    try:
        yield
    except (OSError, sqlite3.Error) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise Unwritable(f"a temporary file can't be written: {why}") from None


def open_seen_orders(stack: ExitStack) -> SeenOrders:
    """Make what knows all orders of a run; it is closed with the stack. Raises sqlite3.Error."""
    seen_orders = SeenOrders()
    stack.callback(seen_orders.close)
    return seen_orders


def open_journal(
    path: Path | None, seen_orders: SeenOrders, stack: ExitStack, *, syncs: bool, dry_run: bool
) -> Journal | None:
    """Open the journal, if one is given, and read it into `seen_orders`. It is closed with the stack.

    A dry run creates none, and changes none. Raises WrongJournal, Unwritable and ConfigurationError.
    """
    if path is None or (dry_run and not path.exists()):
        return None
    base_url = check_base_url(os.environ.get(BASE_URL))
    try:
        journal = Journal.open(path, base_url, seen_orders, writes=not dry_run, syncs=syncs)
    except OSError as problem:
        kind = Unwritable if problem.errno in FULL else WrongJournal
        raise kind(f"the journal {path} can't be used: {problem.strerror or problem}") from None
    stack.callback(journal.close)
    return journal
