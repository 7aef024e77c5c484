"""What Client and AsyncClient share: their settings, the beginning of a call and its end. No I/O but reading files."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NoReturn, Self, Unpack, cast

from autoshares_cancel._auth.credentials import Credentials, PasswordCredentials
from autoshares_cancel._auth.environment import settings_from_env
from autoshares_cancel._auth.login import AskToken, LogIn, log_in
from autoshares_cancel._auth.token_cache import TokenCache
from autoshares_cancel._cancel.flow import Cancellation, Conclusion, Terms
from autoshares_cancel._cancel.outcomes import Outcome, attempt_of, outcome_of, unreadable
from autoshares_cancel._cancel.replies import order_of
from autoshares_cancel._cancel.steps import Send
from autoshares_cancel._engine.call import Call, Watched
from autoshares_cancel._engine.events import (
    AttemptEvent,
    OnAttempt,
    OnOutcome,
    OutcomeEvent,
    tell_attempt,
    tell_outcome,
)
from autoshares_cancel._engine.fork import in_child
from autoshares_cancel._engine.settings import Options, Settings
from autoshares_cancel._engine.tracing import UNTRACED, CallTrace, Tracks
from autoshares_cancel._http.request import HttpRequest, Origin
from autoshares_cancel._http.tls import Timeouts, Verify
from autoshares_cancel._retry.policy import RetryBudget, RetryPolicy
from autoshares_cancel._validation import check_flag, check_id, check_seconds
from autoshares_cancel._values.deadline import Clock, Deadline
from autoshares_cancel._values.evidence import Attempt, Evidence
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import ConfigurationError


class Core:
    """What both clients share: settings, requests, outcomes."""

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Credentials,
        api_version: str = "1",
        deadline: float = 30.0,
        token_margin: float = 300.0,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  # frozen
        verify: Verify = True,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  # frozen
        resolve: bool = True,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
        random: Callable[[], float] = random.random,
        on_attempt: OnAttempt | None = None,
        on_outcome: OnOutcome | None = None,
        telemetry: Tracks | None = None,
    ) -> None:
        self._settings = Settings(
            base_url=base_url,
            credentials=credentials,
            api_version=api_version,
            deadline=deadline,
            token_margin=token_margin,
            timeouts=timeouts,
            verify=verify,
            retry=retry,
            resolve=resolve,
            clock=clock,
            sleep=sleep,
            random=random,
            on_attempt=on_attempt,
            on_outcome=on_outcome,
            telemetry=telemetry,
        )
        self._origin = Origin.of(self._settings.base_url)
        self._budget = RetryBudget()
        self._cache = TokenCache(self._settings.credentials, self._settings.token_margin, clock)
        self._open(self._settings)
        in_child(self, type(self)._renew)  # noqa: SLF001  # of this very class

    def _open(self, settings: Settings) -> None:
        raise NotImplementedError

    def _renew(self) -> None:
        raise NotImplementedError

    @property
    def _is_closed(self) -> bool:
        raise NotImplementedError

    def _order_request(self, call: Call, step: Send) -> HttpRequest:
        raise NotImplementedError

    def _preconnect(self) -> HttpRequest:
        raise NotImplementedError

    def _token_request(self, step: AskToken) -> HttpRequest:
        raise NotImplementedError

    @classmethod
    def from_env(cls, *, second_factor: Callable[[], str] | None = None, **options: Unpack[Options]) -> Self:
        """Read AUTOSHARES_BASE_URL, _API_VERSION, _APP_KEY, and _USERNAME with _PASSWORD (and _PIN_CODE), or _TOKEN.

        Each secret may instead be in a file that is named by the same variable with _FILE appended. Reads variables
        and files, no network. Raises ConfigurationError that names the variable.
        """
        return cls(**settings_from_env(second_factor), **options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._settings.base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is not pickled or copied: make a new one where it is needed")

    def _begin(
        self, account_id: object, order_id: object, deadline: object, *, venue: object = False, in_doubt: object = False
    ) -> Call:
        account, order = check_id("account_id", account_id), check_id("order_id", order_id)
        seconds = self._settings.deadline if deadline is None else check_seconds("deadline", deadline)
        self._must_be_open()
        clock = self._settings.clock
        return Call(
            account,
            order,
            Deadline.after(seconds, clock),
            self._settings.credentials.secrets,
            began_at=clock(),
            venue=check_flag("venue", venue),
            in_doubt=check_flag("in_doubt", in_doubt),
        )

    def _must_be_open(self) -> None:
        if self._is_closed:
            raise ConfigurationError("the client is closed: make a new one")

    def _cancellation(self, call: Call, *, confirm: object = False) -> Cancellation:
        batch = call.batch
        is_denied = batch is not None and call.account_id in batch.denied
        terms = Terms(
            policy=self._settings.retry,
            budget=self._budget,
            renewable=self._cache.renewable and not is_denied,
            resolve=self._settings.resolve,
            confirm=check_flag("confirm", confirm),
            in_doubt=call.in_doubt,
            remaining=call.deadline.remaining,
            random=self._settings.random,
            # Not partial: a call learns its tokens as it goes.
            order_of=lambda evidence: order_of(
                evidence, account_id=call.account_id, order_id=call.order_id, secrets=call.secrets
            ),
            throttle=(lambda: 0.0) if batch is None else batch.throttle_of_call(),
        )
        return Cancellation(terms)

    @property
    def _secrets(self) -> tuple[Secret, ...]:
        return (*self._settings.credentials.secrets, *self._cache.learned)

    def _dialog(self) -> LogIn:
        # Only who can renew a token is ever asked to.
        return log_in(cast(PasswordCredentials, self._settings.credentials), self._cache.learned.append)

    def _starts(self, call: Call, step: Send) -> float:
        call.is_sending = step.what == "cancel"
        return self._settings.clock()

    def _attempt(self, call: Call, step: Send, evidence: Evidence, started_at: float) -> tuple[Evidence, Attempt]:
        seconds, began_after = self._settings.clock() - started_at, started_at - call.began_at
        attempt = attempt_of(step.what, evidence, started_at=began_after, seconds=seconds, secrets=call.secrets)
        call.number += 1
        if call.batch is not None:
            call.batch.throttle.saw(evidence)
        event = AttemptEvent(account_id=call.account_id, order_id=call.order_id, number=call.number, attempt=attempt)
        tell_attempt(event, self._settings.on_attempt)
        return evidence, attempt

    def _conclude(self, call: Call, conclusion: Conclusion) -> None:
        outcome = outcome_of(conclusion, account_id=call.account_id, order_id=call.order_id, secrets=call.secrets)
        self._tell(call, outcome)

    def _traced(self, call: Call, name: str) -> AbstractContextManager[None]:
        if self._settings.telemetry is None:
            return UNTRACED
        ids = {} if name == "warm_up" else {"account_id": call.account_id}
        if name in {"cancel_order", "read_order"}:
            ids["order_id"] = call.order_id
        call.trace = CallTrace(partial(self._settings.telemetry.begin_call, name, ids))
        return call.trace

    def _watched(self, call: Call, cancellation: Cancellation) -> Watched:
        return Watched(call, cancellation, self._tell)

    def _tell(self, call: Call, outcome: Outcome) -> None:
        call.outcome = outcome
        if call.trace is not None:
            call.trace.outcome = outcome
        event = OutcomeEvent(
            account_id=call.account_id,
            order_id=call.order_id,
            outcome=outcome,
            seconds=self._settings.clock() - call.began_at,
        )
        tell_outcome(event, self._settings.on_outcome)

    def _conclude_read(self, call: Call, conclusion: Conclusion) -> Order:
        if conclusion.order is not None:
            return conclusion.order
        about = {"account_id": call.account_id, "order_id": call.order_id}
        raise unreadable(conclusion.evidence, conclusion.attempts, **about, secrets=call.secrets)
