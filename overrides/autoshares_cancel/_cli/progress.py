"""How far a run is, on stderr: a bar on a terminal, a line every few seconds otherwise."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autoshares_cancel._cli.run.summary import RunSummary

BAR_SECONDS: Final = 0.1
LINE_SECONDS: Final = 5.0


class Display(Protocol):
    """Shows how far a run is."""

    every: float
    """Seconds after which it is shown anew."""

    def show(self, summary: RunSummary) -> None:
        """Show it as it is now."""

    def close(self) -> None:
        """Show nothing any more."""


class Nothing:
    """For those who asked for quiet."""

    every = LINE_SECONDS

    def show(self, summary: RunSummary) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Lines:
    """A line, for logs."""

    every = LINE_SECONDS

    def show(self, summary: RunSummary) -> None:
        """One more line."""
        of = "" if summary.total is None else f" of {summary.total:,}"
        rate, counts = f"{summary.rate:,.0f} a second", summary.in_words() or "nothing yet"
        said = f"{summary.done:,}{of} orders, {rate}{_left(summary)}: {counts}"
        sys.stderr.write(f"{said}\n")

    def close(self) -> None:
        """Nothing stays."""


class Bar:
    """A bar with rate, time left and counts."""

    every = BAR_SECONDS

    def __init__(self, console: Console, total: int | None) -> None:
        # Both streams stay as they are: rows belong to stdout, also where that is a file and only this is a terminal.
        self._progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=total, said="")
        self._is_shown = False

    def show(self, summary: RunSummary) -> None:
        """Move on. The bar comes with the first outcome: before it, somebody may be asked for a code."""
        if not summary.done:
            return
        if not self._is_shown:
            self._progress.start()
            self._is_shown = True
        said = f"{summary.rate:,.0f} a second{_left(summary)}: {summary.in_words()}"
        self._progress.update(self._task, completed=summary.done, total=summary.total, said=said)

    def close(self) -> None:
        """Take the bar away."""
        if self._is_shown:
            self._progress.stop()


def display_of(console: Console, total: int | None, *, quiet: bool) -> Display:
    """What fits the place where stderr goes."""
    if quiet:
        return Nothing()
    return Bar(console, total) if console.is_terminal else Lines()


@asynccontextmanager
async def shown(display: Display, summary: RunSummary) -> AsyncGenerator[None]:
    """Show how far it is, again and again."""

    async def again() -> None:
        while True:
            await asyncio.sleep(display.every)
            display.show(summary)

    showing = asyncio.ensure_future(again())
    try:
        yield
    finally:
        showing.cancel()
        display.close()


def _left(summary: RunSummary) -> str:
    seconds = summary.seconds_left
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f", about {hours}:{minutes:02}:{rest:02} left"
