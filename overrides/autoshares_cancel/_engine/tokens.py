"""The tokens of one client. One log-in runs at a time (law 6), and all callers that wait for it share its result."""

from collections.abc import Callable
from typing import cast

from attrs import define

from autoshares_cancel._auth.credentials import PasswordCredentials
from autoshares_cancel._auth.login import LogIn
from autoshares_cancel._auth.token_cache import TokenCache
from autoshares_cancel._engine.call import Call
from autoshares_cancel._engine.requests import Requests
from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._engine.shared_tokens import POLL, SharedTokens, shared_tokens_of
from autoshares_cancel._retry.backend import TokenRequest
from autoshares_cancel._retry.decision import is_trouble
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._retry.waits import Waits, limit_of_attempt
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.token import AccessToken, Grant
from autoshares_cancel.errors import AuthenticationError, InvalidCredentials, TokenUnavailable


class Tokens:
    """Grants tokens to calls, and logs in if there is none."""

    def __init__(self, settings: Settings, requests: Requests, budget: RetryBudget) -> None:
        self._settings, self._requests, self.budget = settings, requests, budget
        self.cache = TokenCache(settings.credentials, settings.token_margin, settings.clock, settings.login_pause)
        self.shared = shared_tokens_of(settings, requests.origin, self.cache.life)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The credentials, and the other secrets of log-ins except access tokens."""
        return (*self._settings.credentials.secrets, *self.cache.learned)

    async def grant(self, refused: AccessToken | None, call: Call) -> Grant:
        """Get a token other than the refused one; logs in if needed. Raises AuthenticationError."""
        # Read before the token, so that a log-in that fails in between is shared, too.
        seen = self.cache.rounds if call.rounds is None else call.rounds
        token = self.cache.usable(refused)
        if token is not None:
            return Grant(token, fresh=False)
        self.cache.check_pause()
        lock = await call.backend.acquire(call.deadline.remaining())
        if lock is None:
            raise TokenUnavailable(detail="the deadline passed while another call was logging in")
        try:
            token = self.cache.settled(refused, seen)
            if token is not None:
                return Grant(token, fresh=False)
            if self.shared is None:
                return Grant(await self._log_in(call), fresh=True)
            self.shared.spend(self.cache.last, None if refused is None else refused.secret)
            return await self._share(self.shared, call)
        finally:
            lock.release()

    async def _share(self, shared: SharedTokens, call: Call) -> Grant:
        """Take the token of another process, or log in while no other process does."""
        while True:
            with shared.lock() as is_free:
                found = shared.load()
                if found is not None:
                    token = self.cache.keep(found.secret, self.cache.clock() - found.age)
                    return Grant(token, fresh=False, shared=True)
                if is_free:
                    return Grant(await self._log_in(call), fresh=True)
            if call.deadline.remaining() <= 0:
                raise TokenUnavailable(detail="the deadline passed while another process was logging in")
            await call.backend.sleep(call.deadline.shortened(POLL))

    async def _log_in(self, call: Call) -> AccessToken:
        settings, cache = self._settings, self.cache
        policy = call.retry or settings.retry
        backend = LogInRequests(self, self._requests, call, is_followed=policy.attempts > 1)
        log_in = LogIn(
            # Only PasswordCredentials can lack a token or renew one.
            cast(PasswordCredentials, settings.credentials),
            backend,
            Waits(policy, self.budget, settings.random),
            call.deadline.remaining,
            cache.learned.append,
            cache.known,
        )
        try:
            secret = await log_in.run()
        except AuthenticationError as failure:
            is_own = call.deadline.remaining() <= 0 and not isinstance(failure, InvalidCredentials)
            cache.fail(None if is_own else failure)
            raise
        if self.shared is not None:
            self.shared.save(secret, cache.clock() - backend.asked_at)
        return cache.keep(secret, backend.asked_at)


@define(eq=False)
class LogInRequests:
    """The backend of one log-in. Its requests are part of the call that needs the token."""

    tokens: Tokens
    requests: Requests
    call: Call
    is_followed: bool
    """Whether another log-in may follow one that fails."""
    asked_at: float = 0.0
    """When the last request began, on the client's clock."""

    async def ask_token(self, request: TokenRequest, interim: Secret | None) -> Evidence:
        """Send a request to /token once and return its evidence."""
        self.asked_at = self.tokens.cache.clock()
        seconds = limit_of_attempt(self.call.deadline.remaining(), is_followed=self.is_followed)
        prepared = self.requests.build_for_token(request, interim)
        evidence = await self.call.exchange(prepared, self.tokens.secrets, seconds)
        if not is_trouble(evidence):
            self.tokens.budget.earn()
        return evidence

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await self.call.backend.sleep(seconds)

    async def second_factor(self, ask: Callable[[], object]) -> Secret:
        """Call the caller's second_factor within the deadline of the call, and return the code."""
        return await self.call.backend.second_factor(ask, self.call.deadline.remaining())
