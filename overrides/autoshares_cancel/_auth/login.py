"""The log-in, and the rules of a token's life. No I/O, no lock and no sleep.

1. A log-in is a dialog with /token. It ends with an access token or an AuthenticationError.
2. A 202 returns an interim token. Only the next step of the same dialog uses it: it is never an AccessToken, and only
   an AccessToken is used in calls about orders.
3. Each step is answered once. A server that repeats a step has refused the answer.
4. A token is used until token_margin before the end of its 24 hours, counted from the time of its request.
5. A token that the server refused in a call is not used again. The call takes a newer token if there is one.
6. Callers that wait for a log-in share its result, also its failure.
"""

import re
from collections.abc import Callable
from typing import Final, assert_never

from attrs import field, frozen

from autoshares_cancel._auth.credentials import PasswordCredentials
from autoshares_cancel._retry.backend import LogInBackend
from autoshares_cancel._validation import VISIBLE_ASCII
from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.text import detail_of, readable, text_in
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


async def log_in(
    credentials: PasswordCredentials, backend: LogInBackend, learn: Callable[[Secret], object] = lambda _: None
) -> Secret:
    """Log in: hold the dialog with /token, and return the access token. Raises AuthenticationError.

    `learn` is called with every other secret of the dialog: interim tokens and answers.
    """
    answers: dict[str, Secret] = {}
    interim: Secret | None = None
    while True:
        evidence = await backend.ask_token(_token_request(credentials, answers), interim)
        secrets = (*credentials.secrets, *answers.values(), *([interim] if interim else []))
        reply = parse_token_reply(evidence, secrets)
        match reply.status_code:
            case 200:
                return _token_of(reply, "Succeeded")
            case 202:
                interim = _token_of(reply, "Expecting")
                learn(interim)
                if reply.step in answers:
                    raise SecondFactorRequired(detail=f"the answer was not accepted: {reply.detail}", status_code=202)
                answers[reply.step] = await _answer(credentials, backend, reply)
                learn(answers[reply.step])
            case 401:
                # In two lines, because mypy does not report an unreachable raise.
                refusal = InvalidCredentials(detail=reply.detail, status_code=reply.status_code)
                raise refusal
            case _:
                assert_never(reply.status_code)


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
    if not isinstance(evidence, Reply):
        raise TokenUnavailable(detail=readable(evidence.reason, secrets) or "no reply")
    status_code = evidence.status_code
    if not get_token.is_documented(status_code):
        detail = detail_of(evidence.body, secrets) or "a status that is not documented"
        raise TokenUnavailable(detail=f"status {status_code}: {detail}", status_code=status_code)
    reply = _parsed(status_code, evidence.body)
    token = Secret(reply.token) if reply.token and TOKEN.fullmatch(reply.token) else None
    secrets += () if token is None else (token,)
    return LogInReply(
        status_code,
        state=reply.state,
        step=ANSWERED.get(reply.step or "") or text_in(evidence.body, reply.step or "", secrets) or "an unnamed step",
        detail=text_in(evidence.body, reply.reason or "", secrets) or "no reason given",
        token=token,
    )


def _parsed(status_code: get_token.Status, body: bytes) -> TokenReply:
    try:
        reply = get_token.parse(status_code=status_code, content=body)
    except UnreadableBody:
        reply = None
    return reply or TokenReply(state="unreadable")


def _token_of(reply: LogInReply, state: str) -> Secret:
    if reply.state != state or reply.token is None:
        raise TokenUnavailable(detail=f"the {reply.status_code} carries no usable token", status_code=reply.status_code)
    return reply.token


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
