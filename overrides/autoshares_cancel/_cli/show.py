"""The command `show`: reads orders and shows what they are."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

import click

from autoshares_cancel._async_client import AsyncClient
from autoshares_cancel._batch.listing import with_legs
from autoshares_cancel._cli import options
from autoshares_cancel._cli.asking import asked_in_thread
from autoshares_cancel._cli.command import Command, seconds
from autoshares_cancel._cli.ending import Ending
from autoshares_cancel._cli.exit_codes import Exit, as_help, gravest
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.readings import Reading, Readings
from autoshares_cancel._validation import check_seconds
from autoshares_cancel._values.about_order import cause
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.status import State
from autoshares_cancel.errors import AuthenticationError, ConfigurationError

WORDS: Final = {
    Exit.CANCELLED: "all were read, and are final if --wait is given",
    Exit.REFUSED: "the server refused: 401 or 403",
    Exit.LOG_IN: None,
    Exit.USAGE: None,
    Exit.UNWRITTEN: "the output could not be written",
    Exit.UNKNOWN: "an order can't be read, or was not final in time",
}
"""What this command's exit codes mean where they mean something else."""
HELP: Final = f"""Read one or more orders of an account, and show what they are.

Prints one line for each order, in the order given: its status, what that means, and the other fields that the server
sends. With --wait it reads an order again until it is final: cancelled, filled, expired ... It changes nothing: it
sends only GET requests and a log-in. Ctrl-C ends it, and it prints what it knows by then.

\b
Examples:
  autoshares-cancel show 6303 73552
  autoshares-cancel show 6303 73552 73553 --wait 30 --json

{options.ENVIRONMENT}
{as_help(WORDS)}"""

REFUSALS: Final = {401, 403}
READ, NOT_FINAL, NOT_READ = "Read", "NotFinal", "NotRead"
"""Outcomes, beside the names of the exceptions that a read raises."""
AGAIN: Final = "run the same command again"
MEANINGS: Final = {
    State.CANCELLED: "final: cancelled",
    State.OVER: "final, and not cancelled",
    State.PENDING: "open: a cancel was accepted, and the venue has not answered",
    State.WORKING: "open: it can still be executed",
    State.UNKNOWN: "the status does not say whether it is open",
}
NUMBERS: Final = {"executed_quantity": "executed", "leaves_quantity": "left", "average_price": "average price"}
TIMES: Final = {"placed_at": "placed", "created_at": "created", "expires_at": "expires"}
"""Keys of an order, and their words in a line."""

WAIT: Final = seconds("--wait", help="Read each order again until it is final, for so long at most.")
DEADLINE: Final = seconds("--deadline", default=30.0, help="Seconds for each read, log-in included.")


@click.command(
    "show",
    cls=Command,
    help=HELP,
    params=[options.ACCOUNT_ID, options.ORDER_IDS, options.AS_JSON, WAIT, DEADLINE, options.CA_FILE],
)
def show(
    *,
    account_id: int,
    order_ids: tuple[int, ...],
    json_lines: bool,
    wait: float | None,
    deadline: float,
    ca_file: Path | None,
) -> None:
    """Read orders and show what they are; users read HELP instead."""
    output = Output()
    codes: list[int] = []

    def report(reading: Reading) -> None:
        values = as_object(reading, has_waited=wait is not None)
        code = values["exit_code"]
        codes.append(code)
        if json_lines:
            output.row(json.dumps(values))
        else:
            output.row(as_line(reading, values), code or None)

    orders = tuple(Reading(account_id, order_id) for order_id in dict.fromkeys(order_ids))
    try:
        until = None if wait is None else Deadline.after(check_seconds("wait", wait), time.monotonic)
        with Ending(grace=0) as ending:
            ending.look = output.give_up
            settings = asked_in_thread(ending, options.settings(ca_file, resolve=False))
            client = AsyncClient.from_env(deadline=deadline, **settings)
            with suppress(asyncio.CancelledError):  # a signal came
                asyncio.run(_read_all(Readings(client, orders, deadline, until), report, ending))
            for reading in orders[len(codes) :]:
                report(reading)
    except ConfigurationError as problem:
        raise options.usage_error(str(problem)) from None
    output.report_losses()
    raise SystemExit(gravest([*codes, output.exit_code()]))


