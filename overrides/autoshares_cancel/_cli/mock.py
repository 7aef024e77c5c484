"""The command `mock`: serves a mock exchange."""

import signal
from threading import Event
from types import FrameType
from typing import Annotated, Final, Literal

import typer

from autoshares_cancel._cli import options

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


Port = Annotated[int, typer.Option(min=0, max=65535, metavar="NUMBER", help="Port on 127.0.0.1; 0 picks a free one.")]
Bodies = Annotated[
    Literal["guide", "none"],
    typer.Option(metavar="guide|none", help="Send error bodies as in the vendor's guides, or none."),
]
RateLimit = Annotated[
    int | None,
    typer.Option(min=1, metavar="NUMBER", help="Answer so many requests about orders a second, and others with 429."),
]
RetryAfter = Annotated[int | None, typer.Option(min=0, metavar="SECONDS", help="The Retry-After of a 429, in seconds.")]


def mock(
    port: Port = 8080,
    bodies: Bodies = "guide",
    rate_limit: RateLimit = None,
    retry_after: RetryAfter = None,
    *,
    single_session: Annotated[
        bool, typer.Option("--single-session", help="A log-in ends the earlier tokens of its user.")
    ] = False,
) -> None:
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
        with MockServer(
            port=port, bodies=bodies, rate_limit=rate_limit, retry_after=retry_after, single_session=single_session
        ) as server:
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
