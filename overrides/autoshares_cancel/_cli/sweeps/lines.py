"""What `sweep` and `worker` print: a row for each order, the progress of all processes, and the last line."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from attrs import define, field

from autoshares_cancel._batch.database.sweep import Sweep, SweepStatus
from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._cli.exit_codes import Exit, gravest
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.progress import display_of, shown
from autoshares_cancel._cli.report import EXIT_CODES, as_object, line
from autoshares_cancel._cli.run.summary import RunSummary
from autoshares_cancel.errors import AuthenticationError, ConfigurationError

LOOK_SECONDS: Final = 2.0
"""Seconds between two looks at the whole sweep, which reads all its orders."""
TIMES_AS_LONG: Final = 20
"""So much longer than a look is the time to the next one, so that a large sweep is not held up by being looked at."""
BY_NAME: Final = {kind.__name__: int(code) for kind, code in EXIT_CODES.items()}


@define
class Rows:
    """Prints the orders that this process has ended, and counts them."""

    output: Output
    as_json: bool
    on_trouble: Callable[[], object] = lambda: None
    """Called when stdout can't be written."""
    codes: Counter[int] = field(factory=Counter[int])

    def print(self, order: tuple[int, int], outcome: Outcome) -> None:
        """Print the row of one order."""
        account_id, order_id = order
        code = int(EXIT_CODES[type(outcome)])
        self.codes[code] += 1
        if self.as_json:
            self.output.row(json.dumps(as_object(account_id, order_id, outcome)))
        else:
            self.output.row(f"{account_id}  {line(order_id, outcome)}", code)
        if self.output.trouble is not None:
            self.on_trouble()


@asynccontextmanager
async def progress(sweep: Sweep, output: Output, *, quiet: bool) -> AsyncGenerator[None]:
    """Show inside the block how far all processes together have come, unless it is to be quiet."""
    if quiet:
        yield
        return
    first = await sweep.status()
    summary = RunSummary(time.monotonic)
    display = display_of(output, first.orders, quiet=False)

    async def look_again() -> None:
        with suppress(ConfigurationError):  # the work itself reports what the database refuses
            while True:
                began = time.monotonic()
                status = await sweep.status()
                summary.total, summary.ended = status.orders, status.done - first.done
                summary.counts = codes_of(status)
                await asyncio.sleep(max(LOOK_SECONDS, TIMES_AS_LONG * (time.monotonic() - began)))

    async with shown(display, summary):
        looking = asyncio.ensure_future(look_again())
        try:
            yield
        finally:
            looking.cancel()


def end_of(failure: AuthenticationError | ConfigurationError | None, output: Output) -> int:
    """The exit code of what ended the work early, which is printed; 0 if nothing did."""
    if failure is None:
        return Exit.CANCELLED
    output.note(f"{failure}. The orders that had not begun are left to other processes.")
    return BY_NAME[type(failure).__name__]


def codes_of(status: SweepStatus) -> Counter[int]:
    """The counts of a sweep by exit code. Pure."""
    codes = Counter[int]()
    for name, count in status.counts.items():
        codes[BY_NAME.get(name, Exit.UNKNOWN)] += count
    return codes


def exit_code_of(status: SweepStatus) -> int:
    """The gravest exit code of a sweep; NOT_SENT if it is not over. Pure."""
    return gravest([*codes_of(status), Exit.CANCELLED if status.is_over else Exit.NOT_SENT])


def status_line(status: SweepStatus) -> str:
    """One line about a sweep. Pure."""
    summary = RunSummary(lambda: 0.0, counts=codes_of(status))
    parts = [f"{status.name}: {status.done:,} of {status.orders:,} orders"]
    if not status.is_filled:
        parts.append("more are to be added")
    if status.in_doubt:
        parts.append(f"{status.in_doubt:,} under way or in doubt")
    if status.rate and not status.is_over:
        left = "" if status.seconds_left is None else f", about {status.seconds_left:,.0f} s left"
        parts.append(f"{status.rate:,.0f} a second{left}")
    parts.append(summary.in_words() or "nothing yet")
    return "; ".join(parts)


def status_object(status: SweepStatus) -> dict[str, Any]:
    """One object for programs. Pure."""
    return status.as_dict() | {"exit_code": exit_code_of(status)}