async def _read_all(readings: Readings, report: Callable[[Reading], None], ending: Ending) -> None:
    """Read the orders until a signal comes: nothing is lost by cutting off a read."""
    task = cast("asyncio.Task[None]", asyncio.current_task())
    with ending.under_way_in_task(task.cancel):
        async with readings.client:
            await readings.run(report)


def as_object(reading: Reading, *, has_waited: bool) -> dict[str, Any]:
    """One object for programs: the order as it was read last, and how the reading ended. Pure.

    A key that does not apply is None.
    """
    order = reading.order or Order(account_id=reading.account_id, order_id=reading.order_id)
    outcome, detail, code = _end_of(reading, has_waited=has_waited)
    if outcome in {NOT_READ, NOT_FINAL}:
        advice: str | None = AGAIN
    else:
        advice = None if reading.problem is None else reading.problem.advice
    return {
        **order.as_dict(),
        "legs": [leg.as_dict() for leg in with_legs(order) if leg is not order],
        "final": reading.is_final,
        "outcome": outcome,
        "status_code": None if reading.problem is None else reading.problem.status_code,
        "detail": detail,
        "exit_code": int(code),
        "advice": advice,
    }


def _end_of(reading: Reading, *, has_waited: bool) -> tuple[str, str | None, Exit]:
    """The outcome, the detail and the exit code of a reading."""
    problem, why = reading.problem, "no time was left" if reading.is_done else "interrupted"
    if isinstance(problem, AuthenticationError):
        return type(problem).__name__, problem.detail, Exit.LOG_IN
    if problem is not None and (reading.order is None or reading.is_settled or not has_waited):
        return type(problem).__name__, problem.detail, Exit.REFUSED if problem.status_code in REFUSALS else Exit.UNKNOWN
    if reading.order is None:
        return NOT_READ, why, Exit.UNKNOWN
    if not has_waited or reading.is_final:
        return READ, None, Exit.CANCELLED
    failed = "" if problem is None else f"; the last read failed{cause(problem.status_code, problem.detail)}"
    return NOT_FINAL, f"{why}{failed}", Exit.UNKNOWN


def as_line(reading: Reading, values: dict[str, Any]) -> str:
    """One line for people, from the object of this reading. Pure."""
    parts = [] if reading.order is None else _words_about(reading.order, values)
    if values["outcome"] == NOT_READ:
        parts = [f"not read: {values['detail']}"]
    elif values["outcome"] == NOT_FINAL:
        parts.append(f"not final: {values['detail']}")
    elif reading.problem is not None:
        before = f"when it was read before: {parts[0]}" if parts else ""
        parts = [f"{reading.problem.meaning}{cause(values['status_code'], values['detail'])}", before]
    advice = "" if values["advice"] is None else f" -> {values['advice']}"
    return f"{reading.order_id}  {'; '.join(filter(None, parts))}{advice}"


def _words_about(order: Order, values: dict[str, Any]) -> list[str]:
    """The parts of a line about an order: the status first, then what else is known."""
    what = (values[name] for name in ("side", "quantity", "symbol", "type", "time_in_force"))
    parts = [f"{order.status} ({MEANINGS[order.state]})", " ".join(filter(None, what)), order.description]
    parts += [f"{word} {values[name]}" for name, word in NUMBERS.items() if values[name] is not None]
    parts += [f"{word} {_time(values[name])}" for name, word in TIMES.items() if values[name] is not None]
    legs = ", ".join(f"{leg['order_id']} {leg['status'] or 'without a status'}" for leg in values["legs"])
    return [*filter(None, parts), *([f"legs {legs}"] if legs else [])]


def _time(text: str) -> str:
    return text.replace("T", " ").replace("+00:00", " UTC")
