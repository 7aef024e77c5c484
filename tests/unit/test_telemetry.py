"""The OpenTelemetry spans of calls and requests, with every kind of client."""

from importlib import import_module
from inspect import signature
from pkgutil import walk_packages
from typing import Any

import pytest
from conftest import MakeCaller
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode
from support.raw_server import close, raw_server, says
from support.recorded import Recorded, attributes_of, id_of

from autoshares_cancel import Cancelled, NoReply, NotSent, Order, PasswordCredentials, RetryPolicy, TokenCredentials
from autoshares_cancel.mock import MockServer
from autoshares_cancel.telemetry import _template_of
from autoshares_openapi import api

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
NO = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
FAILED = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
FOUND = b'HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n{"Id": 73552, "Status": "Canceled"}'
IDS = {"autoshares.account_id": 6303, "autoshares.order_id": 73552}
ONE_ORDER = "/api/v{version}/accounts/{account_id}/orders/{order_id}"


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def request(method: str, port: int, path: str, template: str, **more: object) -> dict[str, object]:
    """The attributes of a request's span."""
    return {
        "http.request.method": method,
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.full": f"http://127.0.0.1:{port}{path}",
        "url.template": template,
        **{name.replace("__", "."): value for name, value in more.items()},
    }


def cancel(port: int, **more: object) -> dict[str, object]:
    return request("DELETE", port, "/api/v1/accounts/6303/orders/73552", ONE_ORDER, **more)


def without_date(span: ReadableSpan) -> dict[str, object]:
    """The attributes of a span, except the header Date that the mock sends."""
    found = attributes_of(span)
    assert found.pop("http.response.header.date")
    return found


def test_a_call_and_its_requests_are_spans(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, recorded: Recorded
) -> None:
    """A call is one span, and each request a child span, with the attributes of the conventions and no others."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, telemetry=recorded.telemetry)
    assert type(caller.cancel(6303, 73552)) is Cancelled
    port = int(mock_server.origin.rpartition(":")[2])
    assert [(span.name, span.kind) for span in recorded.spans] == [
        ("POST /api/token", SpanKind.CLIENT),
        (f"DELETE {ONE_ORDER}", SpanKind.CLIENT),
        ("cancel_order", SpanKind.INTERNAL),
    ]
    assert recorded.call.parent is None
    assert attributes_of(recorded.call) == IDS | {
        "autoshares.outcome": "Cancelled",
        "autoshares.attempts": 1,
        "autoshares.confirmed": False,
    }
    token, order = recorded.requests
    answered = {"http__response__status_code": 200}
    assert attributes_of(token) == request("POST", port, "/api/token", "/api/token", **answered)
    status = attributes_of(order)["http.response.status_code"]
    assert without_date(order) == cancel(port, http__response__status_code=status)
    assert status in {200, 204}
    assert {span.status.status_code for span in recorded.spans} == {StatusCode.UNSET}


def test_the_callers_span_is_the_parent_and_the_calls_span_is_current(
    make_caller: MakeCaller, token: TokenCredentials, recorded: Recorded
) -> None:
    """During a call its span is current for observers and logs; afterwards the caller's span is current again."""
    seen: list[Any] = []
    with raw_server(says(GONE)) as server:
        caller = make_caller(
            base_url=server.base_url,
            credentials=token,
            telemetry=recorded.telemetry,
            on_attempt=lambda _: seen.append(trace.get_current_span()),
            on_outcome=lambda _: seen.append(trace.get_current_span()),
        )
        with recorded.tracers.get_tracer("mine").start_as_current_span("mine") as mine:
            caller.cancel(6303, 73552)
            assert trace.get_current_span() is mine
    call = next(span for span in recorded.spans if span.name == "cancel_order")
    assert [span.get_span_context().span_id for span in seen] == [id_of(call)] * 2
    assert call.parent == mine.get_span_context()


