"""The log-in, and the rules of a token's life. No I/O, no lock and no sleep.

1. A log-in is a dialog with /token. It ends with an access token or an AuthenticationError.
2. A 202 returns an interim token. Only the next step of the same dialog uses it: it is never an AccessToken, and only
   an AccessToken is used in calls about orders.
3. Each step is answered once. A server that repeats a step has refused the answer.
4. A token is used until token_margin before the end of its 24 hours, counted from the time of its request.
5. A token that the server refused in a call is not used again. The call takes a newer token if there is one.
6. Callers that wait for a log-in share its result, also its failure.
7. After trouble of the network or the server (no request left, no reply, 429, 5xx) the log-in begins a new dialog, as
   often as the waits allow. Nothing of the dialog before is used. Any other reply is final.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, assert_never

from attrs import define, evolve, field, frozen

from autoshares_cancel._auth.credentials import PasswordCredentials
from autoshares_cancel._auth.token_fields import tokens_in
from autoshares_cancel._retry.backend import LogInBackend
from autoshares_cancel._retry.decision import asks_to_wait
from autoshares_cancel._retry.waits import Waits
from autoshares_cancel._validation import VISIBLE_ASCII
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.text import detail_of, readable, text_in, text_of
from autoshares_cancel.errors import InvalidCredentials, SecondFactorRequired, TokenUnavailable
from autoshares_openapi import UNSET, Request, UnreadableBody
from autoshares_openapi.api.tokens import get_token
from autoshares_openapi.models import TokenReply

TOKEN: Final = re.compile(r"[!-~]+")
"""A token that fits into a header, after Bearer and one space."""

VERIFICATION_CODE: Final = "VerificationCode"
PIN: Final = "SecutityPin"  # the vendor's spelling
ANSWERED: Final = {step: step for step in (VERIFICATION_CODE, PIN)}


@frozen(eq=False)
class LogInReply:
    """A reply of /token. All secrets are removed from it, except for the token."""

    status_code: get_token.Status
    state: str = field(repr=False)
    step: str = field(repr=False)
    detail: str = field(repr=False)
    token: Secret | None


@define(eq=False)
class LogIn:
    """One log-in. It returns the access token, or raises AuthenticationError."""

    credentials: PasswordCredentials
    backend: LogInBackend = field(repr=False)
    waits: Waits = field(repr=False)
    """The waits between dialogs."""
    remaining: Callable[[], float] = field(repr=False)
    """The seconds that are left."""
    learn: Callable[[Secret], object] = field(default=lambda _: None, repr=False)
    """Called with every other secret of a dialog: its answers, and tokens that are not used in calls."""
    known: tuple[Secret, ...] = field(default=(), repr=False)
    """Secrets to mask besides the credentials."""
    _evidence: Evidence | None = field(default=None, init=False, repr=False)
    """What became of the last request."""

    async def run(self) -> Secret:
        """Hold dialogs with /token until one ends with a token, or with a failure that another one can't help."""
        while True:
            try:
                return await self._dialog()
            except TokenUnavailable:
                wait = self._wait_after(self._evidence)
                if wait is None:
                    raise
            await self.backend.sleep(wait)

    def _wait_after(self, evidence: Evidence | None) -> float | None:
        """Seconds to wait before a new dialog, or None if there must not be one."""
        if evidence is None or not _may_pass(evidence):
            return None
        self.waits.count(evidence)
        return self.waits.next(evidence, self.remaining())

    async def _dialog(self) -> Secret:
        answers: dict[str, Secret] = {}
        interim: Secret | None = None
        while True:
            reply = await self._ask(answers, interim)
            match reply.status_code:
                case 200:
                    return self._token_of(reply, "Succeeded")
                case 202:
                    interim = self._token_of(reply, "Expecting")
                    self._learn(interim)
                    if reply.step in answers:
                        detail = f"the answer was not accepted: {reply.detail}"
                        raise SecondFactorRequired(detail=detail, status_code=202)
                    answers[reply.step] = await _answer(self.credentials, self.backend, reply)
                    self._learn(answers[reply.step])
                case 401:
                    # In two lines, because mypy does not report an unreachable raise.
                    refusal = InvalidCredentials(detail=reply.detail, status_code=reply.status_code)
                    raise refusal
                case _:
                    assert_never(reply.status_code)

    async def _ask(self, answers: dict[str, Secret], interim: Secret | None) -> LogInReply:
        evidence = self._evidence = await self.backend.ask_token(_token_request(self.credentials, answers), interim)
        return parse_token_reply(evidence, (*self.credentials.secrets, *self.known))

    def _token_of(self, reply: LogInReply, state: str) -> Secret:
        if reply.token is not None and reply.state == state:
            return reply.token
        if reply.token is not None:
            self._learn(reply.token)
        raise TokenUnavailable(detail=f"the {reply.status_code} carries no usable token", status_code=reply.status_code)

    def _learn(self, secret: Secret) -> None:
        self.known += (secret,)
        self.learn(secret)


