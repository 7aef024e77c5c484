"""Faults on the wire: which bytes are sent, and when."""

from __future__ import annotations

import gzip
import io
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from support.fake_backend import until
from support.http_caller import APP_KEY, HttpCaller

from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.faults.catalogue import BY_NAME, FAULTS, FIRST_FAULT_ORDER
from autoshares_cancel.mock.faults.of_messages import BOMB_SIZE, gzip_bomb
from autoshares_cancel.mock.server.protocol import FaultyProtocol


def request(caller: HttpCaller, order: int, *more: str) -> bytes:
    lines = [f"DELETE /api/v1/accounts/6303/orders/{order} HTTP/1.1", "Host: mock", *more]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in caller.log_in().items()), "", ""]).encode()


def order_of(name: str) -> int:
    return FIRST_FAULT_ORDER + BY_NAME[name].number


@contextmanager
def connected(caller: HttpCaller) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", caller.server.port), timeout=60) as connection:
        yield connection


def read(connection: socket.socket) -> tuple[bytes, bool]:
    """The bytes until the end, and whether the end is a reset."""
    data = b""
    try:
        while chunk := connection.recv(65536):
            data += chunk
    except ConnectionResetError:
        return data, True
    return data, False


def answer(caller: HttpCaller, name: str, *more: str) -> tuple[bytes, bool]:
    with connected(caller) as connection:
        connection.sendall(request(caller, order_of(name), *more))
        return read(connection)


def test_the_catalogue_is_listed(caller: HttpCaller) -> None:
    """The catalogue has number, name, summary and moments of every fault; numbers and names are unique."""
    catalogue = caller.client.get(f"{caller.server.origin}/_mock/faults").json()["catalogue"]
    assert catalogue[0] == {
        "number": 1,
        "name": "reset-on-accept",
        "summary": "a reset as soon as the connection is made",
        "when": ["before"],
    }
    assert len(catalogue) == len({item["number"] for item in catalogue}) == len({item["name"] for item in catalogue})
    assert [item["name"] for item in catalogue] == [fault.name for fault in FAULTS]
    assert all(0 < item["number"] < 1000 for item in catalogue)


@pytest.mark.parametrize("name", ["reset-during-request", "reset-after-request", "reset-in-head", "reset-in-body"])
def test_a_reset_is_a_reset(caller: HttpCaller, name: str) -> None:
    """The connection is reset and not closed; bytes that were sent before arrive."""
    data, is_reset = answer(caller, name)
    assert is_reset
    assert data.startswith(b"HTTP/1.1 20") == name.startswith("reset-in")


@pytest.mark.parametrize("name", ["close-without-reply", "close-in-head", "close-after-reply", "truncated-body"])
def test_an_end_is_no_reset(caller: HttpCaller, name: str) -> None:
    """The connection ends without a reset, however early."""
    assert not answer(caller, name)[1]


def test_a_request_is_broken_off_before_it_is_complete(caller: HttpCaller) -> None:
    """Half a head is enough, by number and by header; both requests are recorded, and not carried out."""
    for half in (
        f"DELETE /api/v1/accounts/6303/orders/{order_of('reset-during-request')} HTTP/1.1\r\nHost: mock\r\nX:",
        "DELETE /api/v1/accounts/6303/orders/73552 HTTP/1.1\r\nX-Mock-Fault: reset-on-accept\r\nX:",
    ):
        with connected(caller) as connection:
            connection.sendall(half.encode())
            assert read(connection) == (b"", True)
    seen = caller.state()["requests"]
    assert [(each["method"], each["status"], each["fault"], each["when"]) for each in seen] == [
        ("DELETE", None, "reset-during-request", "before"),
        ("DELETE", None, "reset-on-accept", "before"),
    ]
    assert caller.server.exchange.ledger == ()


def test_a_connection_is_reset_before_any_request(caller: HttpCaller) -> None:
    """Connections are reset as often as armed; nothing is sent, and nothing is recorded."""
    armed = caller.control("faults", {"faults": [{"fault": "reset-on-accept", "times": 2}]}).json()
    assert armed["faults"] == [{"fault": "reset-on-accept", "when": "before", "times": 2}]
    for _ in range(2):
        # The reset may come before the connection is made.
        with pytest.raises(ConnectionResetError), connected(caller) as connection:
            connection.recv(1)
    with connected(caller) as connection:
        connection.sendall(request(caller, 73552, "Connection: close"))
        assert read(connection)[0].startswith(b"HTTP/1.1 204")
    assert [each["path"] for each in caller.state()["requests"]][-1].endswith("73552")


