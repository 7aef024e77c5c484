"""Pinned requests: edges of int32, ids beyond it, unknown paths, and every counterexample found so far."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from attrs import field, frozen

from autoshares_cancel.contract.report.fixture_types import Cell, Finding, Remark
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.checks import Unspecified, about_reply, about_status
from autoshares_cancel.contract.server.raw import RawRequest
from autoshares_cancel.contract.server.reproduce import NO_CLIENT_CODE, as_curl
from autoshares_cancel.contract.server.scenario_table import IMPOSSIBLE

MANY_DIGITS = "1" * 5000


@frozen(kw_only=True)
class Pinned:
    """One request with both right credentials, and the status that it must get; see pinned.toml."""

    name: str
    operation: str = "cancelOrder"
    method: str = "DELETE"
    target: str
    status: int
    also: tuple[int, ...] = field(default=(), converter=tuple)
    allow: str = ""
    scheme: str = "Bearer "
    twice: str = ""
    harmless: bool = False
    mock: bool = False


PINNED = {
    entry["name"]: Pinned(**entry)
    for entry in tomllib.loads(Path(__file__).with_name("pinned.toml").read_text(encoding="utf-8"))["requests"]
}
ACCEPTS = {
    "application/json": {"application/json"},
    "text/json": {"text/json"},
    "application/json, text/json": {"application/json", "text/json"},
    "text/json;q=0.5, application/json": {"application/json"},
    "application/json;q=0.5, text/json": {"text/json"},
    "text/*": {"text/json"},
    "*/*": {"application/json", "text/json"},
}


def _request(aim: Aim, pinned: Pinned) -> RawRequest:
    order = aim.take("absent") if "{order}" in pinned.target else IMPOSSIBLE
    target = pinned.target.format(account=aim.account, order=order, digits=MANY_DIGITS)
    headers = (("Et-App-Key", aim.key("right") or ""), ("Authorization", f"{pinned.scheme}{aim.token('right')}"))
    again = tuple(header for header in headers if header[0] == pinned.twice)
    return RawRequest(method=pinned.method, target=target, headers=headers + again)


@pytest.mark.parametrize("pinned", PINNED.values(), ids=PINNED)
def test_a_pinned_request_gets_its_status(
    aim: Aim, pinned: Pinned, cell: Cell, finding: Finding, remark: Remark
) -> None:
    """Law 9: a mock sends this status, another server at least a refusal; 405 has Allow; no credential is echoed."""
    cell("requests", pinned.name, str(pinned.status))
    if aim.unknown and not pinned.harmless:
        not_shown("an unknown server: --scenarios names its account")
    if pinned.mock and not aim.controlled:
        not_shown("only sent to the mock: at a real server this may be another operation")
    request = _request(aim, pinned)
    reply = aim.send(request)
    right = (pinned.status,) if aim.controlled else (pinned.status, *pinned.also)
    found = list(about_status(reply.status, right))
    if pinned.allow and pinned.allow not in _listed(reply.values("Allow")):
        found.append(Unspecified(f"Allow is {', '.join(reply.values('Allow')) or 'missing'}, not {pinned.allow}"))
    found += about_reply(reply, pinned.operation, aim.secrets())
    complaints = aim.findings_in(found, f"{request.method} {pinned.target}", remark)
    if complaints:
        finding(
            f"{request.method} {pinned.target}, {pinned.name}: {'; '.join(complaints)}",
            client=NO_CLIENT_CODE,
            curl=as_curl(aim.base_url, request),
        )


@pytest.mark.parametrize("accept", ACCEPTS)
def test_the_media_type_is_the_one_that_was_asked_for(aim: Aim, accept: str, cell: Cell, finding: Finding) -> None:
    """A body has a documented media type that the caller accepts, and of several the one that the caller prefers."""
    cell("requests", f"Accept: {accept}", "Content-Type")
    numbers = [s.order for s in aim.table.scenarios if s.media_type and s.status == 200 and isinstance(s.order, int)]
    if not numbers or not aim.controlled:
        not_shown("only the mock has an order that is answered with a body again and again")
    target = f"/v1/accounts/{aim.account}/orders/{numbers[0]}"
    headers = (("Et-App-Key", aim.key("right") or ""), ("Authorization", f"Bearer {aim.token('right')}"))
    request = RawRequest(method="DELETE", target=target, headers=(*headers, ("Accept", accept)))
    reply = aim.send(request)
    complaints = list(about_reply(reply, "cancelOrder", aim.secrets()))
    if reply.media_type not in ACCEPTS[accept]:
        complaints.append(f"Content-Type is {reply.content_type}")
    if complaints:
        finding(f"Accept: {accept}: {'; '.join(complaints)}", curl=as_curl(aim.base_url, request))


def _listed(values: list[str]) -> set[str]:
    return {method.strip() for value in values for method in value.split(",")}
