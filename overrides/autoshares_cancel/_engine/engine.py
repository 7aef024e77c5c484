"""The methods of a client, written once for Client and AsyncClient: coroutines over the backend of either.

Each call takes the same path: the engine begins it, a flow decides what to do next, the flow's backend (flow_backend,
tokens) builds and sends requests, and the engine reports the outcome.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import cast

from autoshares_cancel._cancel.outcomes import Outcome, outcome_of, unreadable
from autoshares_cancel._cancel.replies import page_of
from autoshares_cancel._engine.backend import Backend
from autoshares_cancel._engine.call import AccountCall, Call, OrderCall, PageCall
from autoshares_cancel._engine.events import OutcomeEvent, forget_frames, is_wanted, level_of, report_outcome
from autoshares_cancel._engine.flow_backend import cancellation_of, reading_of
from autoshares_cancel._engine.fork import call_in_child
from autoshares_cancel._engine.requests import Requests
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._engine.tokens import Tokens
from autoshares_cancel._engine.tracing import UNTRACED, CallTrace
from autoshares_cancel._http.request import Origin
from autoshares_cancel._retry.policy import RetryBudget, RetryPolicy
from autoshares_cancel._validation import (
    check_connections,
    check_flag,
    check_id,
    check_in_doubt,
    check_kind,
    check_reference,
    check_seconds,
)
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.order import Order, OrderPage
from autoshares_cancel.errors import AuthenticationError, ConfigurationError, OutcomeUnknown


class Engine:
    """Implements one client. Its coroutines never suspend over a blocking backend."""

    def __init__(self, settings: Settings, open_backend: Callable[[Origin, Settings], Backend]) -> None:
        self.settings = settings
        origin = Origin.of(settings.base_url)
        self.budget = RetryBudget()
        self.requests = Requests(settings, origin)
        self.tokens = Tokens(settings, self.requests, self.budget)
        self.backend = open_backend(origin, settings)
        call_in_child(self, Engine._renew)

    def _renew(self) -> None:
        """In a forked child: replace locks and connections. The token stays valid."""
        self.budget = self.tokens.budget = RetryBudget(self.budget.left)
        self.backend.renew()

    async def close(self) -> None:
        """Close every connection."""
        await self.backend.close()

    async def cancel(self, call: OrderCall) -> None:
        """Cancel the order of the call, and set its outcome, even if an interruption is raised further.

        A failed log-in is the outcome. Ctrl-C and a cancelled task are raised further.
        """
        cancellation = cancellation_of(call, self.settings, self.requests, self.tokens, self.budget)
        ids = {"account_id": call.account_id, "order_id": call.order_id}
        with self.traced(call, "cancel_order", **ids):
            try:
                conclusion = await cancellation.run()
                earlier = None if isinstance(call.in_doubt, bool) else call.in_doubt
                self._report(call, outcome_of(conclusion, **ids, secrets=call.secrets, earlier=earlier))
            except AuthenticationError as failure:
                self._report(call, cast(Outcome, failure))
            except BaseException as error:
                forget_frames(error)
                # An interruption has another name in each event loop, and trio's is Cancelled.
                what = type(error).__name__ if isinstance(error, Exception) else "interrupted"
                self._report(call, call.interrupted_outcome(cancellation, f"{what} while it was under way"))
                raise

    async def read_order(self, call: OrderCall) -> Order:
        """Read the order of the call. Raises OrderUnreadable or AuthenticationError."""
        ids = {"account_id": call.account_id, "order_id": call.order_id}
        with self.traced(call, "read_order", **ids):
            conclusion = await cancellation_of(call, self.settings, self.requests, self.tokens, self.budget).read()
            if conclusion.order is None:
                raise unreadable(conclusion.evidence, conclusion.attempts, **ids, secrets=call.secrets)
            return conclusion.order

    async def read_page(
        self, call: AccountCall, number: int, status_filter: str | None
    ) -> tuple[Evidence, OrderPage | None]:
        """Read one page of a listing, within the deadline of the account's call."""
        page = PageCall(
            backend=self.backend,
            timeouts=self.settings.timeouts,
            deadline=Deadline.after(call.deadline.shortened(self.settings.deadline), self.settings.clock),
            began_at=call.began_at,
            reference=call.reference,
            trace=call.trace,
            account_id=call.account_id,
            secrets=call.secrets,
            page_number=number,
            status_filter=status_filter,
        )

        def read(evidence: Evidence) -> OrderPage | None:
            call.secrets = page.secrets  # with the token, to remove it from the message of an unreadable page
            return page_of(evidence, account_id=page.account_id, secrets=page.secrets)

        return await reading_of(page, self.settings, self.requests, self.tokens, self.budget).read_page(read)

    async def warm_up(self, connections: object, deadline: object) -> None:
        """Log in and open connections. Raises AuthenticationError."""
        self.backend.check_process_and_loop()
        ends, began_at = self._time(deadline)
        call = Call(backend=self.backend, timeouts=self.settings.timeouts, deadline=ends, began_at=began_at)
        wanted = check_connections(connections)
        with self.traced(call, "warm_up"):
            await self.tokens.grant(None, call)
            if self.settings.transport is None:  # it has connections of its own
                # At the same time, because one after another they would all use the same connection.
                await self.backend.run_concurrently(lambda: call.exchange(self.requests.build_for_warm_up()), wanted)

    def begin_order(
        self,
        account_id: object,
        order_id: object,
        deadline: object,
        *,
        confirm: object = False,
        venue: object = False,
        in_doubt: object = False,
        reference: object = None,
        resolve: object = None,
        retry: object = None,
    ) -> OrderCall:
        """Begin a call about an order. Raises ConfigurationError for a wrong argument and a closed client."""
        self.backend.check_process_and_loop()
        account_id, order_id = check_id("account_id", account_id), check_id("order_id", order_id)
        return self.begin_checked(
            account_id,
            order_id,
            None if deadline is None else check_seconds("deadline", deadline),
            confirm=check_flag("confirm", confirm),
            venue=check_flag("venue", venue),
            in_doubt=check_in_doubt(in_doubt, account_id, order_id),
            reference=check_reference("reference", reference),
            resolve=None if resolve is None else check_flag("resolve", resolve),
            retry=None if retry is None else check_kind("retry", retry, (RetryPolicy,)),
        )

    def begin_checked(
        self,
        account_id: int,
        order_id: int,
        deadline: float | None,
        *,
        confirm: bool,
        venue: bool,
        in_doubt: bool | OutcomeUnknown,
        reference: str | None,
        resolve: bool | None,
        retry: RetryPolicy | None,
    ) -> OrderCall:
        """As begin_order, with checked arguments. Raises ConfigurationError for a closed client."""
        settings = self.settings
        self.check_open()
        now = settings.clock()
        return OrderCall(
            backend=self.backend,
            timeouts=settings.timeouts,
            deadline=Deadline(now + (settings.deadline if deadline is None else deadline), settings.clock),
            began_at=now,
            account_id=account_id,
            order_id=order_id,
            secrets=settings.credentials.secrets,
            confirm=confirm,
            venue=venue,
            in_doubt=in_doubt,
            reference=reference,
            resolve=resolve,
            retry=retry,
        )

    def begin_account(self, account_id: object, deadline: object, reference: object = None) -> AccountCall:
        """Begin a call about an account. Raises ConfigurationError for a wrong argument and a closed client."""
        self.backend.check_process_and_loop()
        account_id = check_id("account_id", account_id)
        ends, began_at = self._time(deadline)
        return AccountCall(
            backend=self.backend,
            timeouts=self.settings.timeouts,
            deadline=ends,
            began_at=began_at,
            account_id=account_id,
            secrets=self.settings.credentials.secrets,
            reference=check_reference("reference", reference),
        )

    def _time(self, deadline: object) -> tuple[Deadline, float]:
        """The deadline of a call that begins now, and the time now, in seconds on the clock."""
        seconds = self.settings.deadline if deadline is None else check_seconds("deadline", deadline)
        self.check_open()
        now = self.settings.clock()
        return Deadline(now + seconds, self.settings.clock), now

    def check_open(self) -> None:
        """Raise ConfigurationError if the client was closed."""
        if self.backend.is_closed:
            raise ConfigurationError("the client is closed: make a new one")

    def traced(self, call: Call, name: str, **ids: int) -> AbstractContextManager[None]:
        """A context manager that traces a call of the method with this name."""
        if self.settings.telemetry is None:
            return UNTRACED
        reference = {} if call.reference is None else {"reference": call.reference}
        call.trace = CallTrace(partial(self.settings.telemetry.begin_call, name, {**ids, **reference}))
        return call.trace

    def _report(self, call: OrderCall, outcome: Outcome) -> None:
        call.outcome = outcome
        if call.trace is not None:
            call.trace.outcome = outcome
        if not is_wanted(self.settings.on_outcome, level_of(outcome)):
            return
        event = OutcomeEvent(
            account_id=call.account_id,
            order_id=call.order_id,
            outcome=outcome,
            seconds=self.settings.clock() - call.began_at,
            reference=call.reference,
        )
        report_outcome(event, self.settings.on_outcome)
