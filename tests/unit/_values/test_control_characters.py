"""No control character of a server reaches a terminal, a log or a value, from any field, with any command.

The server puts them into every text of every reply. A terminal would obey them, or show a line that is not there.
"""

import json
import logging
import socket
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from conftest import MakeCaller
from support.command import invoke
from support.fake_backend import ACCOUNT
from support.raw_server import Answer, raw_server
from support.recorded import Recorded
from support.secret_provocations import head

from autoshares_cancel import Order, PasswordCredentials, RetryPolicy, TokenCredentials
from autoshares_cancel._cli.report import EXIT_CODES, as_object, line
from autoshares_cancel._values.text import printable, shown
from autoshares_cancel.mock import MockServer

HOSTILE = {
    "C0": "\x00\x07\x08\t\x0b\x0c\r\x1b\x1f",
    "DEL and C1": "\x7f\x80\x85\x9b\x9f",
    "direction": "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "line ends": "\u2028\u2029",
    "no width": "\u00ad\u034f\u180e\u200b\u200c\u200d\u2060\ufeff\ufe0f\U000e0001\U000e0100",
    "blank": "\u115f\u3164\uffa0",
}
ALL = "".join(HOSTILE.values())
SIGNS = {*ALL}
EVIL = f"fine{ALL}\x1b]0;owned\x07\x1b[2Jfine"

ORDER: dict[str, Any] = {
    **dict.fromkeys(("Symbol", "Side", "Type", "Description", "TimeInForce", "ExecutionStatus", "ExecInst"), EVIL),
    "Id": 1,
    "AccountId": ACCOUNT,
    "Status": f"Frozen{EVIL}",
    EVIL: [EVIL, {EVIL: EVIL}],
    "Quantity": EVIL,
    "Legs": [{"Id": 2, "Status": EVIL, "Symbol": EVIL}],
}
PAGE = {"Result": [ORDER], "NextPageLink": "", "TotalCount": 1}
PROBLEM = {"Message": EVIL, "error": [EVIL], "ModelState": {EVIL: [EVIL]}}
DONE = {"State": "Succeeded", "Token": "an-access-token"}
STEP = {"State": "Expecting", "Step": EVIL, "Reason": EVIL, "Token": "an-interim-token"}
USER = PasswordCredentials(app_key="key", username="user", password="hunter2")


def says(status: int, content: object) -> bytes:
    return head(f"{status} {EVIL.encode('latin-1', 'ignore').decode('latin-1')[:4]}", body=json.dumps(content))


def raw(status: int) -> bytes:
    """A reply with the same characters in a body that is no JSON."""
    body = EVIL.encode()
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def server_of(cancel: bytes, read: bytes = b"", token: bytes = b"") -> Answer:
    """A server with these replies; by default, a read returns the order, and a listing a page with it."""

    def answer(connection: socket.socket, request: bytes) -> None:
        target = request.split(b" ", 2)[1]
        found = says(200, ORDER if b"/orders/" in target else PAGE)
        replies = {b"P": token or says(200, DONE), b"D": cancel, b"G": read or found, b"O": says(200, {})}
        connection.sendall(replies[request[:1]])
        if not replies[request[:1]].startswith(b"HTTP/"):
            connection.shutdown(socket.SHUT_RDWR)

    return answer


SERVERS: dict[str, Answer] = {
    "conflict": server_of(says(409, PROBLEM)),
    "an object": server_of(says(409, ORDER)),
    "failed, then read": server_of(says(500, PROBLEM)),
    "no JSON": server_of(raw(500), raw(500)),
    "a 200 that contradicts": server_of(says(200, ORDER)),
    "not HTTP": server_of(EVIL.encode(), EVIL.encode()),
    "unreadable": server_of(says(422, PROBLEM), says(422, PROBLEM)),
    "refused": server_of(b"", token=says(401, {"State": "Failed", "Reason": EVIL})),
    "an odd step": server_of(b"", token=says(202, STEP)),
    "no log-in": server_of(b"", token=says(503, PROBLEM)),
    "no log-in, no JSON": server_of(b"", token=raw(404)),
    "a log-in that is not HTTP": server_of(b"", token=EVIL.encode()),
}


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from texts(pair)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from texts(item)
    elif isinstance(value, BaseException):
        yield from texts([str(value), repr(value), value.args, vars(value)])
    elif attrs.has(type(value)):
        yield from texts([repr(value), attrs.asdict(value, recurse=False)])


def hostile(value: Any) -> list[str]:
    return [text for text in texts(value) if SIGNS & {*text}]


