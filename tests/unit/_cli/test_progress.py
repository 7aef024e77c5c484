"""The progress of a run: counts, the last line, a bar on a terminal, lines in a log."""

import asyncio
import io
from typing import Final

import pytest
from attrs import define
from rich.console import Console

from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.progress import Bar, Display, Lines, NoDisplay, display_of, shown
from autoshares_cancel._cli.run.summary import RunSummary

PLENTY: Final = 1_000


class Clock:
    """Returns the seconds that the test has set."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def summary_of(
    counts: dict[int, int], *, seconds: float = 2.0, total: int | None = None, ended: int | None = None
) -> RunSummary:
    """A summary with these counts after so many seconds."""
    clock = Clock()
    there = RunSummary(clock, total)
    there.counts.update(counts)
    there.begun = there.ended = sum(counts.values()) if ended is None else ended
    clock.seconds += seconds
    return there


@pytest.mark.parametrize(
    ("counts", "line", "code"),
    [
        ({0: 998, 4: 1, 5: 1}, "unknown: 1; cancelled: 998; conflict: 1 (1,000 orders in 2.0 s)", 5),
        ({0: 1}, "cancelled: 1 (1 order in 2.0 s)", 0),
        ({4: 2, 0: 3, 8: 1}, "wrong: 1; cancelled: 3; conflict: 2 (6 orders in 2.0 s)", 8),
        ({6: 5000, 7: 1}, "log-in failed: 1; not sent: 5,000 (5,001 orders in 2.0 s)", 7),
        ({3: 1, 4: 9}, "refused: 1; conflict: 9 (10 orders in 2.0 s)", 3),
        ({}, "nothing to cancel (0 orders in 2.0 s)", 0),
    ],
)
def test_the_last_line_begins_with_the_gravest(counts: dict[int, int], line: str, code: int) -> None:
    """The last line has the gravest outcome first, and then the others, the most frequent first."""
    assert (summary_of(counts).last_line(), summary_of(counts).exit_code()) == (line, code)


def test_the_last_line_counts_what_was_not_tried() -> None:
    """The last line counts repeated orders, and those that are final in the journal."""
    there = summary_of({0: 3})
    there.repeated, there.journaled = 2, 1
    assert there.last_line() == "cancelled: 3; repeated: 2 (5 orders in 2.0 s, 1 of them from the journal)"


def test_an_order_that_was_begun_and_never_ended_is_unknown() -> None:
    """Law 4: orders that a second Ctrl-C cuts off are unknown."""
    there = summary_of({0: 3})
    there.begun += 2
    there.ends()
    there.ends()
    assert there.counts == {0: 3, 5: 2}
    assert there.exit_code() == 5


def test_the_time_left_counts_what_is_really_tried() -> None:
    """Orders from the journal take no time, so they do not count; in the first second there is no estimate."""
    assert summary_of({0: 30}, total=50, ended=10).seconds_left == 4.0
    assert summary_of({0: 10}, total=50, seconds=0.9).seconds_left is None
    assert summary_of({0: 10}).seconds_left is None
    assert summary_of({0: 10}, total=50, ended=0).seconds_left is None
    assert summary_of({0: 60}, total=50).seconds_left == 0


def test_a_line_for_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    """A progress line for a log has count, rate, time left and outcomes."""
    lines = Lines(Output().note)
    lines.show(summary_of({0: 999, 4: 1}, total=3_600_500))
    lines.show(summary_of({}, seconds=0.0))
    assert capsys.readouterr().err.splitlines() == [
        "1,000 of 3,600,500 orders, 500 a second, about 1:59:59 left: conflict: 1; cancelled: 999",
        "0 orders, 0 a second: nothing yet",
    ]


def test_a_bar_comes_with_the_first_outcome_and_goes() -> None:
    """The bar appears with the first outcome, because the log-in may ask for a code; it is removed at the end."""
    text = io.StringIO()
    bar = Bar(Console(file=text, force_terminal=True, width=120), 4000)
    bar.show(summary_of({}, total=4000))
    assert text.getvalue() == ""
    bar.show(summary_of({0: 2000}, total=4000))
    bar._progress.refresh()
    bar.close()
    assert "2000/4000" in text.getvalue()
    assert "1,000 a second, about 0:00:02 left: cancelled: 2,000" in text.getvalue()
    assert text.getvalue().endswith("\x1b[2K")


def test_the_display_fits_the_place() -> None:
    """A terminal gets a bar, a log gets lines, and --quiet gets nothing."""
    terminal, log = Output(), Output()
    terminal.errors = Console(file=io.StringIO(), force_terminal=True)
    assert isinstance(display_of(terminal, 5, quiet=False), Bar)
    assert isinstance(display_of(log, 5, quiet=False), Lines)
    assert isinstance(display_of(terminal, 5, quiet=True), NoDisplay)


@define
class Counting:
    """A display that counts."""

    every: float = 0.0
    times: int = 0
    is_closed: bool = False

    def show(self, summary: RunSummary) -> None:
        self.times += 1

    def close(self) -> None:
        self.is_closed = True


def test_it_is_shown_again_and_again_until_the_end() -> None:
    """The display is updated also while no outcome comes, and never after the end."""
    display = Counting()

    async def run(shows: Display) -> int:
        async with shown(shows, summary_of({})):
            for _ in range(PLENTY):
                await asyncio.sleep(0)
                if display.times > 2:
                    break
        times = display.times
        for _ in range(5):
            await asyncio.sleep(0)
        return times

    assert asyncio.run(run(display)) == display.times == 3
    assert display.is_closed
