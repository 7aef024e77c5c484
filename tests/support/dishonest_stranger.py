"""A server with one fault at a time, each of a kind that a test of statuses alone does not find."""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import define, field, frozen
from support.honest_stranger import KEY, Exchange, Reply, the_book

FOREIGN_ORDER = 73700


@frozen
class Asked:
    """A request as the server receives it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: str = ""

    def changed(self, *, method: str = "", order: str = "", **headers: str) -> "Asked":
        """The request with another method, order or headers, as the faulty server understands it."""
        path, mark, query = self.target.partition("?")
        path = f"{path.rpartition('/orders/')[0]}/orders/{order}" if order else path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Asked(method or self.method, path + mark + query, {**self.headers, **named})

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def order(self) -> str:
        """The path segment of the order number; empty if the path has none."""
        _, found, order = urlsplit(self.target).path.partition("/orders/")
        return order if found else ""


@define
class Dishonest:
    """A server with this fault in front of the honest server's exchange."""

    fault: str
    exchange: Exchange = field(factory=Exchange)
    is_stopped: bool = False

    def __attrs_post_init__(self) -> None:
        self.exchange.orders[FOREIGN_ORDER] = {"Id": FOREIGN_ORDER, "AccountId": 6400, "Status": "New", "Date": ""}

    @property
    def token(self) -> str:
        """The trader's token."""
        return self.exchange.tokens.get("trader", "")

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        """The honest server's reply to the request as this fault understands it, with what the fault adds."""
        take = TAKEN_FOR.get(self.fault)
        taken = take(self, asked) if take else asked
        status, document = self.exchange.answer(taken.method, taken.target, taken.headers)
        after = AFTERWARDS.get(self.fault)
        return after(self, asked, (status, document)) if after else (status, document, {})


def second_number(mark: str) -> Callable[[Dishonest, Asked], Asked]:
    """Use the number after the mark as the order."""
    return lambda _, asked: asked.changed(order=asked.order.rpartition(mark)[2]) if mark in asked.order else asked


def if_alike(alike: Callable[[str, str], bool]) -> Callable[[Dishonest, Asked], Asked]:
    """Accept a token that is similar to the right one."""

    def take(server: Dishonest, asked: Asked) -> Asked:
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return asked.changed(authorization=f"Bearer {server.token}") if alike(given, server.token) else asked

    return take


def if_key_alike(alike: Callable[[str], bool]) -> Callable[[Dishonest, Asked], Asked]:
    """Accept a key that is similar to the right one."""
    return lambda _, asked: asked.changed(et_app_key=KEY) if alike(asked.headers.get("et-app-key", "")) else asked


TAKEN_FOR: dict[str, Callable[[Dishonest, Asked], Asked]] = {
    "a header names the method": lambda _, asked: asked.changed(
        method=asked.headers.get("x-http-method-override", asked.method)
    ),
    "a parameter names the method": lambda _, asked: asked.changed(method=asked.query.get("_method", asked.method)),
    "GET ahead of time cancels": lambda _, asked: (
        asked.changed(method="DELETE") if asked.headers.get("purpose") == "prefetch" else asked
    ),
    "HEAD cancels": lambda _, asked: asked.changed(method=asked.method.replace("HEAD", "DELETE")),
    "OPTIONS cancels": lambda _, asked: asked.changed(method=asked.method.replace("OPTIONS", "DELETE")),
    "the beginning of a token is enough": if_alike(lambda given, right: len(given) > 5 and right.startswith(given)),
    "a token with more behind it": if_alike(lambda given, right: bool(right) and given.startswith(right)),
    "a token with more before it": if_alike(lambda given, right: bool(right) and given.endswith(right)),
    "a token in any case": if_alike(lambda given, right: given.lower() == right.lower()),
    "the beginning of a key is enough": if_key_alike(lambda given: len(given) > 5 and KEY.startswith(given)),
    "a key with more behind it": if_key_alike(lambda given: given.startswith(KEY)),
    "a key with more before it": if_key_alike(lambda given: given.endswith(KEY)),
    "a token in the query": lambda _, asked: (
        asked.changed(authorization=f"Bearer {asked.query['access_token']}") if "access_token" in asked.query else asked
    ),
    "a key in the query": lambda _, asked: (
        asked.changed(et_app_key=asked.query["appKey"]) if "appKey" in asked.query else asked
    ),
    "any account": lambda _, asked: Asked(
        asked.method, asked.target.replace("/accounts/6400/", "/accounts/6303/"), asked.headers
    ),
    "octal": lambda _, asked: (
        asked.changed(order=str(int(asked.order, 8)))
        if asked.order.startswith("0") and asked.order.isdecimal() and not set(asked.order) & set("89")
        else asked
    ),
    "the last segment": second_number("/"),
    "the last encoded segment": second_number("%2F"),
    "behind a semicolon": second_number(";"),
    "behind a comma": second_number(","),
    "the query names the order": lambda _, asked: (
        asked.changed(order=asked.query["orderId"]) if "orderId" in asked.query else asked
    ),
    "the body names the order": lambda _, asked: (
        asked.changed(order=str(json.loads(asked.body)["orderId"])) if asked.body else asked
    ),
    "any version": lambda _, asked: (
        Asked(asked.method, f"/api/v1/accounts{asked.target.partition('/accounts')[2]}", asked.headers)
        if "/accounts" in asked.target
        else asked
    ),
    "numbers are trimmed": lambda _, asked: (
        asked.changed(order=unquote(asked.order).strip().lstrip("+0")) if asked.order[:1] in {"%", "0"} else asked
    ),
}
"""How each fault changes a request before it is carried out."""


