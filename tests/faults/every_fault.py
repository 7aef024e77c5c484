"""A round with every fault and every outcome of a reading, one call after the other.

1. Each quick fault strikes a cancel, before and after the order is touched, and then the reading of an order whose
   cancel lost its reply.
2. Then come silence after the commit with short deadlines, failing log-ins, and the outcomes that may be missing by
   chance.
3. The clock is that of batch_round, so that each call ends alike on any machine.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from attrs import define, field
from faults.batch_round import SETTINGS
from faults.calls import Call, Truth
from faults.own_time import OwnTime
from faults.rounds import DELAYS, FIRST_ORDER, OF_LOG_INS, OWN, PUT_OFF, QUICK, TRADER, Budget, Round
from faults.silence import heard_from
from support.clients import Caller, open_caller

from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock._state import Seen
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.faults.catalogue import BY_NAME

EACH: Final = [(name, when) for name in (*QUICK, *PUT_OFF) for when in BY_NAME[name].whens]
"""Every fault, and when it strikes."""
DEADLINE_SECONDS, PENDING_SECONDS = 30.0, 3.0
SHORT_DEADLINES: Final = (1.0, 2.0, 5.0)
LOST: Final[dict[str, Any]] = {"fault": "reset-after-request", "method": "DELETE"}
SILENT: Final[dict[str, Any]] = {"fault": "stall", "method": "DELETE", "when": "after"}
ALWAYS: Final = 100
"""More attempts than any call makes."""


@define
class EveryFault(Round):
    """A round that prepares the server for each call in turn."""

    own_time: OwnTime = field(factory=OwnTime)

    def play(self) -> tuple[list[Call], Truth]:
        """Make all calls; the last call has no server."""
        self.clock, self.exchange = self.own_time, Exchange(clock=self.own_time)
        about: dict[str, Any] = {"credentials": TRADER, **SETTINGS, **self.own_time.settings(self.client_kind)}
        try:
            url = self._start().base_url
            with (
                heard_from(lambda: self._servers, self.own_time),
                open_caller(self.client_kind, base_url=url, **about) as it,
            ):
                calls = [*self._calls(it)]
        finally:
            self._running.close()
        self.exchange.advance(2 * DELAYS["for ever"])
        return calls, self._truth()

    def _calls(self, caller: Caller) -> Iterator[Call]:
        for fault, when in EACH:
            strikes = {"fault": fault, "when": when}
            yield self._struck(caller, strikes | {"method": "DELETE"})
            yield self._struck(caller, {**LOST, "when": "after"}, strikes | {"method": "GET"})
            yield self._struck(caller, {**LOST, "when": "before"}, strikes | {"method": "GET"}, confirm=True)
        for seconds in SHORT_DEADLINES:
            yield self._struck(caller, SILENT, deadline=seconds)
            yield self._struck(caller, SILENT, SILENT | {"method": "GET"}, deadline=seconds)
        for fault in OF_LOG_INS:
            yield self._struck_at_log_in(caller, fault)
        yield self._struck(caller)
        yield self._struck(caller, confirm=True)
        yield self._struck(caller, LOST, {"fault": "close-without-reply", "method": "GET", "times": ALWAYS})
        self.exchange.fill(filled := self._open())
        yield self._made(caller, (OWN, filled), deadline=DEADLINE_SECONDS)
        self._tell("settings", cancel_delay=DELAYS["for ever"])
        yield self._struck(caller, confirm=True, deadline=PENDING_SECONDS)
        self._running.close()
        yield self._struck(caller)

    def _struck(
        self, caller: Caller, *faults: dict[str, Any], deadline: float = DEADLINE_SECONDS, **options: Any
    ) -> Call:
        """Make a call for a new order with these faults."""
        order_id = self._open()
        if faults:
            self._tell("faults", faults=[{**fault, "order_id": order_id} for fault in faults])
        caller.client._engine.budget = Budget()  # so that no call ends early because of the others
        return self._made(caller, (OWN, order_id), deadline=deadline, **options)

    def _struck_at_log_in(self, caller: Caller, fault: str) -> Call:
        """Make a call for a new order that needs a new token; the log-in fails once."""
        self.exchange.revoke_tokens()
        order_id = self._open()
        self._tell("faults", faults=[{"fault": fault, "endpoint": "token"}])
        return self._made(caller, (OWN, order_id), deadline=DEADLINE_SECONDS)

    def _open(self) -> int:
        return self.exchange.place(OWN, order_id=max(FIRST_ORDER, *self.exchange.orders) + 1).order_id

    def _start(self) -> MockServer:
        server = Round._start(self)
        server._app.state.traffic.requests = deque[Seen]()
        self._tell("faults", random=None)
        return server
