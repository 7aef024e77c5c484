"""The generated package sends a request once, unchanged and with a finite timeout, by the caller's httpx client."""

from types import ModuleType
from typing import Any

import httpx
import pytest

from autoshares_cancel.mock import MockServer, create_app
from autoshares_openapi import Request, asend, send
from autoshares_openapi.api.orders import cancel_order, cancel_order_at_venue, get_order, list_orders
from autoshares_openapi.api.tokens import get_token

APP_KEY = {"Et-App-Key": "demo-app-key"}
LOG_IN = get_token.request(username="trader", password="correct-horse")
CANCEL = cancel_order.request(account_id=6303, order_id=73552)
CALLS = {
    list_orders: list_orders.request(account_id=6303, page_number=0, page_size=100, filter_="Status in (0,1,6)"),
    get_order: get_order.request(account_id=6303, order_id=73552),
    cancel_order: CANCEL,
    cancel_order_at_venue: cancel_order_at_venue.request(account_id=6303, order_id=73553),
}
PATIENT = httpx.Timeout(60)


class Sent(list[httpx.Request]):
    """The requests that a transport got; it answers each with the same status."""

    def __init__(self, status_code: int = 204, **headers: str) -> None:
        super().__init__()
        self._status_code, self._headers = status_code, headers

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.append(request)
        return httpx.Response(self._status_code, headers=self._headers, content=iter([b"in ", b"pieces"]))


def opened(sent: Sent, **options: Any) -> httpx.Client:
    settings: dict[str, Any] = {"base_url": "https://broker.example/api", **options}
    return httpx.Client(transport=sent.transport, **settings)


def bearer(reply: httpx.Response) -> dict[str, str]:
    """The header for the calls after a log-in."""
    assert reply.status_code == 200
    parsed = get_token.parse(status_code=200, content=reply.content)
    assert parsed is not None
    return {"Authorization": f"Bearer {parsed.token}"}


def test_every_operation_is_sent_and_read(mock_server: MockServer) -> None:
    """The mock accepts the requests of all operations, and the operations parse its replies."""
    with httpx.Client(base_url=mock_server.base_url, headers=APP_KEY, trust_env=False, timeout=PATIENT) as http:
        http.headers.update(bearer(send(http, LOG_IN)))
        replies = {operation: send(http, request) for operation, request in CALLS.items()}
    assert [reply.status_code for reply in replies.values()] == [200, 200, 204, 204]
    page = list_orders.parse(status_code=200, content=replies[list_orders].content)
    order = get_order.parse(status_code=200, content=replies[get_order].content)
    assert page is not None
    assert order is not None
    assert order.id == 73552
    assert [mock_server.exchange.orders[order_id].status for order_id in (73552, 73553)] == ["Canceled", "Canceled"]


@pytest.mark.anyio
async def test_every_operation_is_sent_and_awaited(anyio_backend: object) -> None:
    """The asynchronous client sends every operation, on every event loop."""
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://mock/api", headers=APP_KEY) as http:
        http.headers.update(bearer(await asend(http, LOG_IN)))
        statuses = [(await asend(http, request, timeout=60)).status_code for request in CALLS.values()]
    assert statuses == [200, 200, 204, 204]


