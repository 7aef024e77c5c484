"""Run log-ins over a scripted server and record requests and waits, without I/O and in virtual time."""

import json
from collections.abc import Callable
from typing import Any

from attrs import define, field

from autoshares_cancel import PasswordCredentials, RetryPolicy
from autoshares_cancel._auth.login import LogIn, called_second_factor
from autoshares_cancel._engine.run import run
from autoshares_cancel._retry.backend import TokenRequest
from autoshares_cancel._retry.policy import RetryBudget
from autoshares_cancel._retry.waits import Waits
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.secret import Secret

SUCCEEDED = {"State": "Succeeded", "Token": "access"}
WANTS_CODE = {"State": "Expecting", "Step": "VerificationCode", "Reason": "Enter the code", "Token": "interim-1"}
WANTS_PIN = {"State": "Expecting", "Step": "SecutityPin", "Reason": "Enter the pin", "Token": "interim-2"}


def reply(status_code: int, body: object) -> Reply:
    return Reply(status_code=status_code, body=json.dumps(body).encode())


def credentials(**more: Any) -> PasswordCredentials:
    return PasswordCredentials(app_key="key", username="user", password="hunter2", **more)


@define(repr=False)  # a repr would show the sent secrets
class Server:
    """The backend of a log-in, which returns its replies one after the other."""

    replies: list[Evidence]
    left: float = 10.0
    slept: list[float] = field(factory=list[float])
    sent: list[tuple[dict[str, str], str | None]] = field(factory=list[tuple[dict[str, str], str | None]])

    async def ask_token(self, request: TokenRequest, interim: Secret | None) -> Evidence:
        self.sent.append((dict(request.headers), None if interim is None else interim.reveal()))
        return self.replies.pop(0)

    async def second_factor(self, ask: Callable[[], object]) -> Secret:
        return called_second_factor(ask)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.left -= seconds


ONCE = RetryPolicy(attempts=1)


def log_in(
    user: PasswordCredentials,
    server: Server,
    learn: Callable[[Secret], object] = lambda _: None,
    *,
    policy: RetryPolicy = ONCE,
    budget: RetryBudget | None = None,
) -> Secret:
    """Run a log-in over this server."""
    waits = Waits(policy, budget or RetryBudget(), lambda: 0.5)
    return run(LogIn(user, server, waits, lambda: server.left, learn).run())
