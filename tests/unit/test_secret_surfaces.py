"""Law 5, surface by surface: no secret shows anywhere, whatever becomes of a call.

The server is hostile: it sends every secret that it was told, or has given out, back in everything that it says. Each
provocation is one way for a call to end, each surface one way to look at what is left of it. Left out on purpose:
Secret.reveal(), which is there to give the value, and what httpx keeps inside of the client while a call is under way.
"""

import copy
import io
import json
import logging
import pickle
import pprint
import socket
import string
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any, cast

import anyio
import attrs
import pytest
from attrs import field, frozen
from colours import open_caller
from conftest import MakeCaller
from raw_server import close, nothing, raw_server
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback
from typer.testing import CliRunner

from autoshares_cancel import (
    AppKeyRejected,
    Attempt,
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
    PasswordCredentials,
    RetryPolicy,
    SecondFactorRequired,
    ServerFailed,
    TokenCredentials,
    TokenUnavailable,
    UndocumentedStatus,
)
from autoshares_cancel._cli import app
from autoshares_cancel._network import WatchedStream
from autoshares_cancel._report import as_object, line

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
    """A reply that sends the secrets back in the body, and where it is asked to in the headers."""
    return head(f"{status} Whatever", *headers, body=body)


def step(status: int, state: str, name: str, token: str) -> bytes:
    return says(status, body=json.dumps({"State": state, "Step": name, "Reason": ALL, "Token": token}))


ORDER = json.dumps({"Id": 1, "AccountId": 1, "Status": "Filled", "Symbol": ALL, "Description": ALL, ALL: [ALL]})
ODD = json.dumps({"Status": ALL, "Side": ALL})
GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
READS = {"resolve": True, "retry": RetryPolicy(attempts=1)}


LOGGED_IN = (
    step(202, "Expecting", "VerificationCode", SECRETS["interim token"]),
    step(202, "Expecting", "SecutityPin", SECRETS["interim token"]),
    step(200, "Succeeded", "", SECRETS["access token"]),
)
NAMED = {"app_key": SECRETS["app key"], "username": SECRETS["user name"], "password": SECRETS["password"]}
FULL: dict[str, Any] = {**NAMED, "second_factor": lambda: SECRETS["verification code"], "pin_code": SECRETS["PIN"]}
TOKEN = TokenCredentials(app_key=SECRETS["app key"], token=SECRETS["access token"])


def angry() -> str:
    raise ValueError(ALL)


@frozen(kw_only=True)
class Provocation:
    """How a call is made to end: what the server says to each kind of request, and who asks."""

    outcome: type
    cancel: bytes = GONE
    read: bytes = says(500)
    token: tuple[bytes, ...] = LOGGED_IN
    who: Credentials = PasswordCredentials(**FULL)
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
    "200": Provocation(outcome=Cancelled, cancel=says(200)),
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
    "headers": Provocation(outcome=OrderConflict, cancel=says(409, f"X-Echo: {ALL}", f"Set-Cookie: a={ALL}")),
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
    "no PIN": Provocation(outcome=SecondFactorRequired, who=PasswordCredentials(**FULL | {"pin_code": None})),
    "no code": Provocation(outcome=SecondFactorRequired, who=PasswordCredentials(**NAMED)),
    "no such step": Provocation(outcome=SecondFactorRequired, token=(*LOGGED_IN[:1], step(202, "Expecting", ALL, "t"))),
    "angry code": Provocation(outcome=SecondFactorRequired, who=PasswordCredentials(**FULL | {"second_factor": angry})),
}


@frozen
class Left:
    """What is left of a call, for the surfaces to look at."""

    client: Any
    outcome: Any
    records: list[logging.LogRecord]
    events: list[object]
    told: bytes
    """What the server was told, and so could send back."""
    warned: list[Any]

    @property
    def raised(self) -> BaseException:
        """The outcome as an exception, with the frames that it came through; a fresh one where it is no exception."""
        return self.outcome if isinstance(self.outcome, BaseException) else LookupError("nothing was raised")


def rich_locals(left: Left) -> str:
    console = Console(width=400, file=io.StringIO())
    shown: Any = {"show_locals": True, "locals_max_length": 1000, "locals_max_string": 10_000, "extra_lines": 0}
    console.print(Traceback.from_exception(type(left.raised), left.raised, left.raised.__traceback__, **shown))
    return str(cast(io.StringIO, console.file).getvalue())


def all_locals(left: Left) -> str:
    """What is in our own objects in the frames, as debuggers and error trackers take them apart."""
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(left.raised.__traceback__)]
    values = [value for names in frames for value in names.values()]
    return repr([fields_of(value) for value in values if "autoshares_cancel" in type(value).__module__])


def fields_of(value: object) -> dict[str, object]:
    if attrs.has(type(value)):
        return {item.name: getattr(value, item.name, None) for item in attrs.fields(type(value)) if item.repr}
    return vars(value) if hasattr(value, "__dict__") else {}