@pytest.mark.parametrize("name", SERVERS)
def test_no_value_has_a_control_character(make_caller: MakeCaller, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """No outcome, order, attempt, event, log record or span has a control character, with every kind of client."""
    caplog.set_level(logging.DEBUG)
    seen, recorded = list[Any](), Recorded()
    observers: dict[str, Any] = {"on_attempt": seen.append, "on_outcome": seen.append, "telemetry": recorded.telemetry}
    with raw_server(SERVERS[name]) as server:
        options = {"resolve": True, "login_pause": 0, "retry": RetryPolicy(attempts=1), **observers}
        caller = make_caller(base_url=server.base_url, credentials=USER, **options)
        ends: list[Any] = [caller.cancel(ACCOUNT, 1), caller.read(ACCOUNT, 1), caller.open_orders(ACCOUNT)]
        ends += [caller.cancel_all(ACCOUNT, deadline=0.2), *caller.batch([(ACCOUNT, 1)])]
    assert hostile(ends) == []
    assert hostile(seen) == []
    assert hostile([record.getMessage() for record in caplog.records]) == []
    assert hostile([vars(record) for record in caplog.records]) == []
    assert not SIGNS & {*str(recorded.everything)}
    lines = [line(1, end) for end in ends if type(end) in EXIT_CODES]
    assert hostile([lines, [as_object(1, 1, end) for end in ends if type(end) in EXIT_CODES]]) == []
    assert "\n" not in "".join(lines)


COMMANDS = (
    ("order", str(ACCOUNT), "1"),
    ("order", str(ACCOUNT), "1", "--json"),
    ("all", str(ACCOUNT), "--dry-run"),
    ("all", str(ACCOUNT), "--dry-run", "--json"),
    ("all", str(ACCOUNT), "--yes", "--deadline", "0.2"),
    ("all", str(ACCOUNT), "--yes", "--json", "--deadline", "0.2"),
    ("orders", "orders.csv"),
    ("orders", "orders.csv", "--json"),
)
BROKERS = ("conflict", "failed, then read", "not HTTP", "refused")
"""Each command is run against two of these servers."""


@pytest.mark.parametrize(
    ("name", "command"), [*zip(cycle(BROKERS), COMMANDS), *zip(cycle(BROKERS[1:]), COMMANDS)], ids=str
)
def test_no_command_prints_a_control_character(
    name: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No table, line, JSON object or message of a command has a control character of the server."""
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_text(f"account_id,order_id\n{ACCOUNT},1\n", encoding="utf-8")
    with raw_server(SERVERS[name]) as server:
        names = {"APP_KEY": "key", "USERNAME": "user", "PASSWORD": "hunter2", "BASE_URL": server.base_url}
        variables = {f"AUTOSHARES_{name}": value for name, value in names.items()}
        result = invoke(command, variables)
    assert result.output
    assert not SIGNS & {*result.output}
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)


def test_a_fault_that_quotes_a_server_is_logged_without_them(
    make_caller: MakeCaller, token: TokenCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """The logged traceback of a fault keeps its line ends, and no other control character."""

    def fail(_: object) -> httpx.Response:
        raise LookupError(EVIL)

    settings: dict[str, Any] = {"transport": httpx.MockTransport(fail), "verify": True}
    make_caller(base_url="https://broker.example", credentials=token, **settings).cancel(ACCOUNT, 1)
    (message,) = (record.getMessage() for record in caplog.records if record.levelno == logging.ERROR)
    assert "\nLookupError: fine " in message
    assert not SIGNS & {*message}


@pytest.mark.parametrize("signs", HOSTILE.values(), ids=HOSTILE)
def test_a_blank_takes_the_place_of_each(signs: str) -> None:
    """Each control character becomes a blank; removing it could turn an unknown word into a documented one."""
    for sign in signs:
        assert printable(f"Can{sign}celed") == "Can celed"


@pytest.mark.parametrize("text", ["", "Canceled", "d\u00e9j\u00e0 vu", "\u4e2d\u6587", "e\u0301", "\U0001f600", "a b"])
def test_what_a_person_reads_stays(text: str) -> None:
    """Letters of every script, accents and emoji are not changed."""
    assert printable(text) == text


def test_a_secret_that_a_blank_completes_is_masked() -> None:
    """Law 5: a text is masked if it equals a secret once its NUL is shown as a blank."""
    (secret,) = (PasswordCredentials(app_key="k" * 9, username="u" * 9, password="two words").secrets[2],)
    assert shown({"Symbol": "two\x00words", "x\x00y": 1}, (secret,)) == {"Symbol": "**********", "x y": 1}


def test_the_repr_of_an_order_is_plain(make_caller: MakeCaller) -> None:
    """No field of an order, `extra` and legs included, has a control character."""
    with raw_server(SERVERS["conflict"]) as server:
        order = make_caller(base_url=server.base_url, credentials=USER).read(ACCOUNT, 1)
    assert isinstance(order, Order)
    assert order.symbol is not None
    assert order.symbol.startswith("fine ")
    assert hostile([order, order.extra, order.legs]) == []


def test_the_mock_prints_no_request(
    mock_server: MockServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The mock writes no request target to a log or to its output, whether it can read the target or not."""
    caplog.set_level(logging.DEBUG)
    for target in (b"/api/%1b%5b2J", b"/api/\x1b[2J", b"/api/\xe2\x80\xae"):
        with socket.create_connection(("127.0.0.1", httpx.URL(mock_server.origin).port or 0)) as connection:
            connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 4")
    assert "".join(capfd.readouterr()) == ""
    assert not any("2J" in record.getMessage() for record in caplog.records)
