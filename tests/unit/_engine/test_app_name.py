"""The header User-Agent names the program of the caller, and this package with its version."""

import socket
from typing import Any

import pytest
from conftest import MakeCaller
from support.raw_server import raw_server

from autoshares_cancel import ConfigurationError, PasswordCredentials, __version__
from autoshares_cancel._validation import check_app_name

GRANTED = b'{"State": "Succeeded", "Token": "an-access-token"}'
ORDER = b'{"Id": 73552, "Status": "New"}'
PAGE = b'{"Result": [], "NextPageLink": ""}'
BODIES = {b"POST /api/token": GRANTED, b"GET /api/v1/accounts/6303/orders/73552": ORDER, b"GET ": PAGE, b"": b""}


def answer(connection: socket.socket, request: bytes) -> None:
    body = next(body for start, body in BODIES.items() if request.startswith(start))
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


@pytest.mark.parametrize(
    ("app_name", "expected"),
    [(None, f"autoshares-cancel/{__version__}"), ("my-desk/2.1 x", f"my-desk/2.1 x autoshares-cancel/{__version__}")],
)
def test_every_request_names_the_program(make_caller: MakeCaller, app_name: str | None, expected: str) -> None:
    """Warm-up, log-in, cancel, read and listing have the same User-Agent, with the caller's product first."""
    trader = PasswordCredentials(app_key="an-app-key", username="trader", password="correct-horse")
    with raw_server(answer) as server:
        caller = make_caller(base_url=server.base_url, credentials=trader, app_name=app_name)
        caller.warm_up()
        caller.cancel(6303, 73552)
        caller.cancel(6303, 73552, venue=True)
        caller.read(6303, 73552)
        caller.open_orders(6303)
        sent = [request.decode("ascii").split("\r\n") for request in server.requests]
    agents = [[line for line in lines if line.startswith("User-Agent: ")] for lines in sent]
    assert [lines[0].partition(" ")[0] for lines in sent] == ["POST", "OPTIONS", "DELETE", "DELETE", "GET", "GET"]
    assert agents == [[f"User-Agent: {expected}"]] * 6


@pytest.mark.parametrize("good", ["desk", "my-desk/2.1", "a/1 b c/3", "!#$%&'*+-.^_`|~/0", "x" * 64])
def test_an_app_name_is_products(good: str) -> None:
    """An app name is one or more products: token ["/" token], as in RFC 9110, section 10.1.5."""
    assert check_app_name("app_name", good) == good


NO_PRODUCTS = ["", " ", "a ", " a", "a  b", "a/", "/1", "a/b/c", "a (x)", 'a"', "a\r\nX: y", "a\n", "a\tb", "ä"]


@pytest.mark.parametrize("bad", [*NO_PRODUCTS, "x" * 65, b"b", 1])
def test_no_other_text_is_an_app_name(bad: Any) -> None:
    """Law 9: a line end would add a header, so the name is refused before any I/O."""
    with pytest.raises(ConfigurationError, match=r'^app_name must be products as in "my-desk/2.1", .* not '):
        check_app_name("app_name", bad)