def formatted(left: Left) -> str:
    return "".join(logging.Formatter("%(message)s %(args)s").format(record) for record in left.records)


SURFACES: dict[str, Callable[[Left], object]] = {
    "repr": lambda left: repr(left.outcome),
    "str": lambda left: str(left.outcome),
    "f-string": lambda left: f"{left.outcome} {left.outcome!r} {left.outcome!a}",
    "percent": lambda left: "%s %r %a" % (left.outcome, left.outcome, left.outcome),  # noqa: UP031  # as said
    "format": lambda left: "{} {!r}".format(left.outcome, left.outcome),  # noqa: UP032  # as said
    "template": lambda left: string.Template("$it").substitute(it=left.outcome),
    "ascii": lambda left: ascii(left.outcome),
    "pprint": lambda left: pprint.pformat(left.outcome),
    "rich.pretty": lambda left: pretty_repr(left.outcome),
    "vars": lambda left: vars(left.raised),
    "args": lambda left: left.raised.args,
    "attributes": lambda left: [getattr(left.outcome, name, None) for name in dir(left.outcome) if name[0] != "_"],
    "asdict": lambda left: attrs.asdict(left.outcome) if attrs.has(type(left.outcome)) else None,
    "attempts": lambda left: [attrs.asdict(attempt) for attempt in getattr(left.outcome, "attempts", ())],
    "order": lambda left: attrs.asdict(left.outcome.order) if getattr(left.outcome, "order", None) else None,
    "pickle": lambda left: pickle.dumps(left.outcome, protocol=0).decode("latin-1"),
    "unpickled": lambda left: repr(pickle.loads(pickle.dumps(left.outcome))),
    "copy": lambda left: repr(copy.copy(left.outcome)),
    "deepcopy": lambda left: repr(copy.deepcopy(left.outcome)),
    "json line": lambda left: (
        None if isinstance(left.outcome, Order | OrderUnreadable) else as_object(1, 1, left.outcome)
    ),
    "line": lambda left: None if isinstance(left.outcome, Order | OrderUnreadable) else line(1, left.outcome),
    "traceback": lambda left: "".join(traceback.format_exception(left.raised)),
    "traceback with locals": lambda left: "".join(
        traceback.TracebackException.from_exception(left.raised, capture_locals=True).format()
    ),
    "rich traceback with locals": rich_locals,
    "locals": all_locals,
    "cause": lambda left: repr(left.raised.__cause__),
    "context": lambda left: repr(left.raised.__context__),
    "notes": lambda left: getattr(left.raised, "__notes__", None),
    "log": formatted,
    "log records": lambda left: [vars(record) for record in left.records],
    "observers": lambda left: [attrs.asdict(event) for event in left.events],  # type: ignore[arg-type]  # all are attrs
    "warnings": lambda left: [str(warning.message) for warning in left.warned],
    "client": lambda left: f"{left.client} {left.client!r} {pretty_repr(left.client)}",
    "vars of the client": lambda left: vars(left.client),
    "settings": lambda left: f"{left.client._settings!r} {attrs.asdict(left.client._settings, recurse=False)}",
    "credentials": lambda left: (
        f"{left.client._settings.credentials} {attrs.asdict(left.client._settings.credentials)}"
    ),
    "token cache": lambda left: f"{left.client._cache!r} {attrs.asdict(left.client._cache, recurse=False)}",
}


NOT_PLANTED = set[str]()


def spellings(secret: str) -> set[str]:
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], repr(repr(secret))[2:-2], repr(secret.encode())[2:-1]}


def shown_in(text: str) -> list[str]:
    return [name for name, secret in SECRETS.items() if any(spelling in text for spelling in spellings(secret))]


def leaks(left: Left) -> list[str]:
    """Which surface shows which secret."""
    shown = {surface: shown_in(str(show(left))) for surface, show in SURFACES.items()}
    told = {name for name, secret in SECRETS.items() if secret.encode() in left.told}
    return [f"{surface} shows the {name}" for surface, names in shown.items() for name in names if name in told]


def provoke(make_caller: MakeCaller, case: Provocation, caplog: pytest.LogCaptureFixture) -> Left:
    caplog.set_level(logging.DEBUG)
    events = list[Any]()
    with raw_server(case.answer) as server, warnings.catch_warnings(record=True) as warned:
        settings = {"base_url": server.base_url, "on_attempt": events.append, "on_outcome": events.append}
        caller = make_caller(credentials=case.who, **settings | case.settings)
        outcome = (caller.read if case.reads else caller.cancel)(1, case.order_id)
        told = b"".join(server.requests) + (SECRETS["interim token"].encode() if server.requests else b"")
    return Left(caller.client, outcome, caplog.records, events, told, warned)


@pytest.mark.parametrize("case", PROVOCATIONS.values(), ids=PROVOCATIONS)
def test_no_surface_shows_a_secret(
    make_caller: MakeCaller, case: Provocation, caplog: pytest.LogCaptureFixture
) -> None:
    """Law 5: not with every logger at DEBUG and locals in the tracebacks, whatever the server sends back."""
    left = provoke(make_caller, case, caplog)
    assert type(left.outcome) is case.outcome
    assert leaks(left) == []


