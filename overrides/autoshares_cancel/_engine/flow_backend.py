"""The backend that a flow awaits: builds and sends the requests of a call, and reports each attempt to observers."""

from datetime import UTC, datetime

from attrs import frozen

from autoshares_cancel._cancel.attempts import attempt_of
from autoshares_cancel._engine.call import OrderCall, PageCall
from autoshares_cancel._engine.events import is_wanted, report_attempt
from autoshares_cancel._engine.requests import Requests
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._engine.tokens import Tokens
from autoshares_cancel._retry.backend import What
from autoshares_cancel._values.evidence import Attempt, Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.token import AccessToken, Grant


def utc_now() -> datetime:
    """The time by the clock of this machine. Tests replace this function."""
    return datetime.now(UTC)


@frozen(eq=False)
class FlowBackend:
    """The backend of the flow of one call."""

    settings: Settings
    requests: Requests
    tokens: Tokens
    call: OrderCall | PageCall

    async def token(self, refused: AccessToken | None) -> Grant:
        """Get a token other than the refused one. Raises AuthenticationError."""
        return await self.tokens.grant(refused, self.call)

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
