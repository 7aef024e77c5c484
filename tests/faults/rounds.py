"""A round of a soak: a few hundred calls of one kind while everything fails, eight at a time.

1. Each round has its own exchange and client. Each call has its own order, and some of these are filled,
   cancelled, done for today or missing.
2. Replies are lost, broken, doubled and delayed, before and after the order is touched; fills race; tokens expire, are
   refused, or end because of another log-in; log-ins and readings fail several times in a row; the rate is limited;
   cancels take time; the server is restarted, or is down.
3. The faults of a call depend only on the seed and its number; only the interleaving of calls is left to chance.
"""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import httpx
from attrs import define, field
from faults.calls import Call, Truth
from support.clients import TLS, Caller, open_caller
from support.ports import lasting_port

from autoshares_cancel import PasswordCredentials, RetryPolicy, Timeouts
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.deadline import Clock
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock._state import Seen
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.races import Moment, Race
from autoshares_cancel.mock.faults.catalogue import FAULTS

OWN, FOREIGN = 6303, 6400
CALLS_IN_A_ROUND, AT_A_TIME = 250, 8
POLICY: Final = RetryPolicy(attempts=4, base=0.005, cap=0.1)
TRADER: Final = PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse")
SETTINGS: Final[dict[str, Any]] = {"retry": POLICY, "resolve": True, "timeouts": Timeouts(read=0.1)}
DEADLINES: Final = (0.15, 0.3, 0.6)
# Left out: drips take seconds, huge replies take processor time, and a 204 in place of a 409 would be a lie.
UNFIT: Final = {"drip", "drip-body", "gzip-bomb", "huge-head", "204-with-a-body"}
PUT_OFF: Final = ["429-in-an-hour", "503-in-an-hour"]
"""Faults that hold all orders of a batch or an account until the deadline."""
# One redirect of each status is enough.
QUICK: Final = [
    fault.name
    for fault in FAULTS
    if fault.moment != "accept"
    and fault.name not in {*UNFIT, *PUT_OFF}
    and not fault.name.endswith(("-other", "-http"))
]
KINDS: Final = (
    ("open", "partly", "filled", "cancelled", "missing", "foreign", "tomorrow", "done", "pending", "suspended"),
    (62, 10, 6, 6, 4, 2, 4, 2, 2, 2),
)
OF_KIND: Final[dict[str, dict[str, Any]]] = {
    "open": {},
    "foreign": {},
    "partly": {"status": "PartiallyFilled", "executed_quantity": 40},
    "filled": {"status": "Filled", "executed_quantity": 100},
    "cancelled": {"status": "Canceled"},
    "tomorrow": {"status": "DoneForDay", "time_in_force": "GTC"},
    "done": {"status": "DoneForDay", "time_in_force": "Day"},
    "pending": {"status": "PendingCancel"},
    "suspended": {"status": "Suspended"},
}
"""The fields of an order of each kind; `missing` has none. Another caller's cancel stays pending for ever."""
FIRST_ORDER, ANSWERING = 100_000, 9_000_000
# No successes: the mock would send them without a look at the book, which would be lies.
ANSWERS: Final = (401, 403, 409, 422, 429, 500, 503, 302, 404, 502, 504)
EVERY: Final = 11
OFTEN: Final = ("revoke", "log-in fails", "delayed", "limit", "no limit", "another log-in", "readings fail")
EVENTS: Final = (*OFTEN, *OFTEN, "log-in fails", "delayed", "expire", "restart", "outage", "at once", "for ever")
RETRY_AFTER: Final = (None, 0, 1, 3600)
RATE_LIMIT: Final = 100
# No 401: a client does not send refused credentials again, so no later log-in would happen.
OF_LOG_INS: Final = (
    *("500", "503", "503-at-once", "503-in-a-second", "503-in-an-hour", "429", "429-at-once", "429-in-a-second"),
    *("reset-after-request", "stall", "close-without-reply", "201-with-the-reply", "500-with-the-reply"),
)
OF_READINGS: Final = ("401", "404", "500", "200-another-order", "200-rejected", "stall", "503-in-an-hour", "429")
IN_A_ROW: Final = (1, 2, 3, 8)
STATUS_FORMS: Final = ("word", "number", "both", "spaced", "lower")
DELAYS: Final = {"at once": 0.0, "delayed": 0.02, "for ever": 3600.0}


@define
class Budget(RetryBudget):
    """A budget that remembers whether it was ever used up."""

    ended: bool = False

    def spend(self, cost: int = RetryBudget.COST) -> bool:
        may = RetryBudget.spend(self, cost)
        self.ended |= not may
        return may


