"""Requests that must not cancel an order, whatever the server replies.

1. The order is read before and after the request, with both right credentials: that is the control. Only an order that
   was open before and is cancelled after is a finding. The status of the reply does not matter.
2. A server may have a reason to accept another spelling of an order's number, another version of the API, a key in the
   other case, or a second token. They are tried by reading a closed order; a success is a remark, not a finding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from attrs import field, frozen

from autoshares_cancel.contract.server.aim import WRONG, Aim, not_shown
from autoshares_cancel.contract.server.checks import SUCCESSES
from autoshares_cancel.contract.server.order_requests import CANCELLED_AS, READ_AS, raw_request, read
from autoshares_cancel.contract.server.raw import RawReply, RawRequest
from autoshares_cancel.contract.server.reproduce import as_curl

KEY, TOKEN = {"Et-App-Key": "{key}"}, {"Authorization": "Bearer {token}"}
BOTH: Final = KEY | TOKEN
WRONG_TOKEN: Final = {"Authorization": f"Bearer {WRONG['token']}"}
ORDERS: Final = "/v1/accounts/{account}/orders/"
ORDER: Final = ORDERS + "{order}"
OVERRIDES: Final = dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), "DELETE")
AHEAD: Final = {"Sec-Purpose": "prefetch", "Purpose": "prefetch", "X-Moz": "prefetch"}
PREFLIGHT: Final = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "DELETE"}
URL_TOKEN: Final = "?access_token={token_in_url}&token={token_in_url}&Authorization=Bearer%20{token_in_url}"
URL_KEY: Final = "?Et-App-Key={key_in_url}&appKey={key_in_url}&api_key={key_in_url}"
SHOWN: Final = {
    "key": "$AUTOSHARES_APP_KEY",
    "cut_key": "${AUTOSHARES_APP_KEY%?}",
    "swapped_key": "$(echo $AUTOSHARES_APP_KEY | tr a-zA-Z A-Za-z)",
    "key_in_url": "$AUTOSHARES_APP_KEY",
    "token": "$AUTOSHARES_TOKEN",
    "cut_token": "${AUTOSHARES_TOKEN%?}",
    "swapped_token": "$(echo $AUTOSHARES_TOKEN | tr a-zA-Z A-Za-z)",
    "token_in_url": "$AUTOSHARES_TOKEN",
}
"""The shell expressions for secrets, which a report may not show."""


@frozen
class Probe:
    """A request about an order, with names in braces for the values to fill in."""

    name: str
    method: str = "DELETE"
    path: str = ORDER
    headers: Mapping[str, str] = field(default=BOTH)
    names_in_body: bool = False
    more: Mapping[str, str] = field(factory=dict[str, str])
    """Headers that are sent after the others, even if a name comes twice."""

    def request(self, values: Mapping[str, Any]) -> RawRequest:
        """Make the request with these values."""
        named = (*self.headers.items(), *self.more.items())
        headers = tuple((name, text.format_map(values)) for name, text in named)
        length = (("Content-Type", "application/json"), ("Content-Length", str(len(self.content(values)))))
        return RawRequest(
            method=self.method,
            target=self.path.format_map(values),
            headers=headers + (length if self.names_in_body else ()),
        )

    def content(self, values: Mapping[str, Any]) -> bytes:
        """Make the body; empty unless `names_in_body` is set."""
        named = dict.fromkeys(("Id", "OrderId", "orderId"), values["order"])
        return json.dumps(named).encode() if self.names_in_body else b""

    def curl(self, base_url: str, values: Mapping[str, Any]) -> str:
        """Make a shell command that sends the request."""
        data = f" --data '{self.content(values).decode()}'" if self.names_in_body else ""
        request = self.request({**values, **SHOWN})
        headers = [f'--header "{name}: {value}"' for name, value in request.headers if name != "Content-Length"]
        words = ["curl", "--include", "--path-as-is", "--request", self.method, *headers]
        return " ".join([*words, f'"{base_url}{request.target}"']) + data


PROBES: Final = {
    probe.name: probe
    for probe in (
        Probe("GET with a header that names another method", "GET", headers=BOTH | OVERRIDES),
        Probe("GET with a parameter that names another method", "GET", ORDER + "?_method=DELETE&method=DELETE"),
        Probe("GET ahead of time", "GET", headers=BOTH | AHEAD),
        Probe("HEAD", "HEAD"),
        Probe("OPTIONS", "OPTIONS", headers=BOTH | PREFLIGHT),
        Probe("a token that lacks its last character", headers=KEY | {"Authorization": "Bearer {cut_token}"}),
        Probe("a token with a character behind it", headers=KEY | {"Authorization": "Bearer {token}x"}),
        Probe("a token with a character before it", headers=KEY | {"Authorization": "Bearer x{token}"}),
        Probe("a token in the other case", headers=KEY | {"Authorization": "Bearer {swapped_token}"}),
        Probe("a key that lacks its last character", headers=TOKEN | {"Et-App-Key": "{cut_key}"}),
        Probe("a key with a character behind it", headers=TOKEN | {"Et-App-Key": "{key}x"}),
        Probe("a key with a character before it", headers=TOKEN | {"Et-App-Key": "x{key}"}),
        Probe("a token in the query", path=ORDER + URL_TOKEN, headers=KEY),
        Probe("a key in the query", path=ORDER + URL_KEY, headers=TOKEN),
        Probe("another user's account", path="/v1/accounts/{foreign}/orders/{order}"),
        Probe("zeros before a number, which is another one in octal", path=ORDERS + "0{order:o}"),
        Probe("a second number behind a slash", path=ORDERS + "{absent}/{order}"),
        Probe("a second number behind an encoded slash", path=ORDERS + "{absent}%2F{order}"),
        Probe("a second number behind a semicolon", path=ORDERS + "{absent};{order}"),
        Probe("a second number behind a comma", path=ORDERS + "{absent},{order}"),
        Probe("a second number in the query", path=ORDERS + "{absent}?orderId={order}&id={order}"),
        Probe("a body that names another order", path=ORDERS + "{absent}", names_in_body=True),
    )
}


CANCEL: Final = Probe("the right request")
SPELLINGS: Final = {
    probe.name: probe
    for probe in (
        Probe("a key in the other case", "GET", headers=TOKEN | {"Et-App-Key": "{swapped_key}"}),
        Probe("a wrong token behind the right one", "GET", more=WRONG_TOKEN),
        Probe("a wrong token before the right one", "GET", headers=KEY | WRONG_TOKEN, more=TOKEN),
        Probe("zeros before the number", "GET", ORDERS + "000{order}"),
        Probe("a sign before the number", "GET", ORDERS + "%2B{order}"),
        Probe("a blank before the number", "GET", ORDERS + "%20{order}"),
        Probe("the number in hexadecimal", "GET", ORDERS + "0x{order:x}"),
        Probe("the number in full-width digits", "GET", ORDERS + "{wide_order}"),
        Probe("the number encoded twice", "GET", ORDERS + "{twice_encoded_order}"),
        Probe("a parameter behind the number", "GET", ORDER + ";x=1"),
        Probe("version 2", "GET", ORDER.replace("/v1/", "/v2/")),
        Probe("version x", "GET", ORDER.replace("/v1/", "/vx/")),
    )
}


def values_for(aim: Aim, order_id: int) -> dict[str, Any]:
    """Return the values that probes fill in for this order."""
    key, token = aim.key("right") or "", aim.token("right") or ""
    absent = aim.table.orders.get("absent") or [order_id - 1]
    return {
        "account": aim.account,
        "foreign": aim.table.foreign_account,
        "order": order_id,
        "absent": absent[0],
        "wide_order": quote(str(order_id).translate({48 + digit: 0xFF10 + digit for digit in range(10)})),
        "twice_encoded_order": "".join(f"%25{ord(digit):x}" for digit in str(order_id)),
        "key": key,
        "cut_key": key[:-1],
        "swapped_key": key.swapcase(),
        "key_in_url": quote(key, safe=""),
        "token": token,
        "cut_token": token[:-1],
        "swapped_token": token.swapcase(),
        "token_in_url": quote(token, safe=""),
    }


def about_effect(aim: Aim, probe: Probe) -> Iterator[str]:
    """Check rule 1 for one request. If it cancelled the order, the next check uses another open order."""
    _, order_id = aim.victim("right")
    values = values_for(aim, order_id)
    request = probe.request(values)
    if "{foreign}" in probe.path and aim.table.foreign_account is None:
        not_shown("the table names no account of another user: foreign_account")
    if request == CANCEL.request(values):
        not_shown("it is the right request here: the credential has no letters")
    before = status_of(aim, order_id)
    if before not in READ_AS["open"]:
        not_shown(f"order {order_id} can't be read as open: {before}")
    reply = aim.attempt(request, probe.content(values))
    after = status_of(aim, order_id)
    if after in CANCELLED_AS["cancelOrder"] and after != before:
        aim.lose_victim()
        answered = f"answered with {reply.status}" if isinstance(reply, RawReply) else "not answered"
        yield f"{probe.name}: it cancelled order {order_id} ({answered}; read as {before} before, as {after} after)"


def about_spelling(aim: Aim, probe: Probe, order_id: int) -> Iterator[str]:
    """Check rule 2 for a closed order."""
    control = status_of(aim, order_id)
    request = probe.request(values_for(aim, order_id))
    reply = aim.attempt(request)
    right = raw_request(aim, "right", "right", aim.account, order_id, "getOrder")
    is_right = (request.target, set(request.headers)) == (right.target, set(right.headers))
    if isinstance(reply, RawReply) and reply.status in SUCCESSES and not is_right:
        yield f"{probe.name} is read as order {order_id}, which is {control}"


def status_of(aim: Aim, order_id: int) -> str:
    """Read an order, and return its status; "answered with …" if it can't be read."""
    _, reply, fields = read(aim, order_id)
    return str(fields.get("Status")) if reply.status == HTTPStatus.OK else f"answered with {reply.status}"


def how_to_see_it(aim: Aim, probe: Probe, order_id: int) -> str:
    """Make two shell commands: the request, and the reading that is its control."""
    return f"{probe.curl(aim.base_url, values_for(aim, order_id))}; {how_to_read(aim, order_id)}"


def how_to_read(aim: Aim, order_id: int) -> str:
    """Make a shell command that reads an order."""
    return as_curl(aim.base_url, raw_request(aim, "right", "right", aim.account, order_id, "getOrder"))
