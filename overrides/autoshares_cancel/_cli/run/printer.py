"""Prints the outcomes of a file of orders, as lines or as JSON, for as long as there is somebody to read them."""

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
    """Where rows are told. Raises OSError where nobody reads them any more."""

    as_json: bool
    terminal: Console | None
    """Where people read; None for files and pipes, which are faster without."""

    def tell(self, row: Row, told: Mapping[str, object], text: str, *, from_journal: bool = False) -> None:
        """One row: what is known for programs, and the text for people. The row's own columns are kept."""
        if self.as_json:
            text = json.dumps({**row.others, **told, "line": row.line, "from_journal": from_journal})
        code = told.get("exit_code", 0)
        self._print(text, STYLES.get(code, FAILURE) if isinstance(code, int) else FAILURE)

    def complain(self, text: str) -> None:
        """Something that is wrong, on stderr."""
        if self.terminal is None:
            sys.stderr.write(f"{text}\n")
        else:
            self.terminal.print(Text(text, style=FAILURE))

    def _print(self, text: str, style: str) -> None:
        if self.terminal is not None:
            self.terminal.print(
                Text(text, style="" if self.as_json else style)
            )  # a style of print's tints the bar, too
            return
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except OSError:
            _give_up_stdout()
            raise


def _give_up_stdout() -> None:
    """Or Python tries to write the rest of it when it ends, and fails once more."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def output_of(console: Console, *, as_json: bool) -> Output:
    """Where rows are told in this process, when `console` is that of stderr."""
    if not sys.stdout.isatty():
        return Output(as_json, None)
    # Where both are a terminal it is the same one, and the bar must know what is printed above it.
    return Output(as_json, console if console.is_terminal else plain(stderr=False))