@define
class Round:
    """One exchange, its server, and one client."""

    client_kind: str
    seed: int
    calls: int = CALLS_IN_A_ROUND
    exchange: Exchange = field(factory=Exchange)
    budget: Budget = field(factory=Budget)
    clock: Clock = time.monotonic
    _servers: list[MockServer] = field(factory=list[MockServer])
    _running: ExitStack = field(factory=ExitStack)
    _lock: threading.RLock = field(factory=threading.RLock)
    _delay: float = 0.0

    def play(self) -> tuple[list[Call], Truth]:
        """Make all calls, stop the server, and carry out the pending cancels."""
        self.exchange.arm([race for number in range(self.calls) for race in self._races(number)])
        try:
            url = self._start().base_url
            with open_caller(self.client_kind, base_url=url, credentials=TRADER, **SETTINGS) as caller:
                caller.client._engine.budget = self.budget
                with ThreadPoolExecutor(AT_A_TIME) as pool:
                    calls = list(pool.map(lambda number: self._call(caller, number), range(self.calls)))
        finally:
            self._running.close()
        self.exchange.advance(2 * DELAYS["for ever"])
        return calls, self._truth()

    def _chance(self, what: str, number: int) -> random.Random:
        return random.Random(f"{self.seed}/{what}/{number}")

    def _races(self, number: int) -> Iterator[Race]:
        chance = self._chance("race", number)
        if chance.random() < 0.2:
            when: Moment = "before" if chance.random() < 0.5 else "after"
            yield Race(order_id=FIRST_ORDER + number, quantity=chance.choice((10, 1000)), when=when)

    def _call(self, caller: Caller, number: int) -> Call:
        chance = self._chance("call", number)
        account_id, order_id = self._place(number, chance)
        deadline = chance.choice(DEADLINES)
        options = {"confirm": chance.random() < 0.4, "venue": chance.random() < 0.25}
        with self._happening(number):
            return self._made(caller, (account_id, order_id), deadline=deadline, **options)

    def _made(self, caller: Caller, order: tuple[int, int], **options: Any) -> Call:
        before, began = self.exchange.orders.get(order[1]), self.clock()
        try:
            outcome: object = caller.cancel(*order, **options)
        except Exception as foreign:  # noqa: BLE001  # the gravest lie
            outcome = foreign
        about: dict[str, Any] = {"account_id": order[0], "order_id": order[1], **options}
        return Call(**about, before=before, outcome=outcome, seconds=self.clock() - began)

    def _place(self, number: int, chance: random.Random) -> tuple[int, int]:
        nth, left = divmod(number, EVERY)
        if left == 1 and nth < len(ANSWERS):
            return OWN, ANSWERING + ANSWERS[nth]
        order_id = FIRST_ORDER + number
        kind = chance.choices(*KINDS)[0]
        account_id = FOREIGN if kind == "foreign" else OWN
        if kind != "missing":
            self.exchange.seed(orders=[Order(order_id=order_id, account_id=account_id, **OF_KIND[kind])])
        return account_id, order_id

    @contextmanager
    def _happening(self, number: int) -> Iterator[None]:
        events = self._chance("events", 0).sample(EVENTS, len(EVENTS))
        event = "" if number % EVERY else events[number // EVERY % len(EVENTS)]
        if event != "outage":
            self._happen(event, self._chance("event", number))
            yield
            return
        with self._lock:
            self._running.close()
            yield
            self._start()

    def _happen(self, event: str, chance: random.Random) -> None:
        strikes = {"times": chance.choice(IN_A_ROW)}
        with self._lock:
            if event in {"revoke", "log-in fails"}:
                self.exchange.revoke_tokens()
            if event == "log-in fails":
                self._tell("faults", faults=[{"fault": chance.choice(OF_LOG_INS), "endpoint": "token", **strikes}])
            if event == "readings fail":
                self._tell("faults", faults=[{"fault": chance.choice(OF_READINGS), "method": "GET", **strikes}])
            if event == "another log-in":
                self.exchange.log_in("trader", "correct-horse", single_session=True)
            if event in {"limit", "no limit"}:
                limit = RATE_LIMIT if event == "limit" else None
                self._tell("settings", rate_limit=limit, retry_after=chance.choice(RETRY_AFTER))
            if event == "expire":
                self.exchange.advance(24 * 60 * 60)
            if event in DELAYS:
                self._delay = DELAYS[event]
                self._tell("settings", cancel_delay=self._delay)
            if event == "restart":
                self._running.close()
                self._start()

    def _start(self) -> MockServer:
        server = MockServer(port=self._servers[0].port if self._servers else lasting_port(), exchange=self.exchange)
        self._servers.append(self._running.enter_context(server))
        # A long pause, so that a late reply is not taken for the reply to the next request on its connection.
        self._tell("settings", cancel_delay=self._delay, venue_delay=0.002, fault_pause=60)
        self._tell("settings", single_session=bool(self.seed % 2), status_form=STATUS_FORMS[self.seed % 5])
        self._tell("faults", random={"rate": 0.15, "seed": self.seed, "faults": [*QUICK, *PUT_OFF]})
        return server

    def _tell(self, path: str, **document: Any) -> None:
        httpx.post(f"{self._servers[-1].origin}/_mock/{path}", json=document, verify=TLS, timeout=60).raise_for_status()

    def _truth(self) -> Truth:
        steps, requests = defaultdict[int, list[str]](list), defaultdict[int, list[Seen]](list)
        for event in self.exchange.ledger:
            steps[event.order_id].append(event.status)
        for server in self._servers:
            record: Sequence[Seen] = server._app.state.traffic.requests
            assert len(record) != getattr(record, "maxlen", 0), "the record is too short for a round of so many calls"
            for seen in record:
                requests[int(seen.path.rpartition("/")[2]) if "orders/" in seen.path else 0].append(seen)
        book, ended = self.exchange.orders, self.budget.ended
        return Truth(book=book, steps=steps, requests=requests, policy=POLICY, budget_ended=ended)
