"""The token's life: how it is got, how long it is kept, who may fetch the next one. No I/O, no lock and no sleep.

1. A log-in is a dialog with /token. It ends with an access token or with an AuthenticationError.
2. A 202 brings an interim token. It is used for the next step of the same dialog and for nothing else: it is never an
   AccessToken, and only an AccessToken gets to an order call.
3. Each step is answered once; a server that asks again has refused the answer.
4. A token is kept until its margin before 24 hours, counted from the moment it was asked for.
5. A token that an order call was refused with is not used again. Who finds a newer one in its place takes that.
6. Who waits while somebody else's log-in is refused shares the refusal, instead of asking the same again.
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
"""What a header can carry behind Bearer and one space."""

VERIFICATION_CODE: Final = "VerificationCode"
PIN: Final = "SecutityPin"  # the vendor's spelling
ANSWERED: Final = {step: step for step in (VERIFICATION_CODE, PIN)}


@frozen(eq=False)
class LogInReply:
    """What a reply of /token says, with nothing in it that could be a secret but the token."""

    status_code: get_token.Status
    state: str = field(repr=False)
    step: str = field(repr=False)
    detail: str = field(repr=False)
    token: Secret | None


async def log_in(
    credentials: PasswordCredentials, backend: LogInBackend, learn: Callable[[Secret], object] = lambda _: None
) -> Secret:
    """The dialog with /token: returns the access token, or raises AuthenticationError.

    `learn` is called with every secret that the dialog brings besides the access token.
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
                # In two steps: mypy says nothing of a raise that can't be reached any more.
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
    """Read a reply of /token. Raises TokenUnavailable for no reply, and for a status that is not documented."""
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
    """The code from the caller's own function; raises SecondFactorRequired if that fails or returns no usable code."""
    try:
        value = ask()
    except Exception as error:  # noqa: BLE001  # law 3: no foreign exception gets out
        problem = f"raised {type(error).__name__}"
    else:
        if isinstance(value, str) and VISIBLE_ASCII.fullmatch(value):
            return Secret(value)
        del value
        problem = "did not return a code of visible ASCII"
    raise SecondFactorRequired(detail=f"second_factor {problem}")
