"""Works off a sweep with this process: leases orders, cancels them as one batch, and writes their outcomes down.

1. A batch takes orders only for free slots, so a process that dies leaves few orders in doubt.
2. An order begins only while its lease outlives its deadline. One that waited too long for the rate is given back.
3. An outcome of which nothing has left this process is none of the sweep: the order is given back, so that another
   process, or this one later, cancels it. That is so when the batch was stopped, or the log-in failed.
4. An outcome is reported when it is written down. What was cut off, or came after the lease, is reported as unknown:
   another process reads the order first.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from attrs import define, field

from autoshares_cancel._batch.database.leases import LeasedOrder, Leases
from autoshares_cancel._batch.tasks import AsyncBatch
from autoshares_cancel._cancel.outcomes import Outcome, failed_log_in
from autoshares_cancel.errors import AuthenticationError, ConfigurationError, NotSent, OutcomeUnknown

LOOK_SECONDS: Final = 0.5
"""Seconds between two looks for orders, while others work on the last ones."""
LAST_SECONDS: Final = 10.0
"""Seconds for the last outcomes to be written, if the database is away."""
GATHER_SECONDS: Final = 0.02
"""Seconds for which outcomes are gathered, so that a transaction has some of them."""
MOST_TOGETHER: Final = 256
"""Outcomes that are written in one transaction."""
LEFT: Final = "left to another process, which reads it first"

Report = Callable[[tuple[int, int], Outcome], object]
Ended = tuple[LeasedOrder, Outcome]


@define(eq=False)
class Work:
    """One process at work on one sweep."""

    leases: Leases
    is_over: Callable[[], Awaitable[bool]]
    """Whether no order is left, with other processes either. Called when there is none to take."""
    held: Callable[[], float]
    """The seconds for which the server takes no request."""
    concurrency: int
    report: Report
    """Called with each order that has begun here, once."""
    written: int = 0
    """The outcomes that this process has written."""
    failure: AuthenticationError | ConfigurationError | None = None
    """Why no order can be cancelled with this client, if so."""
    _stopped: asyncio.Event = field(factory=asyncio.Event)
    _taken: list[LeasedOrder] = field(factory=list[LeasedOrder])
    """Leased, and not yet in the batch."""
    _outcomes: list[Ended] = field(factory=list[Ended])
    """Not yet written."""

    def stop(self) -> None:
        """Lease no more orders."""
        self._stopped.set()

    async def orders(self) -> AsyncGenerator[LeasedOrder]:
        """The orders of the batch, leased as it asks for them."""
        while not self._stopped.is_set():
            if self._taken or (self.held() < LOOK_SECONDS and await self._take()):
                yield self._taken.pop()
            elif await self.is_over():
                return
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), LOOK_SECONDS)

    async def write(self, batch: AsyncBatch[LeasedOrder]) -> None:
        """Write the outcomes of a batch as they come. At the end, give back what it has not begun."""
        writing: asyncio.Future[None] | None = None
        try:
            async for each in batch:
                self._outcomes.append(each)
                self._look_for_failure(each[1])
                if writing is None or writing.done():
                    if writing is not None:
                        writing.result()  # raises what went wrong
                    writing = asyncio.ensure_future(self._flush())
                elif len(self._outcomes) >= MOST_TOGETHER:
                    await asyncio.wait([writing])
        finally:
            await self._end(batch, writing)

    async def _take(self) -> bool:
        """Lease orders, unless the work is stopped before the database answers. Whether there are any."""
        taking = asyncio.ensure_future(self.leases.take(self.concurrency))
        stopping = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait((taking, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not taking.done():  # if orders are leased all the same, their lease ends
            taking.cancel()
            return False
        self._taken = [*reversed(taking.result())]
        return bool(self._taken)

    def _look_for_failure(self, outcome: Outcome) -> None:
        self.failure = self.failure or _failure(outcome)
        if self.failure is not None:
            self.stop()

    async def _end(self, batch: AsyncBatch[LeasedOrder], writing: "asyncio.Future[None] | None") -> None:
        cut_off = await batch.aclose()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_SECONDS):
                    if writing is not None:
                        await writing
                    await self._flush()
                    unbegun = [(order, True) for order in self._taken]
                    await self.leases.give_back(
                        unbegun + [(order, True) for order, outcome in cut_off if _is_as_leased(outcome)]
                    )
        finally:
            self._report_left([each for each in (*self._outcomes, *cut_off) if not _is_as_leased(each[1])])

    async def _flush(self) -> None:
        try:
            while self._outcomes:
                await asyncio.sleep(GATHER_SECONDS)
                await self._write_some()
        except BaseException:
            self.stop()  # the reason is raised at the end of the batch, which would wait for more orders
            raise

    async def _write_some(self) -> None:
        together = self._outcomes[:MOST_TOGETHER]
        final = [each for each in together if is_final(each[1])]
        rest = [(order, _is_as_leased(outcome)) for order, outcome in together if not is_final(outcome)]
        await self.leases.give_back(rest)
        written = {*await self.leases.end([(order, outcome.as_dict()) for order, outcome in final])}
        del self._outcomes[: len(together)]
        self.written += len(written)
        for order, outcome in final:
            if order in written:
                self.report(order, outcome)
        self._report_left([each for each in final if each[0] not in written])

    def _report_left(self, left: list[Ended]) -> None:
        for order, _ in left:
            account_id, order_id = order
            self.report(order, OutcomeUnknown(account_id=account_id, order_id=order_id, detail=LEFT))


def is_final(outcome: Outcome) -> bool:
    """Whether the order is done with. If not, no request about it has left since it was leased. Pure."""
    if _failure(outcome) is not None:
        return False
    return not isinstance(outcome, NotSent | OutcomeUnknown) or bool(outcome.attempts)


def _is_as_leased(outcome: Outcome) -> bool:
    """Whether an order is as it was leased. One in doubt stays so. Pure."""
    return not is_final(outcome) and not isinstance(outcome, OutcomeUnknown)


def _failure(outcome: Outcome) -> AuthenticationError | ConfigurationError | None:
    return outcome if isinstance(outcome, ConfigurationError) else failed_log_in(outcome)