def test_a_planted_leak_is_found(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 5: there are at least 25 surfaces, and what is in an outcome, a frame, the log or an event is seen there."""
    client = make_caller(base_url="http://127.0.0.1:1", credentials=token).client
    attempt = Attempt(status_code=None, evidence=ALL, seconds=0.0)
    order = Order(account_id=1, order_id=1, description=ALL)
    record = logging.LogRecord("httpcore", logging.DEBUG, "", 1, ALL, (), None)
    try:
        raise NoReply(account_id=1, order_id=1, detail=ALL, attempts=(attempt,), order=order) from ValueError(ALL)
    except NoReply as planted:
        planted.add_note(ALL)
        found = leaks(Left(client, planted, [record], [attempt], ALL.encode(), []))
    assert len(SURFACES) >= 25
    shown = {surface for surface in SURFACES if f"{surface} shows the access token" in found}
    assert set(SURFACES) - shown == NOT_PLANTED


def test_what_stops_the_program_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 5: Ctrl-C in the middle of a request goes on without the frames of httpx, whose locals hold headers."""

    def read(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(WatchedStream, "read", read)
    with (
        raw_server(Provocation(outcome=NoReply).answer) as server,
        open_caller("sync", base_url=server.base_url, credentials=TOKEN) as caller,
    ):
        with pytest.raises(KeyboardInterrupt) as stopped:
            caller.cancel(1, 1)
        told = b"".join(server.requests)
    assert SECRETS["access token"].encode() in told or told == b""
    assert leaks(Left(caller.client, stopped.value, [], [], ALL.encode(), [])) == []


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_task_that_is_cancelled_shows_no_secret(make_caller: MakeCaller) -> None:
    """Law 5: the same for a task that is cancelled while its request is under way."""
    stopped = list[BaseException]()
    with raw_server(nothing) as server:
        caller: Any = make_caller(base_url=server.base_url, credentials=TOKEN)

        async def run() -> None:
            with anyio.move_on_after(0.1):
                try:
                    await caller.client.cancel_order(account_id=1, order_id=1)
                except BaseException as error:
                    stopped.append(error)
                    raise

        caller.portal.call(run)
    assert leaks(Left(caller.client, stopped[0], [], [], ALL.encode(), [])) == []


def test_what_nobody_catches_shows_no_secret() -> None:
    """Law 5: the interpreter's own last words about an unhandled failure of the log-in."""
    with raw_server(PROVOCATIONS["log-in refused"].answer) as server:
        arguments = f"base_url={server.base_url!r}, credentials=PasswordCredentials(**{NAMED!r})"
        call = f"Client({arguments}).cancel_order(account_id=1, order_id=1)"
        script = f"from autoshares_cancel import *\nexec({call!r})"
        result = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, check=False)
    assert "SecondFactorRequired" in result.stderr
    assert shown_in(result.stdout + result.stderr.replace(call, "")) == []


@pytest.mark.parametrize("options", [[], ["--json"]], ids=str)
@pytest.mark.parametrize("name", [name for name, case in PROVOCATIONS.items() if name[0] in "2345rh"])
def test_the_command_line_shows_no_secret(name: str, options: list[str]) -> None:
    """Law 5: neither in its lines nor in its objects."""
    with raw_server(PROVOCATIONS[name].answer) as server:
        names = {"APP_KEY": SECRETS["app key"], "TOKEN": SECRETS["access token"], "BASE_URL": server.base_url}
        variables = {f"AUTOSHARES_{name}": value for name, value in names.items()}
        result = CliRunner().invoke(app, ["order", "1", "1", "--deadline", "1", *options], env=variables)
    assert result.output
    assert set(shown_in(result.output)) & {"app key", "access token"} == set()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_host_is_told_nothing(make_caller: MakeCaller, status: int) -> None:
    """Laws 5 and 10: a redirect is not followed, neither from an order nor from the log-in."""
    with raw_server(close) as other:
        away = head(f"{status} Away", f"Location: {other.base_url}")
        for case in (
            Provocation(outcome=UndocumentedStatus, cancel=away),
            Provocation(outcome=TokenUnavailable, token=(away,)),
        ):
            with raw_server(case.answer) as server:
                outcome = make_caller(base_url=server.base_url, credentials=case.who).cancel(1, 1)
            assert type(outcome) is case.outcome
    assert other.requests == []


def test_a_proxy_logs_no_secret(make_caller: MakeCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Laws 5 and 10: it is asked for a tunnel, and for nothing else."""
    with raw_server(close) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        caller = make_caller(base_url="https://broker.example/api", credentials=PasswordCredentials(**FULL))
        assert type(caller.cancel(1, 1)) is TokenUnavailable
    assert {request[:8] for request in proxy.requests} == {b"CONNECT "}
    assert shown_in(repr(proxy.requests)) == []
