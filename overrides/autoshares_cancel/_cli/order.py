"""The command `order`: cancels orders that are named on the command line, one after the other."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import click
from attrs import define, field

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome, failed_log_in, interrupted
from autoshares_cancel._cli import options
from autoshares_cancel._cli.command import Command
from autoshares_cancel._cli.ending import INTERRUPTED, Ending, Interrupted
from autoshares_cancel._cli.exit_codes import gravest
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.report import EXIT_CODES, as_object, line, repeated
from autoshares_cancel._cli.run.summary import RunSummary
from autoshares_cancel._client import Client
from autoshares_cancel._validation import check_seconds
from autoshares_cancel.errors import AutosharesError, ConfigurationError

HELP: Final = f"""Cancel one or more orders of an account, one after the other.

Prints one line for each order: what happened, and what to do next. An order that is given twice is tried once.
Ctrl-C lets the order under way end and begins no other; a second one cuts it off.

\b
Examples:
  autoshares-cancel order 6303 73552
  autoshares-cancel order 6303 73552 73553 73554 --json

{options.ENVIRONMENT}
{options.EXIT_CODES_HELP}"""


@click.command(
    "order",
    cls=Command,
    help=HELP,
    params=[options.ACCOUNT_ID, options.ORDER_IDS, options.AS_JSON, options.DEADLINE, options.IN_DOUBT, *options.TERMS],
)
def order(
    *,
    account_id: int,
    order_ids: tuple[int, ...],
    json_lines: bool,
    deadline: float,
    grace: float,
    ca_file: Path | None,
    resolve: bool,
    in_doubt: bool,
    **terms: Any,
) -> None:
    """Cancel orders one after the other; users read HELP instead."""
    reported = list[Outcome]()
    settings = options.settings(ca_file, resolve=resolve)
    try:
        ending = Ending(check_seconds("grace", grace))
        if settings["second_factor"] is not None:
            settings["second_factor"] = partial(ending.ask, settings["second_factor"])
        client = Client.from_env(deadline=deadline, on_outcome=lambda event: reported.append(event.outcome), **settings)
    except ConfigurationError as error:
        raise options.usage_error(str(error)) from None
    with ending, client:
        cancel = partial(client.cancel_order, account_id=account_id, in_doubt=in_doubt, **terms)
        ends = partial(interrupted, account_id=account_id, in_doubt=in_doubt)
        run = OrderRun(account_id, cancel, ends, reported, json_lines, ending, Output(ending))
        run.cancel(order_ids)
        code = run.end()
    raise SystemExit(code)


@define
class OrderRun:
    """The orders of one command line."""

    account_id: int
    call: Callable[..., Cancelled]
    ends: Callable[..., Outcome]
    """The outcome of an order that was cut off, or has not begun."""
    reported: list[Outcome]
    """What the client reports, also of a call that is cut off."""
    as_json: bool
    ending: Ending
    output: Output
    summary: RunSummary = field(factory=lambda: RunSummary(time.monotonic))
    _failed: str | None = None
    """Why no more orders are tried, if a log-in or the program has failed."""
    _is_calling: bool = False

    def cancel(self, order_ids: Sequence[int]) -> None:
        """Cancel the orders, and print each with its outcome."""
        with self.ending.under_way(stop=self._announce, cut=self._cut):
            for place, order_id in enumerate(order_ids):
                if order_id in order_ids[:place]:
                    self._print_repeated(order_id)
                else:
                    self._print(order_id, self._outcome(order_id))

    def end(self) -> int:
        """Print the counts if something has ended the command early. Returns the exit code."""
        if self.output.problem is not None or self.ending.is_stopping:
            self.output.report_losses()
            why = self.output.trouble or INTERRUPTED
            self.output.note(f"{why} {self.summary.last_line()}")
        return gravest([self.summary.exit_code(), self.output.exit_code()])

    def _announce(self) -> None:
        if self._is_calling:  # otherwise the main thread may be printing
            self.output.note(self.ending.announcement())

    def _cut(self) -> None:
        if self._is_calling:
            raise Interrupted

    def _outcome(self, order_id: int) -> Outcome:
        if (why := self._why_not()) is not None:
            return self.ends(order_id=order_id, detail=why)
        self.reported.clear()
        try:
            return self._called(order_id)
        except Interrupted:
            return self._cut_off(order_id, "interrupted while it was under way")

    def _why_not(self) -> str | None:
        if self.ending.is_stopping:
            return "interrupted before its turn"
        return self._failed or (None if self.output.problem is None else "not tried: the output can't be written")

    def _called(self, order_id: int) -> Outcome:
        self._is_calling = True
        try:
            return self.call(order_id=order_id)
        except AutosharesError as error:
            outcome = cast(Outcome, error)
            if failed_log_in(outcome) is not None:
                self._failed = "not tried, because the log-in failed"
            return outcome
        except Exception:  # noqa: BLE001  # law 12: a fault of ours does not hide what it has begun
            self._failed = "not tried, because the program failed"
            return self._cut_off(order_id, "the program failed while it was under way")
        finally:
            self._is_calling = False

    def _cut_off(self, order_id: int, detail: str) -> Outcome:
        """The outcome that the client reported; without one the request may have left."""
        if self.reported:
            return self.reported[-1]
        return self.ends(order_id=order_id, detail=detail, may_have_left=True)

    def _print(self, order_id: int, outcome: Outcome) -> None:
        code = EXIT_CODES[type(outcome)]
        self.summary.counts[int(code)] += 1
        if self.as_json:
            self.output.row(json.dumps(as_object(self.account_id, order_id, outcome)))
        else:
            self.output.row(line(order_id, outcome), code)

    def _print_repeated(self, order_id: int) -> None:
        values = repeated(self.account_id, order_id)
        self.output.row(json.dumps(values) if self.as_json else f"{order_id}  not tried again: {values['detail']}")
