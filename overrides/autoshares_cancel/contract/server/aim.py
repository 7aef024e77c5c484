"""The server under test: its address, its table, its users, and control of it if it is a mock.

A check that needs a missing variable, order or control is skipped with the reason: the report calls it "not shown".
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import pytest

from autoshares_cancel.contract.report.fixture_types import Remark
from autoshares_cancel.contract.server.checks import Unspecified, granted
from autoshares_cancel.contract.server.clients import TLS
from autoshares_cancel.contract.server.limits import LIMITED, MOST_WAITS, Sleep, is_limited, retry_after
from autoshares_cancel.contract.server.mock_control import ask_mock
from autoshares_cancel.contract.server.raw import NoReplyError, RawReply, RawRequest, send
from autoshares_cancel.contract.server.scenario_table import IMPOSSIBLE, Table
from autoshares_cancel.contract.server.specification import OPERATIONS

DAY_SECONDS = 24 * 60 * 60
WRONG = {"key": "not-the-app-key", "token": "not-a-token", "user": "nobody-at-all", "password": "not-the-password"}
PREFIXES = {
    "trader": "AUTOSHARES",
    "mistyped": "AUTOSHARES",
    "other": "CONTRACT_OTHER",
    "two_factor": "CONTRACT_TWO_FACTOR",
    "pin": "CONTRACT_PIN",
}


def not_shown(reason: str) -> NoReturn:
    """Skip the current check with this reason."""
    pytest.skip(reason)


class Aim:
    """The server under test. `environment` has the credentials of its users."""

    def __init__(
        self,
        base_url: str,
        table: Table,
        environment: Mapping[str, str],
        *,
        controlled: bool,
        sleep: Sleep = time.sleep,
    ) -> None:
        self.base_url = base_url
        self.table = table
        self.controlled = controlled
        self._environment = {**environment, **table.values}
        self._tokens: dict[str, str] = {}
        self._has_logged_in = False
        self._sleep = sleep
        self.cancelled: list[int] = []
        """The orders that this run has cancelled, according to replies or readings."""
        self._open: deque[int]
        self._victim: int | None = None
        self._refill()

    @property
    def unknown(self) -> bool:
        """Whether the table names no account: no order may be cancelled, and no request sent that could cancel one."""
        return self.table.account is None

    @property
    def account(self) -> int:
        """The trader's account; an impossible one at an unknown server."""
        return IMPOSSIBLE if self.table.account is None else self.table.account

    def send(self, request: RawRequest) -> RawReply:
        """Send one request unchanged, and again after a 429. Without a reply the test fails."""
        reply = self.attempt(request)
        if isinstance(reply, NoReplyError):
            pytest.fail(f"{request.method} {request.target} was not answered in HTTP: {reply}", pytrace=False)
        return reply

    def attempt(self, request: RawRequest, body: bytes = b"") -> RawReply | NoReplyError:
        """Send a request that the server need not answer: the error is returned, not raised."""
        if request.target == OPERATIONS["getToken"].path:
            self.forget_tokens()
        for _ in range(MOST_WAITS):
            try:
                reply = send(self.base_url, request, TLS, body)
            except NoReplyError as problem:
                return problem
            if not is_limited(reply):
                return reply
            self.wait_for(reply)
        not_shown(LIMITED)

    def wait_for(self, reply: RawReply) -> None:
        """Wait as long as the Retry-After of a 429 asks."""
        self._sleep(retry_after(reply))

    def findings_in(self, complaints: Iterable[str], what: str, remark: Remark) -> list[str]:
        """Return the complaints that are findings. Except at a mock, `Unspecified` ones become remarks instead."""
        found = list(complaints)
        unspecified = [] if self.controlled else [each for each in found if isinstance(each, Unspecified)]
        for each in unspecified:
            remark(f"{what}: {each}")
        return [each for each in found if each not in unspecified]

    def forget_tokens(self) -> None:
        """Forget all tokens, so that the next use logs in again: a log-in may end the earlier tokens of its user."""
        self._tokens.clear()
        self._has_logged_in = True

    def fresh(self, **settings: str) -> None:
        """Reset a mock, then apply these settings. Does nothing at other servers."""
        if self.controlled:
            self.control("POST", "/_mock/reset")
            self.control("POST", "/_mock/settings", settings)
            self._tokens.clear()
            self._refill()

    def control(self, method: str, path: str, document: Mapping[str, Any] | None = None) -> Any:
        """Call the mock's control API under /_mock/."""
        return ask_mock(self.base_url, method, path, document)

    def take(self, kind: int | str) -> int:
        """Return the number of an order of this kind. An open order is used up: it is not returned again."""
        order_id = self.look_at(kind)
        if kind == "open":
            self._open.popleft()
        return order_id

    def look_at(self, kind: int | str) -> int:
        """Return the number of an order of this kind for reading only. An open order is not used up."""
        if isinstance(kind, int):
            return kind
        orders = self._open if kind == "open" else self.table.orders.get(kind, ())
        return orders[0] if orders else not_shown(f"the table has no order left that is {kind}: orders.{kind}")

    def victim(self, token: str) -> tuple[int, int]:
        """Return account and order for requests that must be refused; impossible numbers at an unknown server.

        An interim token gets its own user's account, so that only the kind of token can be the reason for the refusal.
        """
        own = (self.table.interim_account, self.table.interim_order)
        if token == "interim" and own[0] is not None and own[1] is not None:
            return own[0], own[1]
        return self.account, IMPOSSIBLE if self.unknown else self._sacrificed()

    def _sacrificed(self) -> int:
        if self._victim is None:
            self._victim = self.take("open")
        return self._victim

    def lose_victim(self) -> None:
        """Record that the reserved order was cancelled; the next `victim` reserves another open order."""
        if self._victim is not None:
            self.cancelled.append(self._victim)
        self._victim = None

    @property
    def reserved(self) -> int | None:
        """The open order that `victim` reserves for requests that must be refused; None before the first."""
        return self._victim

    @property
    def spared(self) -> list[int]:
        """The open orders of the table that no request of this run should have cancelled."""
        return [*([] if self._victim is None else [self._victim]), *self._open]

    def key(self, kind: str) -> str | None:
        """Return an application key of this kind; None for "absent"."""
        simple = {"absent": None, "empty": "", "wrong": WRONG["key"]}
        return simple[kind] if kind in simple else self.value("AUTOSHARES_APP_KEY")

    def token(self, kind: str) -> str | None:
        """Return a token of this kind; None for "absent". Logs in if there is none yet."""
        simple = {"absent": None, "empty": "", "wrong": WRONG["token"]}
        if kind in simple:
            return simple[kind]
        if kind not in self._tokens:
            self._tokens[kind] = self._fetch(kind)
        return self._tokens[kind]

    def user(self, kind: str) -> tuple[str, str]:
        """Return user name and password of this kind of user."""
        if kind == "nobody":
            return WRONG["user"], WRONG["password"]
        username = self.value(f"{PREFIXES[kind]}_USERNAME")
        return username, WRONG["password"] if kind == "mistyped" else self.value(f"{PREFIXES[kind]}_PASSWORD")

    def secrets(self) -> dict[str, str]:
        """Return every credential that may have been sent so far, by the name of its variable."""
        named = {
            name: value for name, value in self._environment.items() if name.startswith(("AUTOSHARES", "CONTRACT"))
        }
        secret = ("_KEY", "_TOKEN", "_PASSWORD")
        tokens = {variable_of(kind): token for kind, token in self._tokens.items()}
        tokens |= {f"a wrong {kind}": WRONG[kind] for kind in ("token", "password")}
        return {name: value for name, value in named.items() if name.endswith(secret)} | tokens

    def _refill(self) -> None:
        self._open = deque(self.table.orders.get("open", ()))
        self._victim = None

    def value(self, name: str) -> str:
        """Return the value of a variable; skips the check if the variable is not set."""
        return self._environment.get(name) or not_shown(f"{name} is not set")

    def _fetch(self, kind: str) -> str:
        given = self._environment.get(variable_of(kind))
        if given and not (self._has_logged_in and self._has_password(kind)):
            return given
        if kind == "expired":
            if not self.controlled:
                not_shown("CONTRACT_EXPIRED_TOKEN is not set")
            token = self._log_in("trader", 200)
            self.control("POST", "/_mock/clock", {"advance": DAY_SECONDS})
            self._tokens.clear()
            return token
        return self._log_in("two_factor", 202) if kind == "interim" else self._log_in(_USER_OF[kind], 200)

    def _has_password(self, kind: str) -> bool:
        prefix = PREFIXES.get(_USER_OF.get(kind, ""), "")
        return bool(self._environment.get(f"{prefix}_USERNAME") and self._environment.get(f"{prefix}_PASSWORD"))

    def _log_in(self, user: str, expected: int) -> str:
        username, password = self.user(user)
        operation = OPERATIONS["getToken"]
        headers = (("Et-App-Key", self.key("right") or ""), ("Username", username), ("Password", password))
        request = RawRequest(
            method=operation.method, target=operation.path, headers=(*headers, ("Content-Length", "0"))
        )
        reply = self.send(request)
        token = granted(reply)
        if reply.status != expected or not token:
            pytest.fail(f"/token answered {reply.status}, without a token that can be used", pytrace=False)
        return token


_USER_OF = {"right": "trader", "other": "other"}


def variable_of(kind: str) -> str:
    """Return the name of the environment variable that holds a token of this kind."""
    return "AUTOSHARES_TOKEN" if kind == "right" else f"CONTRACT_{kind.upper()}_TOKEN"
