"""The command line: arguments in, lines and exit codes out. Needs the extra `cli`."""

import json
import signal
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from threading import Event
from types import FrameType
from typing import Annotated, Final, Literal, cast

import typer

from autoshares_cancel import _cli_options as options
from autoshares_cancel._cli_all import HELP as ALL_HELP
from autoshares_cancel._cli_all import cancel_all
from autoshares_cancel._cli_orders import HELP as ORDERS_HELP
from autoshares_cancel._cli_orders import orders
from autoshares_cancel._client import Client
from autoshares_cancel._outcomes import Cancelled, Outcome
from autoshares_cancel._report import EXIT_CODES, as_object, gravest, line
from autoshares_cancel._rows_out import FAILURE, STYLES, plain
from autoshares_cancel.errors import AuthenticationError, AutosharesError, ConfigurationError, NoReply, NotSent

app = typer.Typer(
    help="Cancel orders at Autoshares Trader and say what really became of them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:  # noqa: FBT001  # Typer's callback
    if value:
        typer.echo(f"autoshares-cancel {version('autoshares-cancel')}")
        raise typer.Exit


ShowVersion = Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which.")]


@app.callback()
def _root(*, _: ShowVersion = False) -> None:
    pass


ORDER_HELP: Final = f"""Cancel one or more orders of an account, one after the other.

Prints a line for each order: what happened, and what to do next.

\b
Examples:
  autoshares-cancel order 6303 73552
  autoshares-cancel order 6303 73552 73553 73554 --json

{options.ENVIRONMENT}
{options.EXIT_CODES_HELP}"""


@app.command(help=ORDER_HELP)
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
    """Each order with what became of it, to the last one, also when the log-in fails or somebody presses Ctrl-C."""
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


app.command(help=ORDERS_HELP)(orders)
app.command("all", help=ALL_HELP)(cancel_all)


@app.command()
def mock(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of 127.0.0.1; 0 takes a free one.")] = 8080,
    bodies: Annotated[
        Literal["guide", "none"], typer.Option(help="Error bodies as the vendor's guides show them, or none.")
    ] = "guide",
) -> None:
    """Serve the mock exchange until Ctrl-C.

    \b
    Known at start:
      user trader, password correct-horse, key demo-app-key, account 6303
      orders 73552 to 73561 open, 73562 filled, 73563 partly filled, 73564 cancelled
      order 9000NNN answers status NNN
      order 9100NNN goes wrong on the wire, as GET /_mock/faults lists

    \b
    Example:
      autoshares-cancel mock --port 8080
    """
    try:
        from autoshares_cancel.mock import MockServer  # noqa: PLC0415  # another extra, loaded when it is used
    except ImportError as error:
        raise options.usage_error(str(error)) from None
    stop = Event()

    def _stop(_: int, __: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        with MockServer(port=port, bodies=bodies) as server:
            typer.echo(f"serving {server.base_url} until Ctrl-C; try it with\n")
            typer.echo(_example(server.base_url))
            stop.wait()
    except OSError as error:
        raise options.usage_error(error.strerror or str(error)) from None


def _example(base_url: str) -> str:
    return (
        f"  export AUTOSHARES_BASE_URL={base_url} AUTOSHARES_APP_KEY=demo-app-key\n"
        "  export AUTOSHARES_USERNAME=trader AUTOSHARES_PASSWORD=correct-horse\n"
        "  autoshares-cancel order 6303 73552"
    )
