"""What a command prints: rows on stdout, notes on stderr. Nothing here raises if a stream can't be written.

1. A character that the encoding of a stream lacks is escaped.
2. A row that stdout does not take goes to stderr, and so does every later one. `problem` then says why.
3. If stderr can't be written, nothing more can be reported: the exit code says so.
4. Each row is flushed: what was printed is out, even if the process is killed.
5. A reader that does not read holds the command up, as with any program. Once the command has to end, a write that was
   under way at two looks fails.
"""

import io
import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Final, TextIO

from autoshares_cancel._cli.exit_codes import Exit

if TYPE_CHECKING:
    from rich.console import Console

    from autoshares_cancel._cli.ending import Ending

STYLES: Final = {0: "green", 4: "yellow", 5: "bold red"}
"""By exit code; FAILURE is the style of all others."""
FAILURE: Final = "red"


class NotTaken(OSError):
    """Nothing reads what is written."""


class Output:
    """The streams of one command, which write on as long as its `ending` allows. A terminal gets colors."""

    def __init__(self, ending: "Ending | None" = None, *, has_bar: bool = False) -> None:
        self._writes, self._is_writing, self._seen = 0, False, 0
        if ending is not None:
            ending.look = self.give_up
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        self.problem: str | None = "it is closed" if _is_closed(sys.stdout) else None
        """Why stdout can't be written; None if it can."""
        self.lost = 0
        """The rows that stdout did not take."""
        self.is_silent = False
        """Whether a note was lost, because stderr can't be written."""
        self.errors = _console(sys.stderr, stderr=True) if has_bar else None
        """The console of the progress bar; None if stderr is no terminal."""
        # If stdout and stderr are the same terminal, the console of the bar must print the rows above it.
        self._rows = (self.errors or _console(sys.stdout)) if _is_terminal(sys.stdout) else None

    def row(self, text: str, code: int | None = None) -> None:
        """Print a line on stdout, in the style of the exit code; on stderr if stdout can't be written."""
        if self.problem is None:
            style = "" if code is None else STYLES.get(code, FAILURE)
            self.problem = self._written(sys.stdout, self._rows, text, style)
        if self.problem is not None:
            self.lost += 1
            self.note(text)

    def note(self, text: str, style: str = "") -> None:
        """Print a line on stderr."""
        if not _is_closed(sys.stderr) and self._written(sys.stderr, self.errors, text, style) is not None:
            self.is_silent = True
            self.errors = self._rows = None  # its console would write to the null device from here on

    def give_up(self) -> None:
        """Raise NotTaken, in the main thread, if the write under way was under way at the last look."""
        if self._is_writing and self._seen == self._writes:
            raise NotTaken(None, "nothing reads it")
        self._seen = self._writes

    def _written(self, *arguments: Any) -> str | None:
        self._writes, self._is_writing = self._writes + 1, True
        try:
            return _written(*arguments)
        except NotTaken as problem:  # raised between two steps
            return problem.strerror
        finally:
            self._is_writing = False

    @property
    def trouble(self) -> str | None:
        """Why stdout can't be written, as a sentence; None if it can."""
        return None if self.problem is None else f"the output can't be written: {self.problem}."

    def report_losses(self) -> None:
        """Report on stderr which rows stdout did not take."""
        if self.lost:
            self.note(f"Rows that are on stderr instead, because of stdout ({self.problem}): {self.lost:,}.")

    def exit_code(self) -> Exit:
        """UNWRITTEN if a row is not on stdout, or a note not on stderr."""
        return Exit.CANCELLED if self.problem is None and not self.is_silent else Exit.UNWRITTEN


def note(text: str) -> None:
    """Print a line on stderr, outside of a command's Output."""
    Output().note(text)


def _written(stream: TextIO, console: "Console | None", text: str, style: str) -> str | None:
    """Write a line and flush it. Returns the problem if that is not possible, and discards the stream then."""
    try:
        if console is None:
            stream.write(f"{text}\n")
        else:
            # The style belongs to the text, because an argument of print would also color the bar.
            console.print(_styled(text, style))
        stream.flush()
    except (OSError, ValueError) as problem:  # ValueError: the stream is closed
        _discard(stream if console is None else console.file)
        return getattr(problem, "strerror", None) or str(problem)
    return None


def _styled(text: str, style: str) -> Any:
    from rich.text import Text  # noqa: PLC0415  # slow to load, and only a terminal needs it

    return Text(text, style=style)


def _console(stream: TextIO, *, stderr: bool = False) -> "Console | None":
    """Make a console that does not highlight, wrap or interpret text; None if the stream is no terminal."""
    if not _is_terminal(stream):
        return None
    from rich.console import Console  # noqa: PLC0415  # as above

    return Console(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)


def _discard(stream: IO[str]) -> None:
    """Send the rest to the null device. Otherwise Python writes it at exit, and fails again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _is_closed(stream: TextIO | None) -> bool:
    return stream is None or stream.closed


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()
