"""Shows the progress of a run on stderr: a bar on a terminal, otherwise a line every few seconds."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.run.summary import RunSummary

BAR_SECONDS: Final = 0.1
LINE_SECONDS: Final = 5.0


class Display(Protocol):
    """Shows the progress of a run."""

    every: float
    """Seconds between two updates."""

    def show(self, summary: RunSummary) -> None:
        """Show the current progress."""

    def close(self) -> None:
        """Remove the display."""


class NoDisplay:
    """Shows nothing, for --quiet."""

    every = LINE_SECONDS

    def show(self, summary: RunSummary) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Lines:
    """Prints a line for each update, as logs need it."""

    every = LINE_SECONDS

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note

    def show(self, summary: RunSummary) -> None:
        """Print a line with counts, rate and time left."""
        of = "" if summary.total is None else f" of {summary.total:,}"
        rate, counts = f"{summary.rate:,.0f} a second", summary.in_words() or "nothing yet"
        self._note(f"{summary.done:,}{of} orders, {rate}{_time_left(summary)}: {counts}")

    def close(self) -> None:
        """Do nothing: the lines stay."""


class Bar:
    """Shows a bar with rate, time left and counts."""

    every = BAR_SECONDS

    def __init__(self, console: Console, total: int | None) -> None:
        # rich must not redirect stdout: it may be a file while stderr is a terminal.
        self._progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[text]}"),
            console=console,
            auto_refresh=False,  # a thread could not report that the terminal is gone
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=total, text="")
        self._is_shown = False

    def show(self, summary: RunSummary) -> None:
        """Update the bar. It appears with the first outcome, because the log-in may ask for a code before that."""
        if not summary.done:
            return
        text = f"{summary.rate:,.0f} a second{_time_left(summary)}: {summary.in_words()}"
        self._progress.update(self._task, completed=summary.done, total=summary.total, text=text)
        if not self._is_shown:
            self._progress.start()
            self._is_shown = True
        self._progress.refresh()

    def close(self) -> None:
        """Remove the bar."""
        if self._is_shown:
            self._progress.stop()


def display_of(output: Output, total: int | None, *, quiet: bool) -> Display:
    """Choose a display for stderr: a bar on a terminal, lines otherwise, none if quiet."""
    if quiet:
        return NoDisplay()
    return Lines(output.note) if output.errors is None else Bar(output.errors, total)


@asynccontextmanager
async def shown(display: Display, summary: RunSummary) -> AsyncGenerator[None]:
    """Update the display regularly inside the block, and remove it at the end."""

    async def again() -> None:
        while True:
            await asyncio.sleep(display.every)
            with suppress(OSError):  # progress is not worth a failure
                display.show(summary)

    showing = asyncio.ensure_future(again())
    try:
        yield
    finally:
        showing.cancel()
        with suppress(OSError):
            display.close()


def _time_left(summary: RunSummary) -> str:
    seconds = summary.seconds_left
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f", about {hours}:{minutes:02}:{rest:02} left"
