"""Which objects a client accepts as its transport."""

import httpx
import pytest
from support.transports import raising

from autoshares_cancel import ConfigurationError
from autoshares_cancel._http.transport import check_transport
from autoshares_cancel.mock import create_app

MOCK = httpx.MockTransport(lambda _: httpx.Response(204))
FITTING: dict[str, list[object]] = {
    "sync": [httpx.HTTPTransport(), MOCK, raising(OSError())],
    "async": [httpx.AsyncHTTPTransport(), MOCK, httpx.ASGITransport(create_app()), raising(OSError())],
}
WRONG: dict[str, tuple[bool, object, str]] = {
    "class": (False, httpx.HTTPTransport, r"an instance, as httpx.HTTPTransport\(...\), not the class HTTPTransport"),
    "asynchronous class": (True, httpx.AsyncHTTPTransport, r"an instance, as httpx.AsyncHTTPTransport\(...\)"),
    "asynchronous": (False, FITTING["async"][0], "Client needs a transport like .*; AsyncHTTPTransport is one for"),
    "application": (False, FITTING["async"][2], "Client needs a transport like .*; ASGITransport is one for AsyncCl"),
    "blocking": (True, FITTING["sync"][0], "AsyncClient needs a transport like .*; HTTPTransport is one for Client"),
    "URL": (False, "socks5://localhost:1080", r"an httpx transport, as httpx.HTTPTransport\(...\), not str"),
    "client": (True, httpx.AsyncClient, r"an instance, as httpx.AsyncHTTPTransport\(...\), not the class AsyncClient"),
    "number": (True, 5, r"an httpx transport, as httpx.AsyncHTTPTransport\(...\), not int"),
}


@pytest.mark.parametrize("kind", FITTING)
def test_transports_that_fit(kind: str) -> None:
    """A client accepts httpx's transports, and every object with the method."""
    for transport in FITTING[kind]:
        check_transport(transport, asynchronous=kind == "async")


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_transport_is_refused(what: str) -> None:
    """Law 3: anything else is refused before any I/O; the message says what to give instead."""
    asynchronous, transport, words = WRONG[what]
    with pytest.raises(ConfigurationError, match=words):
        check_transport(transport, asynchronous=asynchronous)


@pytest.mark.parametrize("verify", [False, "ca.pem", None])
def test_verify_belongs_to_the_transport(verify: object) -> None:
    """Law 10: an argument that would have no effect is refused."""
    with pytest.raises(ConfigurationError, match="give verify to the transport"):
        check_transport(FITTING["sync"][0], asynchronous=False, verify=verify)
