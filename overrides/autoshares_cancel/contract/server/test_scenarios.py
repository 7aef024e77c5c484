"""Every documented reply is provoked, recorded byte for byte, and understood by every kind of client."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from autoshares_cancel._http.request import HEADERS
from autoshares_cancel.contract.report.fixture_types import Cell, Finding, Remark
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.calls import Called, play
from autoshares_cancel.contract.server.checks import about_reading, about_reply, about_request, is_quirk
from autoshares_cancel.contract.server.chosen import TABLE_NAME, TARGET
from autoshares_cancel.contract.server.lists import ONLY_OPEN, PAGE, about_listed
from autoshares_cancel.contract.server.order_requests import book, changed
from autoshares_cancel.contract.server.raw import NoReplyError, RawReply
from autoshares_cancel.contract.server.reproduce import as_client, as_curl
from autoshares_cancel.contract.server.scenario_table import Documented, Scenario
from autoshares_cancel.contract.server.specification import DOCUMENTED, OPERATIONS

TABLE = TARGET.table
ORDINARY = frozenset({"host"} | {name.lower() for name in HEADERS})
OK, BAD = 200, 400


def _name(documented: Documented) -> str:
    operation, status, media_type = documented
    return f"{operation} {status} {media_type or 'no body'}"


@pytest.mark.parametrize("variant", TABLE.variants, ids=lambda variant: "-".join(variant.values()) or "as it is")
@pytest.mark.parametrize("documented", DOCUMENTED, ids=_name)
def test_every_documented_reply_is_seen_and_understood(
    aim: Aim,
    client_kind: str,
    documented: Documented,
    variant: dict[str, str],
    cell: Cell,
    finding: Finding,
    remark: Remark,
) -> None:
    """Laws 1, 2 and 8: every documented reply has a scenario, and clients return its outcome."""
    operation, status, media_type = documented
    scenarios = [scenario for scenario in TABLE.scenarios if scenario.documented == documented]
    outcomes = " or ".join(sorted({scenario.outcome for scenario in scenarios}))
    cell("statuses", f"{operation} {status}", f"{media_type or 'no body'} · {client_kind}", note=outcomes)
    if documented in TABLE.gaps:
        not_shown(TABLE.gaps[documented])
    if not scenarios and aim.unknown:
        not_shown("an unknown server: --scenarios names orders that may be sacrificed")
    if not scenarios:
        finding(f"nothing shows {_name(documented)}: add a scenario, or a reason under not_shown, to {TABLE_NAME}")
    for scenario in scenarios:
        aim.fresh(**variant)
        before = book(aim)
        for called in play(aim, client_kind, scenario):
            if called.seen and is_quirk(called.reply(), operation):
                note = "as in the vendor's guides; its table has none"
                cell("quirks", f"a {status} has a body", client_kind, note=note)
            found = [*_complaints(aim, scenario, called), *_about_book(aim, before, scenario, called)]
            complaints = "; ".join(aim.findings_in(found, str(scenario), remark))
            if complaints:
                finding(f"{scenario} ({client_kind}): {complaints}", **_reproduction(aim, scenario, called))


def _complaints(aim: Aim, scenario: Scenario, called: Called) -> Iterator[str]:
    is_list = scenario.operation == "listOrders"
    # Links and counts check the number of pages. After a refused filter the client lists without it.
    several = {("getToken", OK): 2, ("listOrders", OK): len(called.seen), ("listOrders", BAD): 1 if called.held else 2}
    expected = several.get((scenario.operation, scenario.status), 1)
    if len(called.seen) != expected:
        yield f"the client sent {len(called.seen)} requests, not {expected}"
    if not called.seen:
        yield f"the client sent nothing: {called.outcome}"
        return
    try:
        replies = [called.reply(number) for number in range(len(called.seen) if is_list else 1)]
    except NoReplyError as problem:
        yield f"the reply is not HTTP: {problem}"
        return
    for number, reply in enumerate(replies):
        if (reply.status, reply.media_type if scenario.media_type else "") != (scenario.status, scenario.media_type):
            yield f"the server answered {reply.status} {reply.media_type}".rstrip()
            return
        yield from about_reply(reply, scenario.operation, aim.secrets())
        yield from _about_request(aim, scenario, called, number)
    yield from _about_outcome(scenario, called, replies)


def _about_request(aim: Aim, scenario: Scenario, called: Called, number: int) -> Iterator[str]:
    operation = OPERATIONS[scenario.operation]
    target = operation.path.format(version="1", accountId=called.account_id, orderId=called.order_id)
    if scenario.operation == "listOrders":
        is_second_try = scenario.status == BAD and number > 0
        target += PAGE.format(0 if is_second_try else number) + ("" if called.held or is_second_try else ONLY_OPEN)
    yield from about_request(
        called.requests[number],
        urlsplit(aim.base_url).path + target,
        operation.method,
        _sent_credentials(aim, scenario),
        _ordinary(scenario),
    )


def _about_outcome(scenario: Scenario, called: Called, replies: list[RawReply]) -> Iterator[str]:
    if type(called.outcome).__name__ not in scenario.outcome.split("|"):
        yield f"the outcome is {type(called.outcome).__name__}, not {scenario.outcome}"
    if scenario.operation != "getToken":
        yield from about_reading(called.outcome, replies[0], scenario.outcome, called.account_id, called.order_id)
    if isinstance(called.outcome, tuple):
        yield from about_listed(called.outcome, replies, called.account_id)


def _about_book(aim: Aim, before: dict[int, str], scenario: Scenario, called: Called) -> Iterator[str]:
    succeeds = scenario.outcome == "Cancelled" and called.order_id in before
    wanted = {called.order_id: "Canceled"} if succeeds else {}
    changes = changed(aim, before)
    if changes != wanted:
        yield f"after {scenario.outcome} the book has changed by {changes or 'nothing'}, not by {wanted or 'nothing'}"


def _sent_credentials(aim: Aim, scenario: Scenario) -> dict[str, str]:
    sent = {"Et-App-Key": aim.key(scenario.key) or ""}
    if scenario.operation == "getToken":
        username, password = aim.user(scenario.user)
        return {**sent, "Username": username, "Password": password}
    return {**sent, "Authorization": f"Bearer {aim.token(scenario.token)}"}


def _ordinary(scenario: Scenario) -> frozenset[str]:
    login = {"content-length"} if scenario.operation == "getToken" else set[str]()
    return ORDINARY | {name.lower() for name in scenario.headers} | login


def _reproduction(aim: Aim, scenario: Scenario, called: Called) -> dict[str, str]:
    user = scenario.user if scenario.operation == "getToken" else ""
    kinds = {"key": scenario.key, "token": scenario.token, "user": user}
    request = called.requests[0] if called.requests else None
    client = as_client(aim.base_url, called.account_id, called.order_id, **kinds, code=called.code)
    # The recorded target has the path of the base URL already.
    origin = aim.base_url.removesuffix(urlsplit(aim.base_url).path)
    return {"client": client, "curl": as_curl(origin, request, **kinds) if request else ""}
