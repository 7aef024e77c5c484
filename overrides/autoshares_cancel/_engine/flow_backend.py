"""The flow of a call, and its backend: builds and sends the requests, and reports each attempt to observers."""

from collections.abc import Awaitable
from datetime import UTC, datetime

from attrs import define

from autoshares_cancel._cancel.attempts import attempt_of
from autoshares_cancel._cancel.flow import Cancellation
from autoshares_cancel._cancel.replies import order_of
from autoshares_cancel._cancel.success import doubt_about
from autoshares_cancel._cancel.terms import Terms, no_wait
from autoshares_cancel._engine.call import OrderCall, PageCall
from autoshares_cancel._engine.events import is_wanted, report_attempt
from autoshares_cancel._engine.requests import Requests
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._engine.tokens import Tokens
from autoshares_cancel._retry.backend import What
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._values.evidence import Attempt, Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.token import AccessToken, Grant


def utc_now() -> datetime:
    """The time by the clock of this machine. Tests replace this function."""
    return datetime.now(UTC)


@define(eq=False)
class FlowBackend:
    """The backend of the flow of one call."""

    settings: Settings
    requests: Requests
    tokens: Tokens
    call: OrderCall | PageCall

    def token(self, refused: AccessToken | None) -> Awaitable[Grant]:
        """Get a token other than the refused one. Raises AuthenticationError."""
        return self.tokens.grant(refused, self.call)

    async def send(self, what: What, token: Secret, seconds: float) -> tuple[Evidence, Attempt]:
        """Send one request once, for at most `seconds`. Returns its evidence and the record of the attempt."""
        call, clock = self.call, self.settings.clock
        call.secrets = (*self.tokens.secrets, token)
        request, started_at = call.next_request(self.requests, what, token), clock()
        sent_at = utc_now()
        evidence = await call.exchange(request, call.secrets, seconds)
        took, began_after = clock() - started_at, started_at - call.began_at
        attempt = attempt_of(
            what, evidence, started_at=began_after, seconds=took, secrets=call.secrets, sent_at=sent_at
        )
        call.observe(evidence, attempt)
        if is_wanted(self.settings.on_attempt):
            report_attempt(call.event_of(attempt), self.settings.on_attempt)
        return evidence, attempt

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await self.call.backend.sleep(seconds)


def cancellation_of(
    call: OrderCall, settings: Settings, requests: Requests, tokens: Tokens, budget: RetryBudget
) -> Cancellation:
    """The flow of a call about an order."""
    batch = call.batch
    is_denied = batch is not None and call.account_id in batch.denied
    terms = Terms(
        policy=settings.retry if call.retry is None else call.retry,
        budget=budget,
        renewable=tokens.cache.renewable and not is_denied,
        resolve=settings.resolve if call.resolve is None else call.resolve,
        remaining=call.deadline.remaining,
        random=settings.random,
        confirm=call.confirm,
        in_doubt=call.in_doubt is not False,
        # Not partial: call.secrets changes during the call.
        order_of=lambda evidence: order_of(
            evidence, account_id=call.account_id, order_id=call.order_id, secrets=call.secrets
        ),
        doubt_about=lambda evidence: doubt_about(evidence, call.account_id, call.order_id),
        throttle=no_wait if batch is None else batch.throttle_of_call(),
    )
    return Cancellation(terms, FlowBackend(settings, requests, tokens, call))


def reading_of(
    call: PageCall, settings: Settings, requests: Requests, tokens: Tokens, budget: RetryBudget
) -> Cancellation:
    """The flow of a call that reads a page."""
    terms = Terms(
        policy=settings.retry,
        budget=budget,
        renewable=tokens.cache.renewable,
        resolve=settings.resolve,
        remaining=call.deadline.remaining,
        random=settings.random,
    )
    return Cancellation(terms, FlowBackend(settings, requests, tokens, call))
