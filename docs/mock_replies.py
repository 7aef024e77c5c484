"""What the mock answers, by asking one in this process. docs/conformance.py makes tables of it.

Each request goes to a mock of its own, and differs in one respect from a request that succeeds.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import httpx
from attrs import Factory, frozen

from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.seed import APP_KEY, known_users

Values = Mapping[str, str | None]
"""Parameters by name; None leaves one out."""

BASE_URL: Final = "https://mock.example/api"
USERS: Final = {user.username: user for user in known_users()}
SECOND_FACTORS: Final = {"Authorization": "two-factor", "VerificationCode": "two-factor", "PinCode": "pin"}
"""The parameters of a log-in's second step, and a user that needs it."""
GOOD: Final = {"version": "1", "accountId": "6303", "orderId": "73552", "pageNumber": "0", "pageSize": "100"}
WRONG: Final = {
    "Authorization": "Bearer wrong",
    "Et-App-Key": "wrong",
    "Username": "stranger",
    "Password": "wrong",
    "PinCode": "0000",
    "VerificationCode": "000000",
    "accountId": "2147483648",
    "orderId": "2147483648",
    "version": "2.0",
    "filter": "SecurityId = 1",
    "pageNumber": "-1",
    "pageSize": "101",
    "sortField": "Symbol",
    "desc": "2",
}


@frozen(kw_only=True)
class Call:
    """An operation as a vendor's page has it: `DELETE /v{version}/…`, and its parameters."""

    method: str
    path: str
    places: Mapping[str, str]
    """By name: header, path or query."""

    @property
    def is_log_in(self) -> bool:
        """Whether it asks for a token, and needs none."""
        return self.path == "/token"


@frozen(kw_only=True)
class Circumstances:
    """What happens before a request: settings, seconds that pass, another log-in, and the same request."""

    settings: Mapping[str, Any] = Factory(dict[str, Any])
    advance: float = 0
    log_in_again: bool = False
    twice: bool = False


def ask(
    call: Call,
    changes: Values | None = None,
    *,
    extra: Mapping[str, str] | None = None,
    second_step: str = "",
    given: Circumstances | None = None,
) -> httpx.Response:
    """Send a good request with these changes and extra headers. `second_step` is a parameter of a second factor."""
    given = given or Circumstances()
    server = MockServer(**given.settings)
    with httpx.Client(base_url=BASE_URL, transport=server.transport) as client:
        good = _second_step(client, second_step) if second_step in SECOND_FACTORS else _good(client, call)
        request = _request(client, call, {**good, **(changes or {})}, extra or {})
        server.advance(given.advance)
        if given.log_in_again:
            _log_in(client, _user("trader"))
        return [client.send(request) for _ in range(1 + given.twice)][-1]


def _good(client: httpx.Client, call: Call) -> dict[str, str]:
    if call.is_log_in:
        return _user("trader")
    token = _log_in(client, _user("trader"))
    return {**GOOD, "Et-App-Key": APP_KEY, "Authorization": f"Bearer {token}"}


def _second_step(client: httpx.Client, parameter: str) -> dict[str, str]:
    user = USERS[SECOND_FACTORS[parameter]]
    proofs = {"PinCode": user.pin, "VerificationCode": user.verification_code}
    first = _user(user.username)
    sent = {name: proof for name, proof in proofs.items() if proof is not None}
    return {**first, "Authorization": f"Bearer {_log_in(client, first)}", **sent}


def _user(name: str) -> dict[str, str]:
    return {"Et-App-Key": APP_KEY, "Username": name, "Password": USERS[name].password}


def _log_in(client: httpx.Client, headers: dict[str, str]) -> str:
    token: str = client.post("/token", headers=headers).json()["Token"]
    return token


def _request(client: httpx.Client, call: Call, values: Values, extra: Mapping[str, str]) -> httpx.Request:
    chosen = {name: value for name, value in values.items() if value is not None}
    by_place = {
        place: {name: value for name, value in chosen.items() if call.places.get(name) == place}
        for place in ("header", "path", "query")
    }
    path = call.path.format_map(by_place["path"])
    return client.build_request(call.method, path, params=by_place["query"], headers={**by_place["header"], **extra})


def tried(call: Call, name: str) -> Iterator[tuple[str, int]]:
    """What is tried with a parameter, and the status of the reply."""
    second_step = name if call.is_log_in else ""
    if call.places[name] != "path":
        yield "left out", ask(call, {name: None}, second_step=second_step).status_code
    yield f"`{WRONG[name]}`", ask(call, {name: WRONG[name]}, second_step=second_step).status_code


def on_request(call: Call, status: str, **settings: Any) -> httpx.Response:
    """The reply with a status that the request prefers."""
    given = Circumstances(settings=settings)
    reply = ask(call, extra={"Prefer": f"code={status}"}, given=given)
    if str(reply.status_code) != status:
        raise ValueError(f"{call.method} {call.path}: asked for {status}, the mock answers {reply.status_code}")
    return reply


def media_types(call: Call, wanted: Sequence[str]) -> list[str]:
    """The media types of a 200, by the Accept of its request."""
    replies = (ask(call, extra={"Prefer": "code=200", "Accept": media_type}) for media_type in wanted)
    return [reply.headers["Content-Type"] for reply in replies]
