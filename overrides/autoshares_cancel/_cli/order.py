"""The command `order`: cancels orders that are named on the command line, one after the other."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, cast

import typer

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome, failed_log_in, interrupted
from autoshares_cancel._cli import options
from autoshares_cancel._cli.console import FAILURE, STYLES, plain
from autoshares_cancel._cli.report import EXIT_CODES, as_object, gravest, line, repeated
from autoshares_cancel._client import Client
from autoshares_cancel.errors import AutosharesError, ConfigurationError

ORDER_HELP: Final = f"""Cancel one or more orders of an account, one after the other.

Prints one line for each order: what happened, and what to do next. An order that is given twice is tried once.

\b
Examples:
  autoshares-cancel order 6303 73552
  autoshares-cancel order 6303 73552 73553 73554 --json
  autoshares-cancel order 6303 73552 --in-doubt

{options.ENVIRONMENT}
{options.EXIT_CODES_HELP}"""


def order(
    *,
    account_id: options.AccountId,
    order_ids: options.OrderIds,
    json_lines: options.AsJson = False,
    deadline: options.DeadlineOption = 30.0,
    ca_file: options.CaFile = None,
    confirm: options.Confirm = False,
    in_doubt: options.InDoubt = False,
    venue: options.Venue = False,
    resolve: options.Resolve = True,
) -> None:
    console = plain(stderr=False)
    try:
        client = Client.from_env(deadline=deadline, **options.settings(ca_file, resolve=resolve))
    except ConfigurationError as error:
        raise options.usage_error(str(error)) from None
    codes: list[int] = []
    with client:
        cancel = partial(client.cancel_order, account_id=account_id, confirm=confirm, in_doubt=in_doubt, venue=venue)
        ends = partial(interrupted, account_id=account_id, in_doubt=in_doubt)
        for order_id, outcome in _outcomes(cancel, ends, order_ids):
            codes.append(0 if outcome is None else EXIT_CODES[type(outcome)])
            values, text = _shown(account_id, order_id, outcome)
            if json_lines:
                typer.echo(json.dumps(values))
            else:
                console.print(text, style=STYLES.get(codes[-1], FAILURE))
    raise typer.Exit(gravest(codes))


def _outcomes(
    cancel: Callable[..., Cancelled], ends: Callable[..., Outcome], order_ids: list[int]
) -> Iterator[tuple[int, Outcome | None]]:
    """Yield every order with its outcome, also after a failed log-in and after Ctrl-C; None for a repeated one."""
    stopped: str | None = None
    for place, order_id in enumerate(order_ids):
        if order_id in order_ids[:place]:
            yield order_id, None
            continue
        if stopped is not None:
            yield order_id, ends(order_id=order_id, detail=stopped)
            continue
        try:
            outcome: Outcome = cancel(order_id=order_id)
        except AutosharesError as error:
            outcome = cast(Outcome, error)
            stopped = None if failed_log_in(outcome) is None else "not tried, because the log-in failed"
        except KeyboardInterrupt:
            outcome = ends(order_id=order_id, detail="interrupted while it was under way", may_have_left=True)
            stopped = "interrupted before its turn"
        yield order_id, outcome


def _shown(account_id: int, order_id: int, outcome: Outcome | None) -> tuple[dict[str, Any], str]:
    """The object and the line of an order."""
    if outcome is None:
        values = repeated(account_id, order_id)
        return values, f"{order_id}  not tried again: {values['detail']}"
    return as_object(account_id, order_id, outcome), line(order_id, outcome)
