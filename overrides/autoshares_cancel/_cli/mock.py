"""The command `mock`: serves a mock exchange."""

import signal
from threading import Event
from types import FrameType
from typing import Any, Final

import click

from autoshares_cancel._cli import options
from autoshares_cancel._cli.command import Command, flag, option

HELP: Final = """Serve a mock exchange until Ctrl-C.

\b
It starts with:
  user trader, password correct-horse, key demo-app-key, account 6303
  orders 73552 to 73561 open, 73562 filled, 73563 partly filled, 73564 cancelled
  order 9000NNN, which is answered with status NNN
  order 9100NNN, which causes fault NNN; GET /_mock/faults lists all faults

\b
Example:
  autoshares-cancel mock --port 8080
"""
PORT: Final = option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    metavar="NUMBER",
    help="Port on 127.0.0.1; 0 picks a free one.",
)
BODIES: Final = option(
    "--bodies",
    type=click.Choice(["guide", "none"]),
    default="guide",
    metavar="guide|none",
    help="Send error bodies as in the vendor's guides, or none.",
)
RATE_LIMIT: Final = option(
    "--rate-limit",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Answer so many requests about orders a second, and others with 429.",
)
RETRY_AFTER: Final = option(
    "--retry-after", type=click.IntRange(0), metavar="SECONDS", help="The Retry-After of a 429, in seconds."
)
SINGLE_SESSION: Final = flag("--single-session", help="A log-in ends the earlier tokens of its user.")


@click.command("mock", cls=Command, help=HELP, params=[PORT, BODIES, RATE_LIMIT, RETRY_AFTER, SINGLE_SESSION])
def mock(**server_options: Any) -> None:
    """Serve a mock exchange; users read HELP instead."""
    try:
        from autoshares_cancel.mock import MockServer  # noqa: PLC0415  # another extra; only this command loads it
    except ImportError as error:
        raise options.usage_error(str(error)) from None
    stop = Event()

    def _stop(_: int, __: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        with MockServer(**server_options) as server:
            click.echo(f"serving {server.base_url} until Ctrl-C; try it with\n")
            click.echo(_example(server.base_url))
            stop.wait()
    except OSError as error:
        raise options.usage_error(error.strerror or str(error)) from None


def _example(base_url: str) -> str:
    return (
        f"  export AUTOSHARES_BASE_URL={base_url} AUTOSHARES_APP_KEY=demo-app-key\n"
        "  export AUTOSHARES_USERNAME=trader AUTOSHARES_PASSWORD=correct-horse\n"
        "  autoshares-cancel order 6303 73552"
    )
