"""One cancel from the token to the outcome: a coroutine that awaits its backend. No I/O and no sleep of its own.

1. Each attempt is judged by decision.decide. Waiting and trying again end with the deadline, the policy's attempts, or
   the client's budget, whichever is first (waits).
2. To find out, the order is read. What its status means is the table of order. Cancelled: it is, confirmed. Over: a
   conflict, which names the order. Still working: cancel again. Pending: read again until the deadline. An undocumented
   status, and an order that can't be read: unknown.
3. What reading found out counts. The rest stays unknown, whatever came after an attempt that may have been acted upon.
4. To confirm is to read, after a success, until the order is final. Running out of time is never confirmation.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeVar

from attrs import define, field

from autoshares_cancel._cancel.terms import Conclusion, Terms
from autoshares_cancel._retry.backend import OrderBackend, What
from autoshares_cancel._retry.decision import (
    Decision,
    asks_to_wait,
    decide,
    is_trouble,
    may_have_acted,
    may_pass,
    retry_after,
)
from autoshares_cancel._retry.waits import Waits
from autoshares_cancel._values.evidence import Attempt, Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.order import Order, OrderPage
from autoshares_cancel._values.status import State
from autoshares_cancel._values.token import Grant
from autoshares_cancel.errors import AuthenticationError

T = TypeVar("T")

SHORTEST_WAIT: Final = 0.02
"""Seconds: with less than twice that left there is no point in reading again."""

EARLIER: Final = NoResponse(reason="an earlier call ended without an answer")


@define(eq=False)
class Cancellation:
    """One call under way."""

    terms: Terms
    backend: OrderBackend = field(repr=False)
    attempts: tuple[Attempt, ...] = ()
    waits: Waits = field(init=False, repr=False)
    suspect: Evidence | None = None
    """The last evidence of an attempt that may have been acted upon."""
    answer: Evidence | None = None
    """The last evidence of a cancel that left: after one, the call as a whole was sent."""
    accepted: Evidence | None = None
    """A success, while it is being confirmed."""
    _grant: Grant | None = field(default=None, repr=False)
    _renewed: bool = False

    def __attrs_post_init__(self) -> None:
        self.waits = Waits(self.terms.policy, self.terms.budget, self.terms.random)

    async def run(self) -> Conclusion:
        """The whole call. Raises AuthenticationError only where no order was touched."""
        ended: Conclusion | None = None
        if self.terms.in_doubt:
            self.suspect = EARLIER
            ended = await self._find_out(EARLIER)
        while ended is None:
            ended = await self._judge(await self._send("cancel"))
        return ended

    async def _judge(self, evidence: Evidence) -> Conclusion | None:
        """What an attempt to cancel comes to; None where it has to be cancelled again."""
        acted, doubted = self.suspect is not None, self.terms.doubt_about(evidence) is not None
        decision = decide(evidence, acted=acted, fresh_token=self._may_renew, doubted=doubted)
        if decision is Decision.DONE:
            return await self._done(evidence)
        if not isinstance(evidence, NotWritten):
            self.answer = evidence
        if may_have_acted(evidence):
            self.suspect = evidence
        if decision is Decision.STAND:
            return self._conclude(evidence)
        if decision is Decision.FRESH_TOKEN:
            return None if await self._renew() else self._conclude(evidence)
        self.waits.count(evidence)
        if decision is Decision.AGAIN and await self._wait_after(evidence):
            return None
        if self.suspect is None and not may_have_acted(evidence):
            return self._conclude(evidence)
        return await self._find_out(evidence)

    async def _done(self, evidence: Evidence) -> Conclusion:
        self.suspect, self.accepted = None, evidence  # whatever came before, the order is cancelled now
        return await self._confirm(evidence) if self.terms.confirm else self._conclude(evidence)

    async def read(self) -> Conclusion:
        """Only read the order."""
        evidence, order = await self._read()
        return Conclusion(evidence=evidence, attempts=self.attempts, order=order)

    async def read_page(self, page_of: Callable[[Evidence], OrderPage | None]) -> tuple[Evidence, OrderPage | None]:
        """Only read a page of a listing."""
        return await self._read_as("list", page_of)

    @property
    def _may_renew(self) -> bool:
        return self.terms.renewable and not self._renewed and self._grant is not None and not self._grant.fresh

    async def _send(self, what: What) -> Evidence:
        grant = self._grant = self._grant or await self.backend.token(None)
        while (wait := self.terms.throttle()) > 0:
            if wait >= self.terms.remaining():
                return NotWritten(reason="the throttle of the batch leaves no time for it")
            await self.backend.sleep(wait)
        evidence, attempt = await self.backend.send(what, grant.token.secret)
        self.attempts += (attempt,)
        if not is_trouble(evidence):
            self.terms.budget.earn()
        return evidence

    async def _renew(self) -> bool:
        refused, self._renewed = self._grant, True
        try:
            self._grant = await self.backend.token(refused.token if refused else None)
        except AuthenticationError:
            if self.suspect is None and self.accepted is None:
                raise
            return False
        return True

    async def _wait_after(self, evidence: Evidence) -> bool:
        """Wait as long as is right before another cancel; False where there must not be one."""
        if self.waits.cancels == 0:
            return True  # the first cancel of an order in doubt
        wait = self.waits.next(evidence, self.terms.remaining())
        if wait is not None:
            await self.backend.sleep(wait)
        return wait is not None

    async def _find_out(self, evidence: Evidence) -> Conclusion | None:
        """Read the order and say what became of it; None where it has to be cancelled again."""
        if not self.terms.resolve:
            return self._conclude()
        order, polls = None, 0
        has_waited = asks_to_wait(evidence) and await self._wait_after(evidence)
        while True:
            _, seen = await self._read()
            order = seen or order
            if seen is None or seen.state is State.UNKNOWN:
                return self._conclude(order=order)
            if seen.state in {State.CANCELLED, State.OVER}:
                return self._conclude(evidence, order=seen, found=seen.state)
            if seen.state is State.WORKING:
                again = has_waited or await self._wait_after(evidence)
                return None if again else self._conclude(order=seen)
            polls += 1
            if (wait := self._pause(polls)) is None:
                return self._conclude(order=seen)
            await self.backend.sleep(wait)

    async def _confirm(self, evidence: Evidence) -> Conclusion:
        """Read until the order is final."""
        order, polls = None, 0
        while True:
            _, seen = await self._read()
            order = seen or order
            if seen is not None and seen.state in {State.CANCELLED, State.OVER}:
                return self._conclude(evidence, order=seen, found=seen.state)
            polls += 1
            if seen is None or (wait := self._pause(polls)) is None:
                return self._conclude(evidence, order=order, unknown=True)
            await self.backend.sleep(wait)

    async def _read(self) -> tuple[Evidence, Order | None]:
        return await self._read_as("read", self.terms.order_of)

    async def _read_as(self, what: What, read: Callable[[Evidence], T | None]) -> tuple[Evidence, T | None]:
        """Read the order, or a page, and again where that fails for a reason that may pass."""
        reads = 0
        while True:
            evidence = await self._send(what)
            reads += 1
            seen = read(evidence)
            if seen is not None:
                return evidence, seen
            unauthorized = isinstance(evidence, Reply) and evidence.status_code == HTTPStatus.UNAUTHORIZED
            if unauthorized and self._may_renew:
                if not await self._renew():
                    return evidence, None
                continue
            wait = self._pause(reads, evidence) if may_pass(evidence) and reads < self.terms.policy.attempts else None
            if wait is None or not self.terms.budget.spend():
                return evidence, None
            await self.backend.sleep(wait)

    def _pause(self, nth: int, evidence: Evidence | None = None) -> float | None:
        """Seconds to wait before the order is read again; None when there is no time for that."""
        left = self.terms.remaining()
        asked = retry_after(evidence)
        if left < 2 * SHORTEST_WAIT or (asked is not None and asked >= left):
            return None
        if asked is not None:
            return asked
        # No longer than half of what is left, so that the last look is a late one.
        return min(max(self.terms.policy.backoff(nth, self.terms.random()), SHORTEST_WAIT), left / 2)

    def _conclude(
        self,
        evidence: Evidence = EARLIER,
        *,
        order: Order | None = None,
        found: State | None = None,
        unknown: bool = False,
    ) -> Conclusion:
        """The end of the call. Where nothing was found, a suspect decides, whatever came after it."""
        if found is None and self.suspect is not None:
            evidence, unknown = self.suspect, True
        if isinstance(evidence, NotWritten) and self.answer is not None:
            evidence = self.answer
        attempts, doubt = self.attempts, self.terms.doubt_about(evidence)
        return Conclusion(evidence=evidence, attempts=attempts, order=order, found=found, unknown=unknown, doubt=doubt)