def _may_pass(evidence: Evidence) -> bool:
    """Whether a new dialog may succeed where this evidence ended one."""
    if not isinstance(evidence, Reply):
        return True
    return asks_to_wait(evidence) or evidence.status_code // 100 == HTTPStatus.INTERNAL_SERVER_ERROR // 100


def _token_request(credentials: PasswordCredentials, answers: dict[str, Secret]) -> Request:
    code, pin = answers.get(VERIFICATION_CODE), answers.get(PIN)
    return get_token.request(
        username=credentials.username.reveal(),
        password=credentials.password.reveal(),
        verification_code=UNSET if code is None else code.reveal(),
        pin_code=UNSET if pin is None else pin.reveal(),
    )


def parse_token_reply(evidence: Evidence, secrets: tuple[Secret, ...]) -> LogInReply:
    """Parse a reply of /token. Raises TokenUnavailable for no reply and for an undocumented status."""
    evidence, secrets = _with_tokens(evidence, secrets)
    if not isinstance(evidence, Reply):
        raise TokenUnavailable(detail=readable(evidence.reason, secrets) or "no reply")
    status_code = evidence.status_code
    if not get_token.is_documented(status_code):
        detail = detail_of(evidence.body, secrets) or "a status that is not documented"
        raise TokenUnavailable(detail=f"status {status_code}: {detail}", status_code=status_code)
    reply = _parsed(status_code, evidence.body)
    return LogInReply(
        status_code,
        state=reply.state,
        step=ANSWERED.get(reply.step or "") or text_in(evidence.body, reply.step or "", secrets) or "an unnamed step",
        detail=text_in(evidence.body, reply.reason or "", secrets) or "no reason given",
        token=Secret(reply.token) if reply.token and TOKEN.fullmatch(reply.token) else None,
    )


def _with_tokens(evidence: Evidence, secrets: tuple[Secret, ...]) -> tuple[Evidence, tuple[Secret, ...]]:
    """The evidence, and all that must be masked in it. Without its words, if that would be too much."""
    tokens = tokens_in(text_of(evidence.body) if isinstance(evidence, Reply) else evidence.reason)
    if tokens is not None:
        return evidence, (*secrets, *tokens)
    return evolve(evidence, body=b"") if isinstance(evidence, Reply) else evolve(evidence, reason=""), secrets


def _parsed(status_code: get_token.Status, body: bytes) -> TokenReply:
    try:
        reply = get_token.parse(status_code=status_code, content=body)
    except UnreadableBody:
        reply = None
    return reply or TokenReply(state="unreadable")


async def _answer(credentials: PasswordCredentials, backend: LogInBackend, reply: LogInReply) -> Secret:
    if reply.step == VERIFICATION_CODE and credentials.second_factor is not None:
        return await backend.second_factor(credentials.second_factor)
    if reply.step == PIN and credentials.pin_code is not None:
        return credentials.pin_code
    raise SecondFactorRequired(detail=f"{reply.step} is asked for and was not given: {reply.detail}", status_code=202)


def called_second_factor(ask: Callable[[], object]) -> Secret:
    """Call the caller's second_factor and return the code. Raises SecondFactorRequired without a usable code."""
    try:
        value = ask()
    except Exception as error:  # noqa: BLE001  # law 3: foreign exceptions are not raised further
        problem = f"raised {type(error).__name__}"
    else:
        if isinstance(value, str) and VISIBLE_ASCII.fullmatch(value):
            return Secret(value)
        del value
        problem = "did not return a code of visible ASCII"
    raise SecondFactorRequired(detail=f"second_factor {problem}")