ENDLESS: dict[str, tuple[Any, Any]] = {
    "none": (None, None),
    "one part": (httpx.Timeout(5, pool=None), None),
    "infinite": (float("inf"), None),
    "given infinite": (5, float("inf")),
    "given nan": (5, float("nan")),
    "given 0": (5, 0),
    "given below 0": (5, -1.0),
    "given True": (5, True),
    "given text": (5, "5"),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_without_a_finite_time_out_nothing_is_sent(kind: str) -> None:
    """Law 7: without a finite timeout, send() raises ValueError before any I/O."""
    of_client, given = ENDLESS[kind]
    sent = Sent()
    with opened(sent, timeout=of_client) as http, pytest.raises(ValueError, match="give timeout=, in seconds above 0"):
        send(http, CANCEL, timeout=given)
    assert sent == []


@pytest.mark.anyio
async def test_without_a_finite_time_out_nothing_is_awaited(anyio_backend: object) -> None:
    """Law 7: without a finite timeout, asend() raises ValueError before any I/O."""
    sent = Sent()
    async with httpx.AsyncClient(transport=sent.transport, base_url="https://broker.example", timeout=None) as http:
        with pytest.raises(ValueError, match="give timeout="):
            await asend(http, CANCEL)
    assert sent == []


def test_the_time_out_that_is_given_counts() -> None:
    """A given timeout replaces the client's; without one, the client's timeouts apply."""
    sent = Sent()
    parts = {"connect": 1, "read": 2, "write": 3, "pool": 4}
    with opened(sent, timeout=httpx.Timeout(**parts)) as http:
        send(http, CANCEL)
        send(http, CANCEL, timeout=7)
    assert [each.extensions["timeout"] for each in sent] == [parts, dict.fromkeys(parts, 7)]


def test_a_request_uses_the_settings_of_the_httpx_client() -> None:
    """A request uses the client's base URL, headers and authentication; its own headers override the client's."""
    sent = Sent()
    request = Request(method="POST", path="/token", headers={"Username": "trader", "X-Both": "request"})
    with opened(sent, headers={"X-Both": "client", **APP_KEY}, auth=("a", "b")) as http:
        send(http, request)
    (only,) = sent
    assert (only.method, str(only.url)) == ("POST", "https://broker.example/api/token")
    assert only.headers["Authorization"].startswith("Basic ")
    assert (only.headers["Username"], only.headers["X-Both"], only.headers["Et-App-Key"]) == (
        "trader",
        "request",
        "demo-app-key",
    )


@pytest.mark.parametrize("status_code", [200, 204, 301, 302, 303, 307, 308, 404, 500, 599])
def test_no_status_is_an_exception_and_no_redirect_is_followed(status_code: int) -> None:
    """Law 1: every status is returned with its whole body, and no redirect is followed, even if the client would."""
    sent = Sent(status_code, Location="https://elsewhere.example/")
    with opened(sent, follow_redirects=True) as http:
        reply = send(http, CANCEL)
    assert (reply.status_code, reply.content, reply.is_closed) == (status_code, b"in pieces", True)
    assert len(sent) == 1


@pytest.mark.anyio
async def test_no_redirect_is_followed_by_the_asynchronous_client(anyio_backend: object) -> None:
    """Law 1: asend() follows no redirect, even if the client would."""
    transport = httpx.MockTransport(lambda _: httpx.Response(303, headers={"Location": "/"}))
    options: Any = {"base_url": "https://broker.example", "follow_redirects": True}
    async with httpx.AsyncClient(transport=transport, **options) as http:
        assert (await asend(http, CANCEL)).status_code == 303


CHANGED = {
    "dots for an order": Request(method="DELETE", path="/v1/accounts/6303/orders/.."),
    "dots for an account": Request(method="DELETE", path="/v1/accounts/./orders/73552"),
    "another host": Request(method="DELETE", path="https://elsewhere.example/api/v1/accounts/6303/orders/73552"),
    "another host without a scheme": Request(method="DELETE", path="//elsewhere.example/api"),
    "a fragment": Request(method="DELETE", path="/v1/accounts/6303/orders/73552#"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_the_path_is_sent_as_it_is_or_not_at_all(what: str) -> None:
    """Law 9: a path that httpx would change is refused: it would send DELETE /v1/accounts/6303 for an order `..`."""
    sent = Sent()
    with opened(sent) as http, pytest.raises(ValueError, match="the path would be changed"):
        send(http, CHANGED[what])
    assert sent == []


def test_parameters_of_the_client_do_not_take_the_place_of_the_query() -> None:
    """Law 9: a client with params of its own is refused, because httpx would drop the query."""
    sent = Sent()
    with opened(sent, params={"key": "value"}) as http, pytest.raises(ValueError, match="a client without params"):
        send(http, CALLS[list_orders])
    assert sent == []


@pytest.mark.parametrize("operation", [cancel_order, cancel_order_at_venue, get_order], ids=lambda each: each.__name__)
@pytest.mark.parametrize("number", ["..", "73552/../1", "73552", 1.5, None], ids=repr)
def test_only_a_whole_number_stands_for_an_order_or_an_account(operation: ModuleType, number: object) -> None:
    """Law 9: an account or order that is not an integer is refused, so that it cannot change the path."""
    for name in ("account_id", "order_id"):
        with pytest.raises((TypeError, ValueError)):
            operation.request(**{"account_id": 6303, "order_id": 73552, name: number})
