"""Any reply gives an outcome: Hypothesis generates the replies, and a raw server sends them."""

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.clients import CLIENT_KINDS, Caller, open_caller
from support.raw_server import RawServer, raw_server, says, then_close

from autoshares_cancel import (
    AutosharesError,
    CancelError,
    Cancelled,
    OutcomeUnknown,
    PasswordCredentials,
    TokenCredentials,
)
from autoshares_openapi.api.orders import cancel_order

pytestmark = pytest.mark.fuzz

OURS = "autoshares_cancel.errors"

names = st.sampled_from(["Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Location", "X"])
values = st.one_of(
    st.sampled_from(["0", "2", "99", "-1", "gzip", "chunked", "text/json", "https://other.example/", ""]),
    st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=20),
)
headers = st.lists(st.tuples(names, values), max_size=5)
chosen = st.sampled_from([b"{}", b"[]", b"null", b"2\r\n{}\r\n0\r\n\r\n", b"<html>"])
bodies = st.one_of(st.binary(max_size=200), chosen)


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with raw_server(says(b"")) as running:
        yield running


@pytest.fixture(scope="module", params=CLIENT_KINDS)
def caller(request: pytest.FixtureRequest, server: RawServer) -> Iterator[Caller]:
    token = TokenCredentials(app_key="key", token="token")
    with open_caller(request.param, base_url=server.base_url, credentials=token, deadline=5.0) as made:
        yield made


def reply(status: int, fields: list[tuple[str, str]], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} Said"] + [f"{name}: {value}" for name, value in fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def may_mean_success(fields: list[tuple[str, str]], body: bytes) -> bool:
    """Whether the body, as its headers delimit it, is empty or a JSON object."""
    named = dict(fields)
    if "Transfer-Encoding" in named:
        return body.startswith(b"0") or b"{" in body
    length = named.get("Content-Length", "").partition(",")[0].strip()
    announced = body[: int(length)] if length else body
    try:
        return not announced.strip() or isinstance(json.loads(announced), dict)
    except ValueError:
        return False


@given(status=st.one_of(st.sampled_from(cancel_order.STATUSES), st.integers(100, 999)), fields=headers, body=bodies)
@example(status=200, fields=[], body=b"<html>")
@example(status=200, fields=[("Content-Length", "2")], body=b"{}<html>")
@example(status=200, fields=[("Content-Length", "99")], body=b"{}")
@example(status=200, fields=[("Transfer-Encoding", "chunked")], body=b"2\r\n{}\r\n")
@example(status=204, fields=[], body=b"HTTP/1.1 409 Conflict\r\n\r\n")
@example(status=101, fields=[("Upgrade", "h2c")], body=b"")
@example(status=100, fields=[], body=b"HTTP/1.1 204 No Content\r\n\r\n")
@example(status=200, fields=[("Content-Encoding", "gzip")], body=b"\x1f\x8b")
@example(status=999, fields=[("Content-Length", "99")], body=b"{}")
def test_any_reply_gives_an_outcome(
    caller: Caller, server: RawServer, status: int, fields: list[tuple[str, str]], body: bytes
) -> None:
    """Laws 1 and 3: no foreign exception; only a 204, or a 200 with an object or no body, gives Cancelled."""
    data = reply(status, fields, body)
    server._answer = then_close(data)
    outcome = caller.cancel(6303, 73552)
    if isinstance(outcome, Cancelled):
        assert outcome.status_code in {200, 204}
        assert status == outcome.status_code or (status < 200 and b" %d " % outcome.status_code in body)
        assert status != 200 or may_mean_success(fields, body)
    else:
        assert isinstance(outcome, CancelError)
        assert type(outcome).__module__ == OURS
        assert outcome.status_code in {None, status} or status < 200
        assert outcome.status_code != 204
        assert (outcome.status_code == 200) == (type(outcome) is OutcomeUnknown)


STATUS_LINES = [
    *(version + status for version in (b"HTTP/1.1 ", b"HTTP/1.0 ") for status in (b"200", b"204", b"204 No Content")),
    *(b"HTTP/2 204", b"HTTP/11 204", b"HTP/1.1 204", b"http/1.1 204", b" HTTP/1.1 204", b"\r\nHTTP/1.1 204"),
    *(b"HTTP/1.1  204", b"HTTP/1.1 2040", b"HTTP/1.1 +204", b"HTTP/1.1 0204", b"HTTP/1.1\t204", b"HTTP/1.1 20"),
]
"""Valid and almost valid status lines, because random bytes alone never form one."""
ENDS = [b"", b"\r\n", b"\r\n\r\n", b"\n\n", b"\r\nContent-Length: 0\r\n\r\n"]
status_lines = st.tuples(st.sampled_from(STATUS_LINES), st.sampled_from(ENDS), st.binary(max_size=40)).map(b"".join)


@given(data=st.one_of(status_lines, st.binary(max_size=300)))
@example(data=b"")
@example(data=b"HTTP/1.1 000 \r\n\r\n")
@example(data=b"HTTP/1.1 204\r\n\r\n")
def test_any_bytes_give_an_outcome(caller: Caller, server: RawServer, data: bytes) -> None:
    """Laws 1 and 3: bytes that do not begin with the status line of a success never give Cancelled."""
    server._answer = then_close(data)
    outcome = caller.cancel(6303, 73552)
    if isinstance(outcome, Cancelled):
        assert re.match(rb"HTTP/1\.[01] (200|204)( [^\r\n]*)?\r?\n", data)
    else:
        assert isinstance(outcome, CancelError)
        assert type(outcome).__module__ == OURS


@given(status=st.one_of(st.sampled_from([200, 202, 401]), st.integers(100, 999)), fields=headers, body=bodies)
@example(status=200, fields=[("Content-Length", "32")], body=b'{"State":"Succeeded","Token":""}')
def test_any_reply_of_token_gives_an_outcome(
    server: RawServer, status: int, fields: list[tuple[str, str]], body: bytes
) -> None:
    """Law 3: any reply to a log-in gives an error of this package, and no cancel is sent without a token."""
    server._answer = then_close(reply(status, fields, body))
    before = len(server.requests)
    credentials = PasswordCredentials(app_key="key", username="user", password="pass")
    with open_caller("sync", base_url=server.base_url, credentials=credentials, deadline=5.0) as fresh:
        outcome = fresh.cancel(6303, 73552)
    assert isinstance(outcome, AutosharesError)
    assert type(outcome).__module__ == OURS
    assert all(request.startswith(b"POST /api/token ") for request in server.requests[before:])
