"""Prints the outcomes of a file of orders, as lines or as JSON, until stdout can't be written any more."""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress

from attrs import frozen
from rich.console import Console
from rich.text import Text

from autoshares_cancel._cli.console import FAILURE, STYLES, plain
from autoshares_cancel._cli.run.rows import Row


@frozen
class Output:
    """Prints rows on stdout and problems on stderr. Raises OSError if they can't be written."""

    as_json: bool
    terminal: Console | None
    """None for files and pipes, which are faster without a console."""

    def print_row(self, row: Row, values: Mapping[str, object], text: str, *, from_journal: bool = False) -> None:
        """Print one row: `text` for people, or `values` as JSON with the row's other columns.

        All other columns are in `columns`, and also beside our keys where no key of ours has their name.
        """
        if self.as_json:
            ours = {**values, "line": row.line, "from_journal": from_journal, "columns": row.others}
            text = json.dumps({**row.others, **ours})
        code = values.get("exit_code", 0)
        self._print(text, STYLES.get(code, FAILURE) if isinstance(code, int) else FAILURE)

    def print_problem(self, text: str) -> None:
        """Print a problem on stderr."""
        if self.terminal is None:
            sys.stderr.write(f"{text}\n")
        else:
            self.terminal.print(Text(text, style=FAILURE))

    def _print(self, text: str, style: str) -> None:
        if self.terminal is not None:
            # The style belongs to the text, because an argument of print would also color the bar.
            self.terminal.print(Text(text, style="" if self.as_json else style))
            return
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except OSError:
            _discard_stdout()
            raise


def _discard_stdout() -> None:
    """Send the rest to the null device. Otherwise Python writes it at exit, and fails again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def output_of(console: Console, *, as_json: bool) -> Output:
    """Make the Output of this process; `console` is that of stderr."""
    if not sys.stdout.isatty():
        return Output(as_json, None)
    # If stdout and stderr are the same terminal, the console of the bar must print the rows above it.
    return Output(as_json, console if console.is_terminal else plain(stderr=False))
