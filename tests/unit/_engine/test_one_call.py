"""The options of one call: a reference of the caller's own, and a policy other than the client's."""

import logging
import socket
from collections.abc import Callable
from typing import Any

import pytest
from conftest import MakeCaller
from support.clients import Caller
from support.raw_server import raw_server, says
from support.recorded import Recorded, attributes_of

from autoshares_cancel import (
    Cancelled,
    ConfigurationError,
    RetryPolicy,
    ServerFailed,
    TokenCredentials,
)
from autoshares_cancel._validation import check_reference

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
FAILED = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
CANCELED = b'{"Id": 73552, "Status": "Canceled"}'
FOUND = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(CANCELED), CANCELED)
OPEN = b'{"Result": [{"Id": 73552, "AccountId": 6303, "Status": "New"}], "NextPageLink": ""}'
NONE_OPEN = b'{"Result": [], "NextPageLink": ""}'
REFERENCE = "desk-7/ticket 42"
LOGGER = "autoshares_cancel"

CALLS: dict[str, Callable[..., Any]] = {
    "cancel_order": lambda caller, **options: caller.cancel(6303, 73552, **options),
    "read_order": lambda caller, **options: caller.read(6303, 73552, **options),
    "cancel_orders": lambda caller, **options: caller.batch([(6303, 73552)], **options),
    "cancel_all": lambda caller, **options: caller.cancel_all(6303, held=False, **options),
    "open_orders": lambda caller, **options: caller.open_orders(6303, **options),
}
WRITING = ("cancel_order", "cancel_orders", "cancel_all")


class Account:
    """Answers like an account with one open order, until the order is cancelled."""

    def __init__(self) -> None:
        self.is_open = True

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"DELETE"):
            self.is_open = False
            connection.sendall(GONE)
            return
        page = OPEN if self.is_open else NONE_OPEN
        body = page if b"?" in request.partition(b"\r\n")[0] else CANCELED
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def refusal(call: Callable[..., Any], caller: Caller, **options: Any) -> str:
    """The message of the ConfigurationError that this call raises or returns."""
    try:
        error = call(caller, **options)
    except ConfigurationError as raised:
        error = raised
    assert type(error) is ConfigurationError
    return str(error)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("reference", [None, REFERENCE])
def test_a_reference_is_shown_and_never_sent(
    make_caller: MakeCaller,
    token: TokenCredentials,
    caplog: pytest.LogCaptureFixture,
    name: str,
    reference: str | None,
) -> None:
    """The reference is in every event, log line and call span of the call, and is not sent to the server."""
    caplog.set_level(logging.INFO, LOGGER)
    events, recorded = list[Any](), Recorded()
    with raw_server(Account()) as server:
        caller = make_caller(
            base_url=server.base_url,
            credentials=token,
            telemetry=recorded.telemetry,
            on_attempt=events.append,
            on_outcome=events.append,
        )
        CALLS[name](caller, reference=reference)
        assert server.requests
        assert b"desk-7" not in b"".join(server.requests)
    lines = [vars(record) for record in caplog.records if record.name == LOGGER]
    assert {event.reference for event in events} == {line["reference"] for line in lines} == {reference}
    assert len(events) == len(lines) >= (2 if name in WRITING else 1)
    spans = [attributes_of(span) for span in recorded.spans if span.kind.name == "INTERNAL"]
    assert {span.get("autoshares.reference") for span in spans} == {reference}
    assert len(spans) == (2 if name == "cancel_all" else 1)


@pytest.mark.parametrize("good", ["a", "desk-7/ticket 42", "!~", "x" * 64])
def test_a_reference_is_visible_ascii(good: str) -> None:
    """A reference has up to 64 visible ASCII characters, with blanks inside; None means no reference."""
    assert (check_reference("reference", good), check_reference("reference", None)) == (good, None)


@pytest.mark.parametrize("bad", ["", " ", " a", "a ", "a\n", "a\tb", "a\x00", "ä", "y" * 65, b"b", 7, True])
def test_no_other_text_is_a_reference(bad: Any) -> None:
    """Law 9: any other text is refused: a line end would forge a line of the log."""
    with pytest.raises(ConfigurationError, match=r"^reference must be visible ASCII, at most 64 characters, .* not "):
        check_reference("reference", bad)


WRONG: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "reference": (7, "reference must be visible ASCII, at most 64 characters,", (*CALLS,)),
    "resolve": (1, "resolve must be True or False, not int", ("cancel_order", "cancel_orders")),
    "retry": (3, "retry must be RetryPolicy(...), not int", ("cancel_order", "cancel_orders", "read_order")),
}


@pytest.mark.parametrize(("option", "name"), [(option, name) for option, row in WRONG.items() for name in row[2]])
def test_a_wrong_option_is_refused_before_any_io(
    make_caller: MakeCaller, token: TokenCredentials, option: str, name: str
) -> None:
    """Law 9: the message names the argument and what it must be; nothing is sent."""
    value, message, _ = WRONG[option]
    with raw_server(says(GONE)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token)
        assert refusal(CALLS[name], caller, **{option: value}).startswith(message)
        assert server.requests == []


def kinds(outcome: Any) -> type:
    return type(outcome[0][1]) if isinstance(outcome, list) else type(outcome)


@pytest.mark.parametrize("name", ["cancel_order", "cancel_orders"])
@pytest.mark.parametrize(
    ("of_client", "of_call", "kind"),
    [
        (True, None, Cancelled),
        (True, False, ServerFailed),
        (False, None, ServerFailed),
        (False, True, Cancelled),
    ],
)
def test_a_call_may_resolve_differently(
    make_caller: MakeCaller, token: TokenCredentials, name: str, of_client: Any, of_call: Any, kind: type
) -> None:
    """The call's resolve counts; None means the client's."""
    with raw_server(says(FAILED, FOUND)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, resolve=of_client)
        assert kinds(CALLS[name](caller, resolve=of_call)) is kind
        methods = [request.partition(b" ")[0] for request in server.requests]
    assert methods == ([b"DELETE", b"GET"] if kind is Cancelled else [b"DELETE"])


@pytest.mark.parametrize("name", ["cancel_order", "cancel_orders", "read_order"])
@pytest.mark.parametrize(("of_client", "of_call"), [(1, None), (1, 3), (3, None), (3, 1)])
def test_a_call_may_retry_differently(
    make_caller: MakeCaller, token: TokenCredentials, name: str, of_client: int, of_call: int | None
) -> None:
    """The call's policy counts for this call only; None means the client's."""
    policies = {number: RetryPolicy(attempts=number, base=0.001, cap=0.001) for number in (1, 3)}
    with raw_server(says(FAILED)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, retry=policies[of_client], resolve=True)
        CALLS[name](caller, retry=None if of_call is None else policies[of_call])
        first = len(server.requests)
        CALLS[name](caller)
        second = len(server.requests) - first
    cancels = 0 if name == "read_order" else 1  # it may have taken effect, so only the reads are repeated
    assert (first - cancels, second - cancels) == (of_client if of_call is None else of_call, of_client)
