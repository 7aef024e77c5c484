"""The state that all endpoints share: the exchange, the settings, and a record of the traffic."""

from __future__ import annotations

from collections import deque

from attrs import define, field, frozen

from autoshares_cancel.mock._rate_limit import RateLimit
from autoshares_cancel.mock._settings import Settings
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.faults.armed import Chosen
from autoshares_cancel.mock.faults.request_target import Target, read_target
from autoshares_cancel.mock.faults.schedule import FaultSchedule

REMEMBERED_REQUESTS = 1000


@frozen(kw_only=True)
class OnWire:
    """The connection and the fault of a request. `connection` counts from 1.

    `problem` is the reason for refusing the fault that the request names.
    """

    connection: int | None = None
    chosen: Chosen | None = None
    problem: str | None = None
    is_decided: bool = False


@frozen(kw_only=True)
class Seen:
    """One request that arrived; `path` is undecoded, with its query.

    `status` is the status that was decided, even if another was sent; None if a fault prevented the decision.
    """

    method: str
    path: str
    status: int | None
    connection: int | None = None
    fault: str | None = None
    when: str | None = None
    username: str | None = None
    """The user that logs in; control does not show it."""

    @property
    def target(self) -> Target | None:
        """The order, list or log-in that the request is for; None for anything else."""
        return read_target(self.method, self.path, self.username)

    @classmethod
    def of(cls, method: str, path: str, status: int | None, wire: OnWire, username: str | None = None) -> Seen:
        """Record a request with its connection and its fault."""
        chosen = wire.chosen
        return cls(
            method=method,
            path=path,
            status=status if chosen is None or chosen.when == "after" else None,
            connection=wire.connection,
            fault=None if chosen is None else chosen.fault.name,
            when=None if chosen is None else chosen.when,
            username=username,
        )


@define
class Traffic:
    """Counters of the API's traffic, and the last requests.

    `connections` counts from the start of the server. `faults_in_flight` is the number of replies that a fault is
    changing now. `silent` has the ports of callers that wait for bytes which a fault withholds.
    """

    token_requests: int = 0
    token_requests_in_flight: int = 0
    token_requests_in_flight_at_most: int = 0
    order_requests: int = 0
    connections: int = 0
    faults_in_flight: int = 0
    silent: set[int] = field(factory=set[int])
    requests: deque[Seen] = field(factory=lambda: deque[Seen](maxlen=REMEMBERED_REQUESTS))
    forgotten: int = 0
    """The number of requests that are no longer remembered."""
    records: dict[int | str, list[Seen]] = field(factory=dict[int | str, list[Seen]])
    """All requests about each account and of each user that has a script of its own."""

    def record(self, seen: Seen) -> None:
        """Remember a request."""
        self.forgotten += len(self.requests) == self.requests.maxlen
        self.requests.append(seen)
        if self.records and seen.target is not None and seen.target.owner in self.records:
            self.records[seen.target.owner].append(seen)

    def counters(self) -> dict[str, int]:
        """Return the counters by name."""
        return {
            "token_requests": self.token_requests,
            "token_requests_in_flight_at_most": self.token_requests_in_flight_at_most,
            "order_requests": self.order_requests,
            "connections": self.connections,
            "faults_in_flight": self.faults_in_flight,
        }

    def token_request_begins(self) -> None:
        """Count a request for a token that has arrived."""
        self.token_requests += 1
        self.token_requests_in_flight += 1
        self.token_requests_in_flight_at_most = max(
            self.token_requests_in_flight_at_most, self.token_requests_in_flight
        )

    def token_request_ends(self) -> None:
        """Count a request for a token that was answered."""
        self.token_requests_in_flight -= 1

    def clear(self) -> None:
        """Reset the counters; requests in flight stay in flight, and connections keep their numbers."""
        self.token_requests = self.order_requests = 0
        self.token_requests_in_flight_at_most = self.token_requests_in_flight
        self.requests.clear()
        self.forgotten = 0


@define
class ServerState:
    """The state of one running mock, which its endpoints read and change."""

    exchange: Exchange
    settings: Settings
    traffic: Traffic = field(factory=Traffic)
    faults: FaultSchedule = field(factory=FaultSchedule)
    rate: RateLimit = field(factory=RateLimit)
    has_wire: bool = True
    """Whether faults of connections can be armed; False if only an in-process transport is used."""
    _first_settings: Settings = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._first_settings = self.settings

    def reset(self) -> None:
        """Restore the initial exchange, settings, faults and counters."""
        self.exchange.reset()
        self.settings = self._first_settings
        self.traffic.clear()
        self.faults.clear()
        self.rate.clear()
