"""The limit of requests about orders."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from attrs import fields_dict
from support.http_caller import HttpCaller

from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock._rate_limit import RateLimit
from autoshares_cancel.mock._settings import Settings, SettingsOptions
from autoshares_cancel.mock.exchange.exchange import Exchange


@pytest.fixture
def limited(plain_client: httpx.Client, exchange: Exchange) -> Iterator[HttpCaller]:
    """A caller of a server that answers two requests a second. Only the test moves its clock."""
    with MockServer(exchange=exchange, rate_limit=2, retry_after=7) as server:
        yield HttpCaller(server, plain_client)


def test_what_is_above_the_limit_is_refused_and_not_carried_out(limited: HttpCaller) -> None:
    """A request above the limit gets 429 with Retry-After and no body, changes no order, and is recorded."""
    headers = limited.log_in()
    assert [limited.cancel(order, headers).status_code for order in (73552, 73553)] == [204, 204]
    reply = limited.cancel(73554, headers)
    assert (reply.status_code, reply.headers["Retry-After"], reply.content) == (429, "7", b"")
    assert limited.server.exchange.orders[73554].status == "New"
    assert limited.state()["requests"][-1]["status"] == 429


def test_every_call_about_orders_counts_and_a_log_in_does_not(limited: HttpCaller) -> None:
    """Cancels, cancels at the venue, reads and lists share one limit, also if they are refused."""
    headers = limited.log_in()
    assert limited.cancel_at_venue(73562, headers).status_code == 409
    assert limited.read(73552, {}).status_code == 403
    replies = [
        limited.cancel(73552, headers),
        limited.cancel_at_venue(73552, headers),
        limited.read(73552, headers),
        limited.list_orders(headers),
    ]
    assert [reply.status_code for reply in replies] == [429] * 4
    limited.log_in()


def test_the_window_is_a_second_of_the_exchange(limited: HttpCaller) -> None:
    """A refused request does not count: after a second two are answered again."""
    headers = limited.log_in()
    statuses = list[int]()
    for seconds in (0, 0.5, 0, 0.5, 0, 0.5):
        limited.control("clock", {"advance": seconds})
        statuses.append(limited.read(73552, headers).status_code)
    assert statuses == [200, 200, 429, 200, 429, 200]


def test_a_429_has_no_retry_after_unless_it_is_set(limited: HttpCaller) -> None:
    """Null leaves Retry-After out; a 429 on request has it, too, and another status never."""
    limited.control("settings", {"rate_limit": 1000})
    headers = limited.log_in()
    assert limited.cancel(9_000_429, headers).headers["Retry-After"] == "7"
    assert "Retry-After" not in limited.cancel(9_000_503, headers).headers
    limited.control("settings", {"retry_after": None})
    assert "Retry-After" not in limited.cancel(9_000_429, headers).headers


def test_null_ends_the_limit(limited: HttpCaller) -> None:
    """rate_limit is null by default, which means no limit."""
    limited.control("settings", {"rate_limit": None})
    headers = limited.log_in()
    assert [limited.read(73552, headers).status_code for _ in range(3)] == [200] * 3


def test_a_reset_begins_a_new_second(limited: HttpCaller) -> None:
    """Requests before a reset do not count; the limit of the constructor stays."""
    for _ in range(2):
        headers = limited.log_in()
        statuses = [limited.read(73552, headers).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        limited.control("reset")


def test_times_in_the_future_do_not_count() -> None:
    """The clock is at zero again if only the exchange was reset, so later times do not count."""
    rate = RateLimit()
    assert not rate.refuses(5.0, 1)
    assert not rate.refuses(0.0, 1)
    assert rate.refuses(0.5, 1)


def test_a_request_whose_fault_comes_first_does_not_count(limited: HttpCaller) -> None:
    """A request whose fault strikes before it is carried out does not count."""
    headers = limited.log_in()
    for _ in range(3):
        assert limited.cancel(73552, headers | {"X-Mock-Fault": "500; when=before"}).status_code == 500
    assert limited.cancel(73552, headers).status_code == 204


def test_every_setting_is_an_argument_of_the_server() -> None:
    """Each setting is an argument of the same name; an unknown name raises TypeError."""
    assert SettingsOptions.__annotations__.keys() == fields_dict(Settings).keys()
    with pytest.raises(TypeError, match="rate_limits"):
        MockServer(rate_limits=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # the mistake
