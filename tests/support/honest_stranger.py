"""A correct server that shares no code with the mock, and differs from it wherever the vendor's facts leave a choice.

1. Ids beyond int32 and unknown versions get 400, negative ids 422, `…/orders/` 405, and the read of an absent order
   404. Every other unspecified request gets 404.
2. 401 comes before 403: a caller with a wrong token learns nothing about its key.
3. A log-in ends the earlier token of its user.
4. 103 Early Hints come before every reply. A 204 has a Content-Type, and a connection is kept open.
5. With `limit` n, every n-th request, if it is about orders, gets 429 and `Retry-After: 0`, and is not carried out.
"""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from attrs import define, field

KEY = "stranger-key"
USERS = {"trader": ("correct-horse", 6303), "other": ("battery-staple", 6400)}
STATUSES = {"New": 0, "PartiallyFilled": 1, "Filled": 2, "Canceled": 4, "Rejected": 8, "Expired": 12}
WORKING = {"New", "PartiallyFilled"}
INT32 = range(-(2**31), 2**31)
REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
PATH = re.compile(r"/v(?P<version>[^/]*)/accounts/(?P<account>[^/]*)/(?P<what>orders|syncorders)(/(?P<order>[^/]*))?")
Reply = tuple[int, Any]
REFUSED = (401, {"Message": "Authorization has been denied for this request."})
INVALID = (400, {"Message": "The request is invalid."})
METHODS = {"orders": {"GET", "DELETE"}, "syncorders": {"DELETE"}, "list": {"GET"}}


def the_book() -> dict[int, dict[str, Any]]:
    """The orders of example.toml's sandbox."""
    statuses = {**dict.fromkeys(range(73552, 73562), "New"), 73562: "Filled", 73564: "Canceled"}
    return {
        number: {"Id": number, "AccountId": 6303, "Status": status, "Date": f"2026-01-05T14:30:{nth:02}.0000000Z"}
        for nth, (number, status) in enumerate(statuses.items())
    }