def test_a_fresh_token_is_seen(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, recorded: Recorded
) -> None:
    """A 401, a log-in and the second attempt are three requests of one call; the second attempt has a resend count."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, telemetry=recorded.telemetry)
    caller.warm_up()
    mock_server.exchange.revoke_tokens()
    assert type(caller.cancel(6303, 73552)) is Cancelled
    refused, login, again = recorded.requests
    assert [span.name.partition(" ")[0] for span in (refused, login, again)] == ["DELETE", "POST", "DELETE"]
    assert refused.status.status_code is StatusCode.ERROR
    assert refused.status.description is None
    port = int(mock_server.origin.rpartition(":")[2])
    unauthorized: dict[str, object] = {"http__response__status_code": 401, "error__type": "401"}
    assert without_date(refused) == cancel(port, **unauthorized)
    assert "http.request.resend_count" not in attributes_of(login)
    assert attributes_of(again)["http.request.resend_count"] == 1
    assert attributes_of(recorded.call)["autoshares.attempts"] == 2
    assert recorded.call.status.status_code is StatusCode.UNSET


def test_a_lost_reply_is_an_error(make_caller: MakeCaller, token: TokenCredentials, recorded: Recorded) -> None:
    """Law 4: the outcome is unknown; both spans are errors, each with its own error.type."""
    with raw_server(close) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, telemetry=recorded.telemetry)
        assert type(caller.cancel(6303, 73552)) is NoReply
        (sent,) = recorded.requests
        assert attributes_of(sent) == cancel(server.port, error__type="no_reply")
    assert attributes_of(recorded.call).items() >= {"autoshares.outcome": "NoReply", "error.type": "NoReply"}.items()
    assert {span.status.status_code for span in recorded.spans} == {StatusCode.ERROR}
    assert {span.status.description for span in recorded.spans} == {None}


def test_what_never_left_is_an_error(
    make_caller: MakeCaller, token: TokenCredentials, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 4: a request that never left has an error.type of its own; server.port is that of https."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    caller = make_caller(base_url="https://broker.example/api", credentials=token, telemetry=recorded.telemetry)
    assert type(caller.cancel(6303, 73552)) is NotSent
    (sent,) = recorded.requests
    wanted = {"server.address": "broker.example", "server.port": 443, "error.type": "not_sent"}
    assert attributes_of(sent).items() >= wanted.items()
    assert "http.response.status_code" not in attributes_of(sent)
    assert attributes_of(recorded.call)["error.type"] == "NotSent"


def test_what_reading_finds_out_is_seen(make_caller: MakeCaller, token: TokenCredentials, recorded: Recorded) -> None:
    """Law 1: the call is no error, although one of its requests was."""
    with raw_server(says(FAILED, FOUND)) as server:
        caller = make_caller(
            base_url=server.base_url,
            credentials=token,
            telemetry=recorded.telemetry,
            resolve=True,
            retry=RetryPolicy(attempts=1),
        )
        assert type(caller.cancel(6303, 73552)) is Cancelled
    failed, read = recorded.requests
    assert attributes_of(failed)["error.type"] == "500"
    assert read.name == f"GET {ONE_ORDER}"
    assert (failed.status.status_code, read.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)
    wanted = {"autoshares.outcome": "Cancelled", "autoshares.confirmed": True, "autoshares.attempts": 2}
    assert attributes_of(recorded.call) == IDS | wanted
    assert recorded.call.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("order_id", "outcome", "is_error"),
    [
        (9000401, "NotAuthorized", True),
        (9000403, "AppKeyRejected", True),
        (9000409, "OrderConflict", False),
        (9000418, "UndocumentedStatus", True),
        (9000422, "InvalidRequest", True),
        (9000500, "ServerFailed", True),
    ],
)
def test_a_conflict_is_no_error_and_other_failures_are(
    make_caller: MakeCaller,
    mock_server: MockServer,
    trader: PasswordCredentials,
    recorded: Recorded,
    order_id: int,
    outcome: str,
    is_error: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """An outcome that has to be fixed or checked is an error of the call, and error.type is its class."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, telemetry=recorded.telemetry)
    caller.cancel(6303, order_id)
    found = attributes_of(recorded.call)
    assert (found["autoshares.outcome"], found.get("error.type")) == (outcome, outcome if is_error else None)
    assert recorded.call.status.status_code is (StatusCode.ERROR if is_error else StatusCode.UNSET)


def test_a_log_in_that_fails_is_an_error(make_caller: MakeCaller, mock_server: MockServer, recorded: Recorded) -> None:
    """The call's error.type is the class of the failed log-in."""
    wrong = PasswordCredentials(app_key="demo-app-key", username="trader", password="wrong")
    make_caller(base_url=mock_server.base_url, credentials=wrong, telemetry=recorded.telemetry).cancel(6303, 73552)
    wanted = {"autoshares.outcome": "InvalidCredentials", "error.type": "InvalidCredentials"}
    assert attributes_of(recorded.call) == IDS | wanted
    assert [span.name for span in recorded.requests] == ["POST /api/token"]


def test_a_reading_is_a_call(make_caller: MakeCaller, token: TokenCredentials, recorded: Recorded) -> None:
    """A failed read is an error; a successful one has only the attributes that name the order."""
    with raw_server(says(FOUND, NO)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, telemetry=recorded.telemetry)
        assert type(caller.read(6303, 73552)) is Order
        assert (recorded.call.name, attributes_of(recorded.call)) == ("read_order", IDS)
        caller.read(6303, 73552)
    wanted = {"autoshares.outcome": "OrderUnreadable", "error.type": "OrderUnreadable", "autoshares.attempts": 1}
    assert attributes_of(recorded.call) == IDS | wanted
    assert [span.name for span in recorded.requests] == [f"GET {ONE_ORDER}"]


def test_warming_up_is_a_call(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials, recorded: Recorded
) -> None:
    """Its span names no order; its requests are child spans from any thread or task, and none has a resend count."""
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, telemetry=recorded.telemetry)
    caller.warm_up(connections=3)
    assert (recorded.call.name, attributes_of(recorded.call)) == ("warm_up", {})
    assert [span.name for span in recorded.requests] == ["POST /api/token", *["OPTIONS /api/token"] * 3]
    assert not [span for span in recorded.requests if "http.request.resend_count" in attributes_of(span)]


OPERATIONS = [found.name for found in walk_packages(api.__path__, f"{api.__name__}.") if not found.ispkg]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_template_is_that_of_the_contract(name: str) -> None:
    """Every path has a template, because a different path for each order can't be aggregated."""
    operation: Any = import_module(name)
    wanted = {"version": "1.0", **dict.fromkeys(("account_id", "order_id"), -2147483648)}
    needed = signature(operation.request).parameters
    request = operation.request(**{each: wanted.get(each, 1) for each in needed if each != "verification_code"})
    template = operation.__doc__.partition(" ")[2].partition(":")[0]
    assert _template_of("/v2/accounts" + request.path.partition("?")[0]) == "/v2/accounts" + template


def test_the_broker_sees_no_telemetry(make_caller: MakeCaller, token: TokenCredentials, recorded: Recorded) -> None:
    """Law 9: a request has the same bytes with and without telemetry."""
    sent: list[bytes] = []
    for telemetry in (None, recorded.telemetry):
        with raw_server(says(GONE)) as server:
            make_caller(base_url=server.base_url, credentials=token, telemetry=telemetry).cancel(6303, 73552)
            sent.append(server.requests[0].replace(str(server.port).encode(), b""))
    assert sent[0] == sent[1]
    assert len(recorded.spans) == 2
