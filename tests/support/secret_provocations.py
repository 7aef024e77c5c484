"""Provoke each outcome with a server that repeats every secret in its replies."""

import json
import socket
from typing import Any

from attrs import field, frozen

from autoshares_cancel import (
    AppKeyRejected,
    Cancelled,
    ConfigurationError,
    Credentials,
    InvalidCredentials,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    NotSent,
    Order,
    OrderConflict,
    OrderUnreadable,
    OutcomeUnknown,
    PasswordCredentials,
    RetryPolicy,
    SecondFactorRequired,
    ServerFailed,
    TokenCredentials,
    TokenUnavailable,
    UndocumentedStatus,
)

SECRETS = {
    "app key": "app-key-4c1d",
    "user name": "user-name-77aa",
    "password": 'pass"word-\\5e0b',
    "PIN": "pin-9d21",
    "verification code": "code-31bf",
    "access token": "access-token-b6f2",
    "interim token": "interim-token-8e07",
}
ALL = " ".join(SECRETS.values())
AS_JSON = json.dumps(ALL)


def head(status: str, *headers: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


def says(status: int, *headers: str, body: str = AS_JSON) -> bytes:
    """A reply that repeats the secrets in its body, and in these headers."""
    return head(f"{status} Whatever", *headers, body=body)


def step(status: int, state: str, name: str, token: str) -> bytes:
    body = json.dumps({"State": state, "Step": name, "Reason": ALL, "Token": token})
    return says(status, f"X-Request-Id: {ALL}", body=body)


ORDER = json.dumps({"Id": 1, "AccountId": 1, "Status": "Filled", "Symbol": ALL, "Description": ALL, ALL: [ALL]})
ODD = json.dumps({"Status": ALL, "Side": ALL})
GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
READS = {"resolve": True, "retry": RetryPolicy(attempts=1)}


LOGGED_IN = (
    step(202, "Expecting", "VerificationCode", SECRETS["interim token"]),
    step(202, "Expecting", "SecutityPin", SECRETS["interim token"]),
    step(200, "Succeeded", "", SECRETS["access token"]),
)
NAMED: dict[str, Any] = {
    "app_key": SECRETS["app key"],
    "username": SECRETS["user name"],
    "password": SECRETS["password"],
}
FULL: dict[str, Any] = {**NAMED, "second_factor": lambda: SECRETS["verification code"], "pin_code": SECRETS["PIN"]}
EVERYTHING = PasswordCredentials(**FULL)
TOKEN = TokenCredentials(app_key=SECRETS["app key"], token=SECRETS["access token"])


def angry() -> str:
    raise ValueError(ALL)


def with_password(**other: Any) -> PasswordCredentials:
    """All credentials, with these changes."""
    values: dict[str, Any] = {**FULL, **other}
    return PasswordCredentials(**values)


@frozen(kw_only=True)
class Provocation:
    """The replies to each kind of request, and the credentials, that provoke an outcome."""

    outcome: type
    cancel: bytes = GONE
    read: bytes = says(500)
    token: tuple[bytes, ...] = LOGGED_IN
    who: Credentials = EVERYTHING
    settings: dict[str, Any] = field(factory=dict[str, Any])
    order_id: object = 1
    reads: bool = False

    def answer(self, connection: socket.socket, request: bytes) -> None:
        number = sum(name in request.lower() for name in (b"authorization", b"pincode"))
        replies = {b"P": self.token[min(number, len(self.token) - 1)], b"D": self.cancel, b"G": self.read}
        reply = replies[request[:1]]
        connection.sendall(reply)
        if not reply or b"9999" in reply:
            connection.shutdown(socket.SHUT_RDWR)


PROVOCATIONS = {
    "200": Provocation(outcome=Cancelled, cancel=says(200, body=json.dumps({"Message": ALL, ALL: [ALL]}))),
    "200 of something else": Provocation(outcome=OutcomeUnknown, cancel=says(200)),
    "204": Provocation(outcome=Cancelled),
    "401": Provocation(outcome=NotAuthorized, cancel=says(401)),
    "403": Provocation(outcome=AppKeyRejected, cancel=says(403, body=json.dumps({"Message": ALL}))),
    "409": Provocation(outcome=OrderConflict, cancel=says(409, body=json.dumps({ALL: ALL, "nested": [{ALL: ALL}]}))),
    "422": Provocation(outcome=InvalidRequest, cancel=says(422, body=json.dumps({"ModelState": {ALL: [ALL]}}))),
    "500": Provocation(outcome=ServerFailed, cancel=says(500, body=ALL)),
    "418": Provocation(outcome=UndocumentedStatus, cancel=says(418, body=f"<pre>{ALL}</pre>")),
    "long": Provocation(outcome=ServerFailed, cancel=says(500, body=ALL * 40)),
    "broken": Provocation(
        outcome=ServerFailed, cancel=b"HTTP/1.1 500 No\r\nContent-Length: 9999\r\n\r\n" + ALL.encode()
    ),
    "status line": Provocation(outcome=OrderConflict, cancel=head(f"409 {ALL}")),
    "headers": Provocation(outcome=OrderConflict, cancel=says(409, f"X-Request-Id: {ALL}", f"Set-Cookie: a={ALL}")),
    "redirect": Provocation(outcome=UndocumentedStatus, cancel=says(307, f"Location: https://other.example/?{ALL}")),
    "retry after": Provocation(outcome=UndocumentedStatus, cancel=says(503, f"Retry-After: {ALL}", f"Date: {ALL}")),
    "no HTTP": Provocation(outcome=NoReply, cancel=f"{ALL}\r\n\r\n".encode()),
    "bad header": Provocation(outcome=NoReply, cancel=f"HTTP/1.1 204 OK\r\n{ALL}\r\n\r\n".encode()),
    "bad length": Provocation(outcome=NoReply, cancel=f"HTTP/1.1 204 OK\r\nContent-Length: {ALL}\r\n\r\n".encode()),
    "silence": Provocation(outcome=NoReply, cancel=b""),
    "unread": Provocation(outcome=UndocumentedStatus, cancel=says(502), read=says(200, body=ODD), settings=READS),
    "filled": Provocation(outcome=OrderConflict, cancel=says(502), read=says(200, body=ORDER), settings=READS),
    "read": Provocation(outcome=Order, read=says(200, body=ORDER), reads=True),
    "unreadable": Provocation(outcome=OrderUnreadable, read=says(422), reads=True),
    "not sent": Provocation(outcome=NotSent, who=TOKEN, settings={"base_url": "http://127.0.0.1:1"}),
    "bad id": Provocation(outcome=ConfigurationError, order_id=True),
    "log-in refused": Provocation(outcome=InvalidCredentials, token=(*LOGGED_IN[:2], step(401, ALL, ALL, ALL))),
    "log-in fails": Provocation(outcome=TokenUnavailable, token=(*LOGGED_IN[:2], says(500))),
    "log-in says nonsense": Provocation(outcome=TokenUnavailable, token=(*LOGGED_IN[:2], step(200, ALL, ALL, ALL))),
    "log-in breaks": Provocation(outcome=TokenUnavailable, token=(*LOGGED_IN[:2], f"{ALL}\r\n\r\n".encode())),
    "no PIN": Provocation(outcome=SecondFactorRequired, who=with_password(pin_code=None)),
    "no code": Provocation(outcome=SecondFactorRequired, who=PasswordCredentials(**NAMED)),
    "no such step": Provocation(outcome=SecondFactorRequired, token=(*LOGGED_IN[:1], step(202, "Expecting", ALL, "t"))),
    "angry code": Provocation(outcome=SecondFactorRequired, who=with_password(second_factor=angry)),
}