@define
class Exchange:
    """The exchange behind the server: its orders and tokens, and every request so far."""

    limit: int = 0
    orders: dict[int, dict[str, Any]] = field(factory=the_book)
    tokens: dict[str, str] = field(factory=dict[str, str])
    seen: list[str] = field(factory=list[str])
    connections: int = 0
    on_request: Callable[[str], object] = lambda _: None
    """Called with the method before a request is carried out."""
    _numbers: Iterator[int] = field(factory=lambda: count(1))
    _lock: threading.Lock = field(factory=threading.Lock)

    @property
    def cancelled(self) -> set[int]:
        """Every order that was cancelled since the start."""
        return {number for number, order in self.orders.items() if order["Status"] == "Canceled"} - {73564}

    def answer(self, method: str, target: str, headers: Mapping[str, str]) -> Reply:
        """Carry out one request."""
        self.on_request(method)
        with self._lock:
            self.seen.append(f"{method} {target}")
            path = urlsplit(target).path.removeprefix("/api")
            if path == "/token":
                return self.log_in(headers) if method == "POST" else (405, None)
            found = PATH.fullmatch(path)
            if found is None:
                return 404, None
            if self.limit and len(self.seen) % self.limit == 0:
                return 429, None
            return self.about_orders(method, found, urlsplit(target).query, headers)

    def log_in(self, headers: Mapping[str, str]) -> Reply:
        """Log a user in, by rules 2 and 3."""
        user = headers.get("username", "")
        if headers.get("password") != USERS.get(user, ("", 0))[0] or user not in USERS:
            return 401, {"State": "Failed", "Step": "BaseAuthentication", "Reason": "Invalid credentials"}
        if headers.get("et-app-key") != KEY:
            return 403, {"error": "Application key is not defined or does not exist"}
        self.tokens[user] = f"stranger-token-{next(self._numbers)}"
        return 200, {"State": "Succeeded", "Token": self.tokens[user]}

    def about_orders(self, method: str, path: re.Match[str], query: str, headers: Mapping[str, str]) -> Reply:
        """Check version, ids, method, token, key and account, in this sequence (rules 1 and 2), and answer."""
        if path["order"] == "":
            return 405, None
        ids = [path["account"], *([path["order"]] if path["order"] else [])]
        if path["version"] not in {"1", "1.0"} or not all(
            re.fullmatch(r"-?[0-9]{1,10}", each, re.ASCII) and int(each) in INT32 for each in ids
        ):
            return INVALID
        if any(int(each) < 0 for each in ids):
            return 422, {"Message": "Validation error occured while processing entity"}
        if method not in METHODS[path["what"] if path["order"] else "list"]:
            return 405, None
        users = [user for user, token in self.tokens.items() if headers.get("authorization") == f"Bearer {token}"]
        if users and headers.get("et-app-key") != KEY:
            return 403, {"error": "Application key is not defined or does not exist"}
        if not users or USERS[users[0]][1] != int(path["account"]):
            return REFUSED
        if path["order"] is None:
            return self.listing(int(path["account"]), query)
        order = self.orders.get(int(path["order"]))
        order = order if order and order["AccountId"] == int(path["account"]) else None
        return self.read(order) if method == "GET" else self.cancel(order)

    def read(self, order: dict[str, Any] | None) -> Reply:
        """Return the order, or 404 by rule 1."""
        return (200, order) if order else (404, {"Message": "No such order."})

    def cancel(self, order: dict[str, Any] | None) -> Reply:
        """Cancel the order if it is open."""
        if order is None or order["Status"] not in WORKING:
            return 409, None
        order["Status"] = "Canceled"
        return 204, None

    def listing(self, account: int, query: str) -> Reply:
        """Return the requested page."""
        asked = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        number, size = asked.get("pageNumber", ""), asked.get("pageSize", "")
        wanted = re.fullmatch(r"Status in \(([0-9, ]+)\)", asked.get("filter", "Status in (0)"))
        is_page = re.fullmatch(r"[0-9]{1,10}", number) and int(number) in INT32 and size.isdecimal()
        if not is_page or not 1 <= int(size) <= 100 or wanted is None or len(parse_qsl(query)) != len(asked):
            return INVALID
        if asked.get("sortField", "Id") not in {"Id", "Date"} or asked.get("desc", "false") not in {"true", "false"}:
            return INVALID
        numbers = {int(each) for each in wanted[1].split(",")} if "filter" in asked else {*STATUSES.values()}
        found = [order for order in self.orders.values() if STATUSES[order["Status"]] in numbers]
        found = [order for order in found if order["AccountId"] == account]
        found.sort(key=lambda order: order[asked.get("sortField", "Id")], reverse=asked.get("desc") == "true")
        first, last = int(number) * int(size), (int(number) + 1) * int(size)
        link = "https://stranger.example/orders?pageNumber={}"
        return 200, {
            "Result": found[first:last],
            "NextPageLink": link.format(int(number) + 1) if last < len(found) else "",
            "PreviousPageLink": link.format(int(number) - 1) if int(number) and first <= len(found) else "",
            "TotalCount": len(found),
        }


@contextmanager
def honest_stranger(limit: int = 0) -> Iterator[tuple[str, Exchange]]:
    """Serve it on a free port; yield its base URL and the exchange behind it."""
    exchange = Exchange(limit)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, exchange), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api", exchange
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, exchange: Exchange) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the listener is closed
            return
        exchange.connections += 1
        threading.Thread(target=_serve, args=(connection, exchange), daemon=True).start()


def _serve(connection: socket.socket, exchange: Exchange) -> None:
    with connection, connection.makefile("rb") as incoming:
        while line := incoming.readline():
            method, target, _ = line.decode("latin-1").split(" ")
            pairs = [head.decode("latin-1").partition(":") for head in iter(incoming.readline, b"\r\n") if head]
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            incoming.read(int(headers.get("content-length", 0)))
            connection.sendall(_bytes(*exchange.answer(method, target, headers)))
            if headers.get("connection", "").lower() == "close":
                return


def _bytes(status: int, document: Any) -> bytes:
    body = b"" if document is None else json.dumps(document).encode()
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Other')}", "Server: stranger"]
    lines += ["Content-Type: application/json"] if body or status == 204 else []
    lines += [] if status == 204 else [f"Content-Length: {len(body)}"]
    lines += ["Retry-After: 0"] if status == 429 else []
    hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    return (hints + "\r\n".join(lines) + "\r\n\r\n").encode() + body
