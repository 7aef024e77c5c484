"""A round of a soak that is one batch of thousands of orders under faults, in place of single calls.

1. The orders are of two accounts of one user, some filled, cancelled, done for today or missing; a few are of another
   user.
2. One request in twenty has one of the quick faults; one cancel in twenty races with a fill; tokens are revoked,
   expire, and end because of another log-in, and the rate is limited, while orders are under way.
3. Each quick fault has an order of its own, once to strike before and once after the order is touched. The other
   faults of an order depend only on the seed and its number.
4. Only waiting moves the clock of client and exchange, and a reply is late when the mock reports that it withholds it:
   no machine is too slow for that.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from attrs import define, field
from faults.calls import Call, Truth
from faults.own_time import OwnTime
from faults.rounds import DELAYS, FIRST_ORDER, FOREIGN, KINDS, OF_KIND, OWN, POLICY, QUICK, TRADER, Round
from faults.silence import PATIENT, heard_from
from support.clients import open_caller

from autoshares_cancel import AuthenticationError, NotSent, OutcomeEvent, Refused
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.races import Race
from autoshares_cancel.mock.exchange.users import User
from autoshares_cancel.mock.faults.catalogue import BY_NAME

SECOND: Final = 6304
RATE: Final = 0.05
DEADLINE_SECONDS: Final = 30.0
SETTINGS: Final[dict[str, Any]] = {"retry": POLICY, "resolve": True, "timeouts": PATIENT}
EACH: Final = [(name, when) for name in QUICK for when in BY_NAME[name].whens]
"""Every fault, and when it strikes."""
UNTOUCHED: Final = (NotSent, Refused, AuthenticationError)
"""Outcomes of orders whose fault may not have struck: an account gets no second new token if one expires at once."""
LIMITED: Final[dict[str, Any]] = {"rate_limit": 25, "retry_after": 1}
"""The settings of the server for a tenth of the orders."""


@define
class BatchRound(Round):
    """A round whose calls are one batch. Its `play` keeps the order of outcomes."""

    at_once: int = 64
    confirm: bool = False
    own_time: OwnTime = field(factory=OwnTime)
    log_ins: int = 0
    """The number of requests for a token."""
    came_out: list[tuple[tuple[int, int], Any]] = field(factory=list[tuple[tuple[int, int], Any]])
    _seconds: dict[int, float] = field(factory=dict[int, float])

    @property
    def foreign(self) -> int:
        """The number of orders of another user, each of which may cause one fresh token."""
        return sum(self._kind(number) == "foreign" for number in range(self.calls))

    @property
    def given(self) -> list[tuple[int, int]]:
        """All orders of the batch, from first to last."""
        return [self._placed(number)[1] for number in range(self.calls)]

    @property
    def due(self) -> set[tuple[str, str]]:
        """The faults of orders whose cancel was sent with a valid token, which therefore must have struck."""
        outcomes = {order_id: outcome for (_, order_id), outcome in self.came_out}
        return {fault for order, fault in self._faults.items() if not isinstance(outcomes[order], UNTOUCHED)}

    @property
    def _faults(self) -> dict[int, tuple[str, str]]:
        own = (FIRST_ORDER + number for number in range(self.calls) if self._kind(number) == "open")
        return dict(zip(own, EACH, strict=False))

    def play(self) -> tuple[list[Call], Truth]:
        """Cancel all orders, stop the server, and carry out the pending cancels."""
        self.clock, self.exchange = self.own_time, Exchange(clock=self.own_time)
        before = self._prepare()
        try:
            url = self._start().base_url
            about: dict[str, Any] = {"base_url": url, "credentials": TRADER, "on_outcome": self._note}
            settings = SETTINGS | self.own_time.settings(self.client_kind)
            heard = heard_from(lambda: self._servers, self.own_time)
            with heard, open_caller(self.client_kind, **about, **settings) as caller:
                caller.client._engine.budget = self.budget
                self.came_out += caller.batch(
                    self._source(), concurrency=self.at_once, confirm=self.confirm, deadline=DEADLINE_SECONDS
                )
        finally:
            self._running.close()
        self.log_ins = self._servers[0]._app.state.traffic.token_requests
        self.exchange.advance(2 * DELAYS["for ever"])
        return [self._call_of(order, outcome, before) for order, outcome in self.came_out], self._truth()

    def _prepare(self) -> dict[int, Order]:
        user = User(username="trader", password="correct-horse", accounts=(OWN, SECOND))
        placed = [order for number in range(self.calls) if (order := self._placed(number)[0]) is not None]
        self.exchange.seed(users=[user], orders=placed)
        self.exchange.arm([race for number in range(self.calls) for race in self._races(number)])
        return self.exchange.orders

    def _placed(self, number: int) -> tuple[Order | None, tuple[int, int]]:
        kind = self._kind(number)
        account_id = FOREIGN if kind == "foreign" else (OWN, SECOND)[number % 2]
        order_id = FIRST_ORDER + number
        if kind == "missing":
            return None, (account_id, order_id)
        order = Order(order_id=order_id, account_id=account_id, **OF_KIND[kind])
        return order, (account_id, order_id)

    def _races(self, number: int) -> Iterator[Race]:
        if self._chance("may race", number).random() < 0.25:
            yield from Round._races(self, number)

    def _source(self) -> Iterator[tuple[int, int]]:
        for number, order in enumerate(self.given):
            if number == self.calls // 3:
                self.exchange.revoke_tokens()
            if number == self.calls * 2 // 3:
                self.exchange.advance(24 * 60 * 60)
            if number == self.calls * 4 // 5:
                self._tell("settings", **LIMITED)
            if number == self.calls * 9 // 10:
                self._tell("settings", rate_limit=None)
                # Late, because an account whose session ends twice in a row gets no other token in its batch.
                self.exchange.log_in("trader", "correct-horse", single_session=True)
            yield order

    def _start(self) -> MockServer:
        server = Round._start(self)
        server._app.state.traffic.requests = deque[Any]()
        each = [{"fault": name, "when": when, "order_id": order} for order, (name, when) in self._faults.items()]
        self._tell("faults", faults=each, random={"rate": RATE, "seed": self.seed, "faults": QUICK})
        return server

    def _kind(self, number: int) -> str:
        return self._chance("kind", number).choices(*KINDS)[0]

    def _note(self, event: OutcomeEvent) -> None:
        self._seconds[event.order_id] = event.seconds

    def _call_of(self, order: tuple[int, int], outcome: object, before: dict[int, Order]) -> Call:
        account_id, order_id = order
        return Call(
            account_id=account_id,
            order_id=order_id,
            before=before.get(order_id),
            outcome=outcome,
            seconds=self._seconds.get(order_id, 0.0),
            deadline=DEADLINE_SECONDS,
            confirm=self.confirm,
            holds=1.0,
        )
