"""What a trader's desk quotes to the broker: request ids, both clocks, and a reference of its own."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from conftest import MakeCaller
from support.ports import nowhere
from support.raw_server import raw_server, says
from support.recorded import Recorded, attributes_of
from support.transports import Answering

from autoshares_cancel import Attempt, AttemptEvent, NotSent, PasswordCredentials, RetryPolicy, TokenCredentials
from autoshares_cancel._engine import flow_backend

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATE = "Mon, 02 Mar 2026 12:00:01 GMT"
IDS = {"X-Request-Id": "8b0c-1", "CF-Ray": "9d21-FRA", "Server": "a **********"}
HEADERS = f"Date: {DATE}\r\nx-request-id: 8b0c-1\r\nCF-RAY: 9d21-FRA\r\nServer: a an-access-token\r\nX-Other: b\r\n"
CONFLICT = f"HTTP/1.1 409 No\r\n{HEADERS}Content-Length: 0\r\n\r\n".encode()
CHUNKED = f"HTTP/1.1 409 No\r\n{HEADERS}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()
LOGGER = "autoshares_cancel"


@pytest.fixture
def noons(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Replace this machine's clock: it shows noon, and one second more on each call. The list has the times shown."""
    looks: list[datetime] = []

    def utc_now() -> datetime:
        looks.append(NOON + timedelta(seconds=len(looks)))
        return looks[-1]

    monkeypatch.setattr(flow_backend, "utc_now", utc_now)
    return looks


def last_attempt(outcome: Any) -> Attempt:
    attempt: Attempt = outcome.attempts[-1]
    return attempt


@pytest.mark.parametrize("reply", [CONFLICT, CHUNKED], ids=["plain", "chunked"])
def test_an_attempt_has_the_request_ids_and_both_clocks(
    make_caller: MakeCaller, token: TokenCredentials, noons: list[datetime], reply: bytes
) -> None:
    """Laws 5 and 8: an attempt has the same ids and times with every kind of client and reply, without secrets."""
    with raw_server(says(reply)) as server:
        attempt = last_attempt(make_caller(base_url=server.base_url, credentials=token).cancel(6303, 73552))
    assert (attempt.date, attempt.headers) == (DATE, IDS)
    assert (attempt.sent_at, noons) == (NOON, [NOON])


def test_a_transport_of_the_callers_keeps_the_same(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 8: the headers of an httpx response are kept like those of the client's own connections."""
    headers = {"date": DATE, "x-request-id": "8b0c-1", "cf-ray": "9d21-FRA", "server": "a an-access-token", "x": "y"}
    transport = Answering(lambda _: httpx.Response(409, headers=headers))
    caller = make_caller(base_url="https://broker.example/api", credentials=token, transport=transport, verify=True)
    attempt = last_attempt(caller.cancel(6303, 73552))
    assert (attempt.date, attempt.headers) == (DATE, IDS)


def test_each_attempt_has_its_own_time(
    make_caller: MakeCaller, token: TokenCredentials, noons: list[datetime], caplog: pytest.LogCaptureFixture
) -> None:
    """An attempt has the time right before its request; the log line has it, too, with the reply's ids."""
    caplog.set_level(logging.INFO, LOGGER)
    failed, read = b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", CONFLICT.replace(b"409", b"404")
    retry = RetryPolicy(attempts=2, base=0.001, cap=0.001)
    with raw_server(says(failed, read)) as server:
        outcome: Any = make_caller(base_url=server.base_url, credentials=token, resolve=True, retry=retry).cancel(1, 2)
    assert [attempt.sent_at for attempt in outcome.attempts] == noons
    lines = [vars(record) for record in caplog.records if "what" in vars(record)]
    assert [line["sent_at"] for line in lines] == [each.isoformat() for each in noons]
    assert lines[0]["sent_at"] == "2026-03-02T12:00:00+00:00"
    assert [(line["date"], line["headers"]) for line in lines[:2]] == [(None, {}), (DATE, IDS)]


def test_without_a_reply_there_is_only_the_time(
    make_caller: MakeCaller, token: TokenCredentials, noons: list[datetime]
) -> None:
    """Law 4: a request of which nothing left has its time, but no headers."""
    base_url = nowhere()
    outcome = make_caller(base_url=base_url, credentials=token).cancel(6303, 73552)
    attempt = last_attempt(outcome)
    assert type(outcome) is NotSent
    assert (attempt.sent_at, attempt.date, attempt.headers) == (NOON, None, {})


def test_the_clock_of_this_machine_is_in_utc() -> None:
    """The clock gives aware datetimes in UTC, which can be compared with the reply's Date."""
    assert flow_backend.utc_now().utcoffset() == timedelta(0)


def test_a_span_has_the_headers(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """A span has each header as a list under its lower-case name; a metric has none, to keep its series few."""
    recorded = Recorded()
    with raw_server(says(CONFLICT)) as server:
        make_caller(base_url=server.base_url, credentials=token, telemetry=recorded.telemetry).cancel(6303, 73552)
    kept = {name: value for name, value in attributes_of(recorded.requests[0]).items() if "header" in name}
    wanted = {"date": DATE, **{name.lower(): value for name, value in IDS.items()}}
    assert kept == {f"http.response.header.{name}": (value,) for name, value in wanted.items()}
    (point,) = recorded.points("http.client.request.duration")
    assert not [name for name in point.attributes if "header" in name]


def test_a_span_of_a_log_in_has_no_headers(make_caller: MakeCaller) -> None:
    """Law 5: a log-in's reply may repeat the new token, which is not masked yet, so no header is recorded."""
    recorded, trader = Recorded(), PasswordCredentials(app_key="an-app-key", username="trader", password="a-password")
    body = b'{"State": "Succeeded", "Token": "a-granted-token"}'
    granted = b"HTTP/1.1 200 OK\r\nX-Request-Id: a-granted-token\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with raw_server(says(granted, CONFLICT)) as server:
        make_caller(base_url=server.base_url, credentials=trader, telemetry=recorded.telemetry).cancel(6303, 73552)
    assert [span.name.partition(" ")[0] for span in recorded.requests] == ["POST", "DELETE"]
    assert "a-granted-token" not in recorded.everything


def test_an_event_has_the_attempt(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """An observer gets the request ids as soon as the request has ended."""
    events: list[AttemptEvent] = []
    with raw_server(says(CONFLICT)) as server:
        make_caller(base_url=server.base_url, credentials=token, on_attempt=events.append).cancel(6303, 73552)
    assert [event.attempt.headers for event in events] == [IDS]