def cancels_a_neighbour(server: Dishonest, asked: Asked, reply: Reply) -> tuple[int, Any, dict[str, str]]:
    """A cancel also cancels another order."""
    if asked.method == "DELETE" and reply[0] == 204:
        server.exchange.orders[73561]["Status"] = "Canceled"
    return *reply, {}


def undoes(server: Dishonest, asked: Asked, reply: Reply) -> tuple[int, Any, dict[str, str]]:
    """A cancelled order is open again after its second cancel was refused."""
    if asked.method == "DELETE" and reply[0] == 409 and asked.order.isdecimal() and int(asked.order) in the_book():
        server.exchange.orders[int(asked.order)]["Status"] = the_book()[int(asked.order)]["Status"]
    return *reply, {}


def gives_in(server: Dishonest, asked: Asked, reply: Reply) -> tuple[int, Any, dict[str, str]]:
    """Another user's order is cancelled under one's own account."""
    if asked.method == "DELETE" and asked.order == str(FOREIGN_ORDER):
        server.exchange.orders[FOREIGN_ORDER]["Status"] = "Canceled"
        return 204, None, {}
    return (401, None, {}) if asked.order == str(FOREIGN_ORDER) else (*reply, {})


def shows_and_gives_in(server: Dishonest, asked: Asked, reply: Reply) -> tuple[int, Any, dict[str, str]]:
    """Another user's order is read and cancelled under one's own account."""
    order = server.exchange.orders[FOREIGN_ORDER]
    if asked.method == "GET" and asked.order == str(FOREIGN_ORDER):
        return 200, dict(order), {}
    return gives_in(server, asked, reply)


def stops(server: Dishonest, asked: Asked, reply: Reply) -> tuple[int, Any, dict[str, str]]:
    """A very long target ends the service."""
    server.is_stopped |= len(asked.target) > 50_000
    return *reply, {}


def injects(_: Dishonest, asked: Asked, reply: Reply) -> tuple[int, Any, dict[str, str]]:
    """Text of a request becomes a header of the reply."""
    text = unquote(asked.target + "".join(asked.headers.values()))
    injected = text.partition("\r\nX-Injected: ")[2].partition("\r\n")[0]
    return *reply, {"X-Injected": injected} if injected else {}


def says(what: Callable[[Asked], str], status: int) -> Callable[[Dishonest, Asked, Reply], Any]:
    """A reply with this status repeats a part of the request in its body."""

    def answer(_: Dishonest, asked: Asked, reply: Reply) -> tuple[int, Any, dict[str, str]]:
        name = "Message" if "Message" in (reply[1] or {}) else "Reason"
        document = {**(reply[1] or {}), name: what(asked)} if reply[0] == status else reply[1]
        return reply[0], document, {}

    return answer


AFTERWARDS: dict[str, Callable[[Dishonest, Asked, Reply], tuple[int, Any, dict[str, str]]]] = {
    "a cancel takes a neighbour with it": cancels_a_neighbour,
    "a cancel is undone": undoes,
    "another user's order": gives_in,
    "another user's order, which is shown, too": shows_and_gives_in,
    "a long target ends the service": stops,
    "line ends come back": injects,
    "a wrong password comes back": says(lambda asked: f"no such password: {asked.headers.get('password')}", 401),
    "a wrong token comes back": says(lambda asked: f"no such token: {asked.headers.get('authorization')}", 401),
    "a token comes back in base64": says(
        lambda asked: base64.b64encode(asked.headers.get("authorization", "").encode()).decode(), 200
    ),
    "a 204 has a length": lambda _, __, reply: (*reply, {"Content-Length": "0"} if reply[0] == 204 else {}),
    "readings are public": lambda _, __, reply: (*reply, {"Cache-Control": "public, max-age=60"}),
}
"""What each fault does after a request was carried out."""


@contextmanager
def dishonest_stranger(fault: str = "") -> Iterator[tuple[str, Dishonest]]:
    """Serve a server with this fault on a free port; yield its base URL and the server object."""
    behind = Dishonest(fault)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as http.server has it
            """Print nothing."""

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0))).decode()
            status, document, more = behind.answer(Asked(self.command, self.path, headers, body))
            if behind.is_stopped:
                self.close_connection = True
                return
            content = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            length = {} if status == 204 else {"Content-Length": str(len(content))}
            named = {"Content-Type": "application/json"} if content else {}
            for name, value in (named | length | more).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else content)

        do_GET = do_DELETE = do_POST = do_PUT = do_HEAD = do_OPTIONS = answer  # noqa: N815  # the names that http.server calls

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api", behind
        finally:
            server.shutdown()
            thread.join()
