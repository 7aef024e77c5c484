"""The command `order`: cancels orders that are named on the command line, one after the other."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, cast

import typer

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._cli import options
from autoshares_cancel._cli.console import FAILURE, STYLES, plain
from autoshares_cancel._cli.report import EXIT_CODES, as_object, gravest, line
from autoshares_cancel._client import Client
from autoshares_cancel.errors import AuthenticationError, AutosharesError, ConfigurationError, NoReply, NotSent

ORDER_HELP: Final = f"""Cancel one or more orders of an account, one after the other.

Prints one line for each order: what happened, and what to do next.

\b
Examples:
  autoshares-cancel order 6303 73552
  autoshares-cancel order 6303 73552 73553 73554 --json

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
        cancel = partial(client.cancel_order, account_id=account_id, confirm=confirm, venue=venue)
        for order_id, outcome in _outcomes(cancel, account_id, order_ids):
            codes.append(EXIT_CODES[type(outcome)])
            if json_lines:
                typer.echo(json.dumps(as_object(account_id, order_id, outcome)))
            else:
                console.print(line(order_id, outcome), style=STYLES.get(codes[-1], FAILURE))
    raise typer.Exit(gravest(codes))


def _outcomes(cancel: Callable[..., Cancelled], account_id: int, order_ids: list[int]) -> Iterator[tuple[int, Outcome]]:
    """Yield every order with its outcome, also after a failed log-in and after Ctrl-C."""
    stopped: str | None = None
    for order_id in order_ids:
        if stopped is not None:
            yield order_id, NotSent(account_id=account_id, order_id=order_id, detail=stopped)
            continue
        try:
            outcome: Outcome = cancel(order_id=order_id)
        except AuthenticationError as error:
            outcome, stopped = cast(Outcome, error), "not tried, because the log-in failed"
        except AutosharesError as error:
            outcome = cast(Outcome, error)
        except KeyboardInterrupt:
            outcome = NoReply(account_id=account_id, order_id=order_id, detail="interrupted while it was under way")
            stopped = "interrupted before its turn"
        yield order_id, outcome
