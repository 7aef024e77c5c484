"""The OpenTelemetry metrics of calls and requests, with every kind of client."""

from typing import Any

from conftest import MakeCaller
from support.raw_server import raw_server, says
from support.recorded import Recorded

from autoshares_cancel import PasswordCredentials, TokenCredentials
from autoshares_cancel.mock import MockServer

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


def by_attributes(points: list[Any]) -> dict[frozenset[tuple[str, object]], Any]:
    return {frozenset(point.attributes.items()): point for point in points}


def test_the_duration_of_requests_is_by_the_conventions(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Name, unit, boundaries and attributes are those of the conventions; no URL is an attribute."""
    recorded = Recorded()
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, telemetry=recorded.telemetry)
    for order_id in (9000204, 9000204, 9000409):
        caller.cancel(6303, order_id)
    port = int(mock_server.origin.rpartition(":")[2])
    common = {("server.address", "127.0.0.1"), ("server.port", port)}
    post = common | {("http.request.method", "POST"), ("http.response.status_code", 200)}
    gone = common | {("http.request.method", "DELETE"), ("http.response.status_code", 204)}
    conflict = common | {
        ("http.request.method", "DELETE"),
        ("http.response.status_code", 409),
        ("error.type", "409"),
    }
    found = by_attributes(recorded.points("http.client.request.duration"))
    assert {key: point.count for key, point in found.items()} == {
        frozenset(post): 1,
        frozenset(gone): 2,
        frozenset(conflict): 1,
    }
    assert all(point.explicit_bounds == SECONDS and 0 < point.sum < 60 for point in found.values())


def test_calls_are_counted_and_measured_by_outcome(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Only outcomes of cancel_order are counted; the durations of all calls are measured."""
    recorded = Recorded()
    replies = [b"HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n" % status for status in (204, 204, 409, 500, 422, 405)]
    with raw_server(says(*replies)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, telemetry=recorded.telemetry)
        for _ in range(4):
            caller.cancel(6303, 73552)
        caller.read(6303, 73552)
        caller.warm_up()
    counted = {
        point.attributes["autoshares.outcome"]: point.value for point in recorded.points("autoshares_cancel.outcomes")
    }
    assert counted == {"Cancelled": 2, "OrderConflict": 1, "ServerFailed": 1}
    measured = by_attributes(recorded.points("autoshares_cancel.call.duration"))
    cancel = ("autoshares.call", "cancel_order")
    assert {key: point.count for key, point in measured.items()} == {
        frozenset({cancel, ("autoshares.outcome", "Cancelled")}): 2,
        frozenset({cancel, ("autoshares.outcome", "OrderConflict")}): 1,
        frozenset({cancel, ("autoshares.outcome", "ServerFailed"), ("error.type", "ServerFailed")}): 1,
        frozenset(
            {
                ("autoshares.call", "read_order"),
                ("autoshares.outcome", "OrderUnreadable"),
                ("error.type", "OrderUnreadable"),
            }
        ): 1,
        frozenset({("autoshares.call", "warm_up")}): 1,
    }
    assert all(point.explicit_bounds == SECONDS and point.sum > 0 for point in measured.values())


def test_the_units_are_named(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Durations are in seconds, and outcomes are counted in calls."""
    recorded = Recorded()
    make_caller(base_url="http://127.0.0.1:1", credentials=token, telemetry=recorded.telemetry).cancel(6303, 73552)
    assert {metric.name: metric.unit for metric in recorded.metrics} == {
        "http.client.request.duration": "s",
        "autoshares_cancel.call.duration": "s",
        "autoshares_cancel.outcomes": "{call}",
    }
    assert all(metric.description for metric in recorded.metrics)
