"""The local stand-in server of a plan: it answers as the table describes, and records all requests."""

import json
import re
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

from autoshares_cancel.contract.server.scenario_table import Table

STATUSES = {"open": "New", "filled": "Filled", "cancelled": "Canceled"}
NUMBERS = {"New": 0, "Filled": 2, "Canceled": 4}
MOST = 100
"""Most orders on a page."""
SUPPOSED = "supposed-token"
JSON = {"Content-Type": "application/json"}
PATH = re.compile(r"/v1/accounts/(?P<account>[^/]*)/(orders|syncorders)(/(?P<order>[^/]+))?")


@define
class Supposed:
    """Answers requests as the table describes. `environment` has the credentials of the user."""

    table: Table
    environment: Mapping[str, str]
    seen: list[tuple[str, str]] = field(factory=list[tuple[str, str]], init=False)
    """Method and target of each request."""
    _orders: dict[int, str] = field(factory=dict[int, str], init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        """Fill the book with the orders of the table."""
        for kind, status in STATUSES.items():
            self._orders |= dict.fromkeys(self.table.orders.get(kind, ()), status)

    @property
    def cancelled(self) -> set[int]:
        """The orders that are cancelled, whether from the start or by a request."""
        return {number for number, status in self._orders.items() if status == STATUSES["cancelled"]}

    def answer(self, method: str, target: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Record a request, and return status and document of its reply."""
        self.seen.append((method, target))
        path = urlsplit(target).path
        if path == "/token":
            return self._log_in(method, headers)
        found = PATH.fullmatch(path)
        if found is None:
            return 404, None
        if headers.get("Et-App-Key") != self.environment.get("AUTOSHARES_APP_KEY"):
            return 403, None
        tokens = {SUPPOSED, self.environment.get("AUTOSHARES_TOKEN", SUPPOSED)}
        if headers.get("Authorization", "").removeprefix("Bearer ") not in tokens:
            return 401, None
        if str(self.table.account) != found["account"]:
            return 401, None
        return self._about_order(method, found["order"]) if found["order"] else self._list(target)

    def _log_in(self, method: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        named = [self.environment.get(f"AUTOSHARES_{name}") for name in ("APP_KEY", "USERNAME", "PASSWORD")]
        if method != "POST":
            return 405, None
        if [headers.get(name) for name in ("Et-App-Key", "Username", "Password")] != named:
            return 401, {"State": "Failed", "Step": "BaseAuthentication", "Reason": "Invalid credentials"}
        return 200, {"State": "Succeeded", "Token": SUPPOSED}

    def _about_order(self, method: str, order: str) -> tuple[int, Any]:
        number = int(order) if order.isascii() and order.isdecimal() and len(order) < len(str(2**31)) else 0
        status = self._orders.get(number)
        if method == "GET":
            return (200, self._shown(number)) if status else (422, None)
        return (204 if method == "DELETE" and self._cancel(number) else 409), None

    def _cancel(self, number: int) -> bool:
        with self._lock:  # only one of simultaneous cancels may succeed
            is_open = self._orders.get(number) == "New"
            if is_open:
                self._orders[number] = "Canceled"
            return is_open

    def _list(self, target: str) -> tuple[int, Any]:
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(target).query).items()}
        size, page = asked.get("pageSize", ""), asked.get("pageNumber", "")
        wanted = re.fullmatch(r"Status in \(([0-9, ]+)\)", asked.get("filter", "Status in (0,2,4)"))
        if not (size.isdecimal() and 0 < int(size) <= MOST and page.isdecimal()) or wanted is None:
            return 400, None
        numbers = {int(number) for number in wanted[1].split(",")}
        found = sorted(self._orders, reverse=asked.get("desc") == "true")
        found = [number for number in found if NUMBERS[self._orders[number]] in numbers]
        first, last = int(page) * int(size), (int(page) + 1) * int(size)
        return 200, {
            "Result": [self._shown(number) for number in found[first:last]],
            "NextPageLink": f"?pageNumber={int(page) + 1}" if last < len(found) else "",
            "PreviousPageLink": f"?pageNumber={int(page) - 1}" if 0 < first <= len(found) else "",
            "TotalCount": len(found),
        }

    def _shown(self, number: int) -> dict[str, Any]:
        date = f"2026-01-05T14:30:00.{number:010}Z"  # sorting by date must equal sorting by number
        return {"Id": number, "AccountId": self.table.account, "Status": self._orders[number], "Date": date}


@contextmanager
def serving(supposed: Supposed, path: str) -> Generator[str]:
    """Serve the stand-in at a free local port; yields its base URL, which ends with `path`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes; the second would wait 40 ms

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as http.server has it
            """Print nothing."""

        def answer(self) -> None:
            """Answer one request."""
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, document = supposed.answer(self.command, self.path.removeprefix(path), dict(self.headers.items()))
            body = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            for name, value in (JSON if body else {}).items():
                self.send_header(name, value)
            if status != 204:  # noqa: PLR2004  # a 204 has no length
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_DELETE = do_POST = do_PUT = do_HEAD = do_OPTIONS = answer  # noqa: N815  # the names that http.server calls

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{path}"
        finally:  # else the thread would wait for ever, at a number that other sockets get
            server.shutdown()
            thread.join()
