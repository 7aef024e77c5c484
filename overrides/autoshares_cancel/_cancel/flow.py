"""One cancel from the token to the outcome: a coroutine that awaits its backend. No I/O and no sleep of its own.

1. Each attempt is judged by decision.decide. Waiting and trying again end with the deadline, the policy's attempts, or
   the client's budget, whichever is first (waits).
2. To find out, the order is read. What its status means is the table of order. Cancelled: it is, confirmed. Over: a
   conflict, which names the order. Still working: cancel again. Pending: read again until the deadline. An undocumented
   status, and an order that can't be read: unknown.
3. What reading found out counts. The rest stays unknown, whatever came after an attempt that may have been acted upon,
   a failed log-in included.
4. To confirm is to read, after a success, until the order is final. Running out of time is never confirmation.
5. While the order might have to be read, an attempt may not use up the call: it leaves a part of the rest (law 7).
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from attrs import define, field

from autoshares_cancel._cancel.terms import EARLIER, NO_TIME, THROTTLED, Conclusion, Terms
from autoshares_cancel._retry.backend import OrderBackend, What
from autoshares_cancel._retry.decision import Decision, asks_to_wait, decide, is_trouble, may_have_acted, may_pass
from autoshares_cancel._retry.waits import Waits, limit_of_attempt
from autoshares_cancel._values.evidence import Attempt, Evidence, NotWritten, Reply
from autoshares_cancel._values.order import Order, OrderPage
from autoshares_cancel._values.status import State
from autoshares_cancel._values.token import Grant
from autoshares_cancel.errors import AuthenticationError

T = TypeVar("T")


@define(eq=False)
class Cancellation:
    """One call under way."""

    terms: Terms
    backend: OrderBackend = field(repr=False)
    attempts: tuple[Attempt, ...] = ()
    suspect: Evidence | None = None
    """The last evidence of an attempt that may have been acted upon."""
    answer: Evidence | None = None
    """The last evidence of a cancel that left: after one, the call as a whole was sent."""
    is_recorded: bool = True
    """Whether `suspect` and `answer` have the evidence of the last cancel."""
    accepted: Evidence | None = None
    """A success, while it is being confirmed."""
    order: Order | None = None
    """The order as it was read last, since the last cancel."""
    reading: Evidence | None = None
    """The evidence of the last read, since the last cancel, if it did not show the order."""
    _grant: Grant | None = field(default=None, repr=False)
    _renewed: bool = False
    _waits: Waits | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        self.suspect = EARLIER if self.terms.in_doubt else None

    @property
    def waits(self) -> Waits:
        """Those between cancels, made when they are needed: most calls never wait."""
        waits = self._waits = self._waits or self._new_waits()
        return waits

    def _new_waits(self) -> Waits:
        return Waits(self.terms.policy, self.terms.budget, self.terms.random)

    async def run(self) -> Conclusion:
        """The whole call. Raises AuthenticationError only where no order was touched."""
        try:
            ended = None if self.suspect is None else await self._find_out(self.suspect)
            while ended is None:
                ended = await self._judge(await self._send("cancel"))
        except AuthenticationError as failure:
            if self.suspect is None and self.accepted is None:
                raise
            failure.__traceback__ = None  # its frames hold headers in clear text
            return self._conclude(unknown=True, failure=failure)
        return ended

    async def _judge(self, evidence: Evidence) -> Conclusion | None:
        """What an attempt to cancel comes to; None where it has to be cancelled again."""
        acted, doubted = self.suspect is not None, self.terms.doubt_about(evidence) is not None
        decision = decide(evidence, acted=acted, fresh_token=self._may_renew, doubted=doubted)
        if decision is Decision.DONE:
            self.suspect, self.accepted = None, evidence  # whatever came before, the order is cancelled now
            if self.terms.confirm:
                return await self._confirm()
            return Conclusion(evidence=evidence, attempts=self.attempts)
        if not isinstance(evidence, NotWritten):
            self.answer = evidence
        if may_have_acted(evidence):
            self.suspect = evidence
        self.is_recorded = True
        if decision is Decision.STAND:
            return self._conclude(evidence)
        if decision is Decision.EXPLAIN:
            return await self._explain(evidence)
        if decision is Decision.FRESH_TOKEN:
            await self._renew()
            return None
        self.waits.count(evidence)
        if decision is Decision.AGAIN and await self._wait_after(evidence):
            return None
        if self.suspect is None and not may_have_acted(evidence):
            return self._conclude(evidence)
        return await self._find_out(evidence)

    async def _explain(self, conflict: Evidence) -> Conclusion:
        """Read once why the order can't be cancelled. The conflict stands, whatever comes."""
        if self.terms.resolve:
            evidence, order = await self._send_and_read("read", self.terms.order_of)
            self._see(evidence, order if order is not None and order.named else None)
        return self._conclude(conflict)

    async def read(self) -> Conclusion:
        """Only read the order."""
        evidence, order = await self._read_as("read", self.terms.order_of)
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
                return THROTTLED
            await self.backend.sleep(wait)
        if what == "cancel":
            self.order = self.reading = None
            self.is_recorded = False
        evidence, attempt = await self.backend.send(what, grant.token.secret, self._limit(what))
        self.attempts += (attempt,)
        if not is_trouble(evidence):
            self.terms.budget.earn()
        return evidence

    def _limit(self, what: What) -> float:
        """The seconds that the next attempt may take."""
        is_followed = self.terms.resolve if what == "cancel" else self.terms.policy.attempts > 1
        return limit_of_attempt(self.terms.remaining(), is_followed=is_followed)

    async def _renew(self) -> None:
        refused = self._grant
        self._grant = await self.backend.token(refused.token if refused else None)
        # Another process may have left a token that is dead, too. So one more is due, but no third one.
        self._renewed = not self._grant.shared or (refused is not None and refused.shared)

    async def _wait_after(self, evidence: Evidence) -> bool:
        """Wait as long as is right before another cancel; False where there must not be one."""
        if self.waits.requests == 0:
            return True  # the first cancel of an order in doubt
        return await self._slept(self.waits.next(evidence, self.terms.remaining()))

    async def _slept(self, wait: float | None) -> bool:
        if wait is not None:
            await self.backend.sleep(wait)
        return wait is not None

    async def _find_out(self, evidence: Evidence) -> Conclusion | None:
        """Read the order and say what became of it; None where it has to be cancelled again."""
        if not self.terms.resolve:
            return self._conclude()
        polls = 0
        has_waited = asks_to_wait(evidence) and await self._wait_after(evidence)
        while True:
            seen = await self._read()
            if seen is None or seen.state is State.UNKNOWN:
                return self._conclude()
            if seen.state in {State.CANCELLED, State.OVER}:
                return self._conclude(evidence, found=seen.state)
            if seen.state is State.WORKING:
                again = has_waited or await self._wait_after(evidence)
                return None if again else self._conclude()
            polls += 1
            if not await self._wait_for_poll(polls):
                return self._conclude()

    async def _confirm(self) -> Conclusion:
        """Read until the order is final."""
        polls = 0
        while True:
            seen = await self._read()
            if seen is not None and seen.state in {State.CANCELLED, State.OVER}:
                return self._conclude(found=seen.state)
            polls += 1
            if seen is None or not await self._wait_for_poll(polls):
                return self._conclude(unknown=True)

    async def _wait_for_poll(self, nth: int) -> bool:
        """Wait until the order is read again; False where there is no time for that."""
        return await self._slept(self.waits.poll(nth, self.terms.remaining()))

    async def _read(self) -> Order | None:
        return self._see(*await self._read_as("read", self.terms.order_of))

    def _see(self, evidence: Evidence, seen: Order | None) -> Order | None:
        self.order, self.reading = seen or self.order, None if seen else evidence
        return seen

    async def _send_and_read(self, what: What, read: Callable[[Evidence], T | None]) -> tuple[Evidence, T | None]:
        evidence = await self._send(what) if self.terms.remaining() > 0 else NO_TIME
        return evidence, read(evidence)

    async def _read_as(self, what: What, read: Callable[[Evidence], T | None]) -> tuple[Evidence, T | None]:
        """Read the order, or a page, and again where that fails for a reason that may pass."""
        waits = self._new_waits()
        while True:
            evidence, seen = await self._send_and_read(what, read)
            if seen is not None:
                return evidence, seen
            unauthorized = isinstance(evidence, Reply) and evidence.status_code == HTTPStatus.UNAUTHORIZED
            if unauthorized and self._may_renew:
                await self._renew()
                continue
            waits.count(evidence)
            if not may_pass(evidence) or not await self._slept(waits.next(evidence, self.terms.remaining())):
                return evidence, None

    def _conclude(
        self,
        evidence: Evidence | None = None,
        *,
        found: State | None = None,
        unknown: bool = False,
        failure: AuthenticationError | None = None,
    ) -> Conclusion:
        """The end of the call. Where nothing was found, a suspect decides, whatever came after it."""
        evidence = evidence or self.accepted or EARLIER
        if found is None and self.suspect is not None:
            evidence, unknown = self.suspect, True
        if isinstance(evidence, NotWritten) and self.answer is not None:
            evidence = self.answer
        return Conclusion(
            evidence=evidence,
            attempts=self.attempts,
            order=self.order,
            found=found,
            unknown=unknown,
            doubt=self.terms.doubt_about(evidence),
            reading=self.reading,
            failure=failure,
            fresh_token=self._renewed or (self._grant is not None and self._grant.fresh),
        )