@pytest.mark.parametrize("name", ["stall", "stall-in-head", "stall-in-body"])
def test_silence_ends_when_the_caller_goes_away(caller: HttpCaller, name: str) -> None:
    """The server is silent until the caller closes the connection; then no task is left."""
    with connected(caller) as connection:
        connection.sendall(request(caller, order_of(name)))
        until(lambda: caller.state()["counters"]["faults_in_flight"])
        if name != "stall":
            assert connection.recv(65536).startswith(b"HTTP/1.1 20")
    until(lambda: not caller.state()["counters"]["faults_in_flight"])


@pytest.mark.parametrize("name", ["stall", "drip", "late-reply"])
def test_leaving_does_not_wait_for_a_fault(name: str, plain_client: httpx.Client) -> None:
    """The server stops at once, and the caller sees the end."""
    with MockServer() as server:
        caller = HttpCaller(server, plain_client)
        caller.control("settings", {"fault_pause": 30})
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        connection.sendall(request(caller, order_of(name)))
        until(lambda: caller.state()["counters"]["faults_in_flight"])
    with connection:
        assert read(connection)[0].count(b"HTTP/1.1 204") == (name == "late-reply")


def test_bytes_come_one_by_one(caller: HttpCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    """All bytes arrive, with a pause before each."""
    pauses = list[float]()

    async def wait(_: FaultyProtocol, seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(FaultyProtocol, "_wait", wait)
    caller.control("settings", {"fault_pause": 30})
    data, _ = answer(caller, "drip", "Connection: close")
    assert data.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert data.endswith(b"\r\n\r\n")
    assert pauses == [30] * len(data)


def test_the_connection_ends_as_it_is_used_again(caller: HttpCaller) -> None:
    """The first reply is intact, and the next request gets no byte."""
    with connected(caller) as connection:
        connection.sendall(request(caller, order_of("close-on-reuse")))
        assert connection.recv(65536).startswith(b"HTTP/1.1 204")
        connection.sendall(b"DELETE /")
        assert read(connection) == (b"", False)


WRITTEN = {
    "close-in-status-line": b"HTTP/1.1 204 No Cont",
    "http-0.9": b"<p>204 No Content</p>\r\n",
    "garbage": b"\x16\x03\x01",
    "status-0": b"HTTP/1.1 0 ",
    "status-1000": b"HTTP/1.1 1000 ",
    "invalid-status-line": b"HTTP/1.1 2x4 ",
    "http-1.0": b"HTTP/1.0 200 OK\r\n",
    "continue-first": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n",
    "early-hints-first": b"HTTP/1.1 103 Early Hints\r\n",
    "switching-protocols": b"HTTP/1.1 101 ",
    "204-with-a-body": b"HTTP/1.1 204 No Content\r\n",
    "429-in-a-second": b"HTTP/1.1 429 Too Many Requests\r\n",
    "503-at-once": b"HTTP/1.1 503 Service Unavailable\r\n",
    "200-maintenance-page": b"HTTP/1.1 200 OK\r\n",
    "401": b"HTTP/1.1 401 Unauthorized\r\n",
    "404": b"HTTP/1.1 404 Not Found\r\n",
    "429": b"HTTP/1.1 429 Too Many Requests\r\n",
    "500": b"HTTP/1.1 500 Internal Server Error\r\n",
    "503": b"HTTP/1.1 503 Service Unavailable\r\n",
    "201-with-the-reply": b"HTTP/1.1 201 Created\r\n",
    "500-with-the-reply": b"HTTP/1.1 500 Internal Server Error\r\n",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_reply_begins_with(caller: HttpCaller, name: str) -> None:
    """The bytes of each fault agree with its summary."""
    assert answer(caller, name, "Connection: close")[0].startswith(WRITTEN[name])


HOLDING = {
    "two-lengths": b"content-length: 35\r\ncontent-length: 36\r\n",
    "length-too-short": b"content-length: 30\r\n",
    "length-too-long": b"content-length: 135\r\n",
    "broken-chunks": b"transfer-encoding: chunked\r\n\r\nzz\r\n",
    "unknown-encoding": b"content-encoding: martian\r\n",
    "false-gzip": b"content-encoding: gzip\r\n",
    "bad-content-type": b"content-type: \xff\xfe/\xfd\r\n",
    "huge-head": b"x" * 2**20,
    "gzip-bomb": b"\x1f\x8b\x08",
    "two-replies": b"\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    "429-at-once": b"content-length: 0\r\n",
    "503-in-a-second": b"\r\nretry-after: 1\r\n",
    "200-maintenance-page": b"content-type: text/html\r\ncontent-length: 69\r\n\r\n<!DOCTYPE html>",
    "429-in-an-hour": b"\r\nretry-after: 3600\r\n",
    "503-in-an-hour": b"\r\nretry-after: 3600\r\n",
    "200-rejected": b'content-length: 22\r\n\r\n{"Status": "Rejected"}',
    "200-error": b'content-length: 36\r\n\r\n{"error": "Unexpected server error"}',
    "200-no-object": b'content-length: 4\r\n\r\n"OK"',
    "201-with-the-reply": b'\r\n\r\n{"Message": "a reply with a fault"}',
    "200-another-order": b'\r\n\r\n{"Id": 9100072, "Status": "Canceled"}',
    "200-no-success": b'content-length: 18\r\n\r\n{"success": false}',
    "redirect-303-itself": b"location: /api/v1/accounts/6303/orders/9100330\r\n",
    "redirect-301-other": b"location: https://other.example/api/v1/accounts/6303/orders/9100311\r\n",
    "redirect-308-http": b"location: http://other.example/api/v1/accounts/6303/orders/9100382\r\n",
}


@pytest.mark.parametrize("name", HOLDING)
def test_what_a_reply_holds(caller: HttpCaller, name: str) -> None:
    """The reply of each fault has these bytes."""
    assert HOLDING[name] in answer(caller, name, "Connection: close")[0]


@pytest.mark.parametrize("name", ["401", "404", "429", "500", "503"])
def test_a_bare_status_has_neither_body_nor_retry_after(caller: HttpCaller, name: str) -> None:
    """The reply of a bare status is complete: its Content-Length is 0."""
    reply = caller.cancel(order_of(name), caller.log_in())
    assert (reply.status_code, reply.content, reply.headers.get("Retry-After")) == (int(name), b"", None)
    assert reply.headers["Content-Length"] == "0"


@pytest.mark.parametrize(("name", "waits"), [("503-at-once", ["0"]), ("503", []), ("404", [])])
def test_a_fault_has_no_retry_after_but_its_own(caller: HttpCaller, name: str, waits: list[str]) -> None:
    """A fault in place of a 429 does not keep the Retry-After of that 429."""
    caller.control("settings", {"retry_after": 7})
    reply = caller.cancel(9_000_429, caller.log_in() | {"X-Mock-Fault": name})
    assert (reply.status_code, reply.headers.get_list("Retry-After")) == (int(name[:3]), waits)


def test_the_bomb_is_sound() -> None:
    """The gzip bomb unpacks to zeros, declares a size of a gibibyte, and is small itself."""
    bomb = gzip_bomb()
    assert len(bomb) < 2_000_000
    with gzip.open(io.BytesIO(bomb)) as unpacked:
        assert unpacked.read(3_000_000) == bytes(3_000_000)
    assert struct.unpack("<I", bomb[-4:]) == (BOMB_SIZE,)


def test_redirects_lead_to_the_origin_of_the_setting(caller: HttpCaller) -> None:
    """The setting is an origin; the redirect over http goes to the same host."""
    caller.control("settings", {"redirect_to": "https://127.0.0.1:4711"})
    path = "/api/v1/accounts/6303/orders/"
    replies = [caller.cancel(order, caller.log_in()) for order in (9100371, 9100372)]
    assert [reply.headers["Location"] for reply in replies] == [
        f"https://127.0.0.1:4711{path}9100371",
        f"http://127.0.0.1:4711{path}9100372",
    ]


def test_the_honest_reply_is_what_is_distorted(caller: HttpCaller) -> None:
    """A fault distorts the exchange's reply: a conflict stays a conflict, and a body is kept."""
    headers = caller.log_in() | {"X-Mock-Fault": "unknown-encoding"}
    assert caller.cancel(73562, headers).status_code == 409
    reply = caller.cancel(73552, APP_KEY | {"X-Mock-Fault": "unknown-encoding"})
    assert (reply.status_code, reply.json()) == (401, {"Message": "Authorization has been denied for this request."})
