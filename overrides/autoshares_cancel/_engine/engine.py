"""What a client does, written once for Client and AsyncClient: coroutines over the backend of one of them.

One call goes one way: the engine begins it, a flow decides, its backend (attempts, tokens) builds and sends requests,
and the engine tells what has become of it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from autoshares_cancel._cancel.flow import Cancellation, Terms
from autoshares_cancel._cancel.outcomes import Cancelled, Outcome, outcome_of, unreadable
from autoshares_cancel._cancel.replies import order_of, page_of
from autoshares_cancel._cancel.success import doubt_about
from autoshares_cancel._engine.attempts import Attempts
from autoshares_cancel._engine.backend import Backend
from autoshares_cancel._engine.call import AccountCall, Call, OrderCall, PageCall, Watched
from autoshares_cancel._engine.events import OutcomeEvent, tell_outcome
from autoshares_cancel._engine.fork import in_child
from autoshares_cancel._engine.requests import Requests
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._engine.tokens import Tokens
from autoshares_cancel._engine.tracing import UNTRACED, CallTrace
from autoshares_cancel._http.request import Origin
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._validation import check_connections, check_flag, check_id, check_seconds
from autoshares_cancel._values.deadline import Deadline
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.order import Order, OrderPage
from autoshares_cancel.errors import ConfigurationError


class Engine:
    """The inside of one client. Its coroutines never suspend over a backend that blocks."""

    def __init__(self, settings: Settings, open_backend: Callable[[Origin, Settings], Backend]) -> None:
        self.settings = settings
        origin = Origin.of(settings.base_url)
        self.budget = RetryBudget()
        self.requests = Requests(settings, origin)
        self.tokens = Tokens(settings, self.requests)
        self.backend = open_backend(origin, settings)
        in_child(self, Engine._renew)

    def _renew(self) -> None:
        """In a forked child: locks and connections of its own. The token is good there, too."""
        self.budget = RetryBudget(self.budget.left)
        self.backend.renew()

    async def close(self) -> None:
        """Close every connection."""
        await self.backend.close()

    async def cancel_order(
        self,
        account_id: object,
        order_id: object,
        deadline: object,
        *,
        confirm: object,
        venue: object,
        in_doubt: object,
    ) -> Cancelled:
        """Cancel one order; every other outcome is raised."""
        self.backend.must_be_here()
        call = self.begin_order(account_id, order_id, deadline, venue=venue, in_doubt=in_doubt)
        await self.cancel(call, confirm=check_flag("confirm", confirm))
        return call.given()

    async def cancel(self, call: OrderCall, *, confirm: bool) -> None:
        """The whole call; its outcome is the call's, also where an interruption goes on to the caller."""
        cancellation = self._cancellation(call, confirm=confirm)
        ids = {"account_id": call.account_id, "order_id": call.order_id}
        with self.traced(call, "cancel_order", **ids), Watched(call, cancellation, self._tell):
            conclusion = await cancellation.run()
            self._tell(call, outcome_of(conclusion, **ids, secrets=call.secrets))

    async def read_order(self, account_id: object, order_id: object, deadline: object) -> Order:
        """Read one order; raises OrderUnreadable or AuthenticationError."""
        self.backend.must_be_here()
        call = self.begin_order(account_id, order_id, deadline)
        ids = {"account_id": call.account_id, "order_id": call.order_id}
        with self.traced(call, "read_order", **ids):
            conclusion = await self._cancellation(call).read()
            if conclusion.order is None:
                raise unreadable(conclusion.evidence, conclusion.attempts, **ids, secrets=call.secrets)
            return conclusion.order

    async def read_page(
        self, call: AccountCall, number: int, status_filter: str | None
    ) -> tuple[Evidence, OrderPage | None]:
        """Read one page of a listing, within the time of the call about the account."""
        page = PageCall(
            backend=self.backend,
            timeouts=self.settings.timeouts,
            deadline=Deadline.after(call.deadline.shortened(self.settings.deadline), self.settings.clock),
            began_at=call.began_at,
            trace=call.trace,
            account_id=call.account_id,
            secrets=call.secrets,
            page_number=number,
            status_filter=status_filter,
        )

        def read(evidence: Evidence) -> OrderPage | None:
            call.secrets = page.secrets  # the token is among them, and what can't be read is told at the end
            return page_of(evidence, account_id=page.account_id, secrets=page.secrets)

        return await self._reading(page).read_page(read)

    async def warm_up(self, connections: object, deadline: object) -> None:
        """Log in, and open connections; raises AuthenticationError."""
        self.backend.must_be_here()
        ends, began_at = self._time(deadline)
        call = Call(backend=self.backend, timeouts=self.settings.timeouts, deadline=ends, began_at=began_at)
        wanted = check_connections(connections)
        with self.traced(call, "warm_up"):
            await self.tokens.grant(None, call)
            if self.settings.transport is None:  # whose connections are not kept here
                # At once, because one after the other would take the same connection.
                await self.backend.side_by_side(lambda: call.exchange(self.requests.of_warm_up()), wanted)

    def begin_order(
        self, account_id: object, order_id: object, deadline: object, *, venue: object = False, in_doubt: object = False
    ) -> OrderCall:
        """A call about an order begins; raises ConfigurationError for what can't be."""
        account_id, order_id = check_id("account_id", account_id), check_id("order_id", order_id)
        ends, began_at = self._time(deadline)
        return OrderCall(
            backend=self.backend,
            timeouts=self.settings.timeouts,
            deadline=ends,
            began_at=began_at,
            account_id=account_id,
            order_id=order_id,
            secrets=self.settings.credentials.secrets,
            venue=check_flag("venue", venue),
            in_doubt=check_flag("in_doubt", in_doubt),
        )

    def begin_account(self, account_id: object, deadline: object) -> AccountCall:
        """A call about an account begins; raises ConfigurationError for what can't be."""
        self.backend.must_be_here()
        account_id = check_id("account_id", account_id)
        ends, began_at = self._time(deadline)
        return AccountCall(
            backend=self.backend,
            timeouts=self.settings.timeouts,
            deadline=ends,
            began_at=began_at,
            account_id=account_id,
            secrets=self.settings.credentials.secrets,
        )

    def _time(self, deadline: object) -> tuple[Deadline, float]:
        """When a call that begins now will end, and now."""
        seconds = self.settings.deadline if deadline is None else check_seconds("deadline", deadline)
        self.must_be_open()
        return Deadline.after(seconds, self.settings.clock), self.settings.clock()

    def must_be_open(self) -> None:
        """Raise ConfigurationError for a client that was closed."""
        if self.backend.is_closed:
            raise ConfigurationError("the client is closed: make a new one")

    def traced(self, call: Call, name: str, **ids: int) -> AbstractContextManager[None]:
        """Around a call of the method with that name."""
        if self.settings.telemetry is None:
            return UNTRACED
        call.trace = CallTrace(partial(self.settings.telemetry.begin_call, name, ids))
        return call.trace

    def _cancellation(self, call: OrderCall, *, confirm: bool = False) -> Cancellation:
        batch = call.batch
        is_denied = batch is not None and call.account_id in batch.denied
        terms = Terms(
            policy=self.settings.retry,
            budget=self.budget,
            renewable=self.tokens.cache.renewable and not is_denied,
            resolve=self.settings.resolve,
            remaining=call.deadline.remaining,
            random=self.settings.random,
            confirm=confirm,
            in_doubt=call.in_doubt,
            # Not partial: a call learns its tokens as it goes.
            order_of=lambda evidence: order_of(
                evidence, account_id=call.account_id, order_id=call.order_id, secrets=call.secrets
            ),
            doubt_about=lambda evidence: doubt_about(evidence, call.account_id, call.order_id),
            throttle=(lambda: 0.0) if batch is None else batch.throttle_of_call(),
        )
        return Cancellation(terms, Attempts(self.settings, self.requests, self.tokens, call))

    def _reading(self, call: PageCall) -> Cancellation:
        terms = Terms(
            policy=self.settings.retry,
            budget=self.budget,
            renewable=self.tokens.cache.renewable,
            resolve=self.settings.resolve,
            remaining=call.deadline.remaining,
            random=self.settings.random,
        )
        return Cancellation(terms, Attempts(self.settings, self.requests, self.tokens, call))

    def _tell(self, call: OrderCall, outcome: Outcome) -> None:
        call.outcome = outcome
        if call.trace is not None:
            call.trace.outcome = outcome
        event = OutcomeEvent(
            account_id=call.account_id,
            order_id=call.order_id,
            outcome=outcome,
            seconds=self.settings.clock() - call.began_at,
        )
        tell_outcome(event, self.settings.on_outcome)
