"""POST of `/token`: checks the application key, then sends a requested or configured reply, else the log-in's."""

from __future__ import annotations

from http import HTTPStatus

from attrs import define
from starlette.requests import Request
from starlette.responses import Response

from autoshares_cancel.mock._replies import Document, Reply, guide_document, interim_headers, render
from autoshares_cancel.mock._settings import TokenAnswer
from autoshares_cancel.mock._state import ServerState
from autoshares_cancel.mock._waiting import sleep
from autoshares_cancel.mock.api.headers import bearer_token, every, only, wanted_status
from autoshares_cancel.mock.exchange.users import LogIn

PATH = "/api/token"
METHODS = ["POST"]

_STATUS_OF_STATE = {"Succeeded": 200, "Expecting": 202, "Failed": 401}

# The replies to `Prefer: code=NNN`, from the specification's examples; no account accepts these tokens.
_EXAMPLES: dict[int, LogIn] = {
    200: LogIn(state="Succeeded", token="an-access-token"),  # noqa: S106 - an example
    202: LogIn(
        state="Expecting",
        step="VerificationCode",
        reason="Enter the verification code",
        token="an-interim-token",  # noqa: S106 - an example
    ),
    401: LogIn(state="Failed", step="BaseAuthentication", reason="Invalid credentials"),
}


@define
class TokenEndpoint:
    """Turns HTTP requests into log-ins, and their results into replies."""

    state: ServerState

    async def log_in(self, request: Request) -> Response:
        """Answer one POST after the delay of the settings."""
        self.state.traffic.token_request_begins()
        try:
            if delay := self.state.settings.token_delay:
                await sleep(delay)
            return self._answer(request)
        finally:
            self.state.traffic.token_request_ends()

    def _answer(self, request: Request) -> Response:
        wanted = wanted_status(every(request, b"prefer"))
        if only(request, b"et-app-key") != self.state.exchange.app_key:
            reply = _reply_of(HTTPStatus.FORBIDDEN, request)
        elif wanted is not None:
            reply = _reply_of(wanted, request)
        elif self.state.settings.token_answer is not None:
            return _verbatim(self.state.settings.token_answer)
        else:
            answer = self._dialog(request)
            reply = Reply(status=_STATUS_OF_STATE[answer.state], document=answer.document())
        return render(reply, every(request, b"accept"))

    def _dialog(self, request: Request) -> LogIn:
        # An Authorization header without a bearer token counts as an invalid interim token.
        interim_token = (bearer_token(request) or "") if every(request, b"authorization") else None
        return self.state.exchange.log_in(
            only(request, b"username"),
            only(request, b"password"),
            interim_token=interim_token,
            verification_code=_sent(request, b"verificationcode"),
            pin_code=_sent(request, b"pincode"),
            single_session=self.state.settings.single_session,
        )


def example(status: int) -> Document | None:
    """Return the body of the specification's example with this status; no account accepts its tokens."""
    return _EXAMPLES[status].document() if status in _EXAMPLES else None


def _sent(request: Request, name: bytes) -> str | None:
    """Return a header's value; None if it is missing, and an empty text, which never matches, if it came twice."""
    return (only(request, name) or "") if every(request, name) else None


def _reply_of(status: int, request: Request) -> Reply:
    document = example(status) or guide_document(status, method="POST", path=request.scope["path"])
    headers = {"Allow": "POST"} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
    return Reply(status=status, document=document, headers=headers)


def _verbatim(answer: TokenAnswer) -> Response:
    return Response(answer.body.encode(), answer.status, answer.headers | interim_headers(answer.status))
