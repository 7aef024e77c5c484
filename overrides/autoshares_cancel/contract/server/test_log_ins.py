"""Log-ins as raw requests: which get a token, which get none, and how long a token lives."""

from __future__ import annotations

import json

import pytest

from autoshares_cancel.contract.report.fixture_types import Cell, Finding, Remark
from autoshares_cancel.contract.server.aim import DAY_SECONDS, WRONG, Aim, not_shown
from autoshares_cancel.contract.server.checks import about_reply, about_status
from autoshares_cancel.contract.server.raw import RawReply, RawRequest
from autoshares_cancel.contract.server.reproduce import NO_CLIENT_CODE, as_curl
from autoshares_cancel.contract.server.specification import OPERATIONS

# Second steps of the user with a verification code: user of the interim token, header, variable of its value, status.
SECOND_STEPS = {
    "the code and the interim token": ("two_factor", "VerificationCode", "CONTRACT_TWO_FACTOR_CODE", 200),
    "a wrong code": ("two_factor", "VerificationCode", "", 401),
    "no code": ("two_factor", "", "", 401),
    "the code as a PIN": ("two_factor", "PinCode", "CONTRACT_TWO_FACTOR_CODE", 401),
    "no interim token": ("", "VerificationCode", "CONTRACT_TWO_FACTOR_CODE", 401),
    "another user's interim token": ("pin", "VerificationCode", "CONTRACT_TWO_FACTOR_CODE", 401),
    "an access token in its place": ("trader", "VerificationCode", "CONTRACT_TWO_FACTOR_CODE", 401),
}


def log_in_request(aim: Aim, user: str, key: str = "right", **more: str) -> RawRequest:
    """Make a request for a token; an absent key is not sent."""
    username, password = aim.user(user)
    named = {"Et-App-Key": aim.key(key), "Username": username, "Password": password, **more, "Content-Length": "0"}
    headers = tuple((name, value) for name, value in named.items() if value is not None)
    return RawRequest(method=OPERATIONS["getToken"].method, target=OPERATIONS["getToken"].path, headers=headers)


def judge(
    aim: Aim, request: RawRequest, what: str, right: tuple[int, ...], finding: Finding, remark: Remark
) -> RawReply:
    """Send a log-in. Without one of these statuses and a reply that passes every check, it is a finding."""
    reply = aim.send(request)
    found = [*about_status(reply.status, right), *about_reply(reply, "getToken", aim.secrets())]
    complaints = aim.findings_in(found, f"a log-in with {what}", remark)
    if complaints:
        curl = as_curl(aim.base_url, request, user="trader")
        finding(f"a log-in with {what}: {'; '.join(complaints)}", client=NO_CLIENT_CODE, curl=curl)
    return reply


@pytest.mark.parametrize("key", ["absent", "empty", "wrong"])
def test_a_log_in_needs_the_key(aim: Aim, key: str, cell: Cell, finding: Finding, remark: Remark) -> None:
    """Law 6: user name and password get no token without the application key."""
    cell("log-ins", f"{key} key", "raw")
    # The vendor's table of /token has no 403; the mock answers 403, as for every other call.
    right = (403,) if aim.controlled else (401, 403)
    judge(aim, log_in_request(aim, "trader", key), f"{key} key", right, finding, remark)


@pytest.mark.parametrize(("ticket", "header", "proof", "status"), SECOND_STEPS.values(), ids=SECOND_STEPS)
def test_a_second_step_needs_proof_and_ticket(
    aim: Aim, ticket: str, header: str, proof: str, status: int, cell: Cell, finding: Finding, remark: Remark
) -> None:
    """Law 6: only the user's own interim token and the user's own code together get an access token."""
    what = next(name for name, row in SECOND_STEPS.items() if row == (ticket, header, proof, status))
    cell("log-ins", f"second step: {what}", "raw")
    if not aim.controlled:
        not_shown("only at the mock is a verification code known beforehand")
    more: dict[str, str] = {}
    if ticket:
        first = aim.send(log_in_request(aim, ticket))
        more["Authorization"] = f"Bearer {json.loads(first.body)['Token']}"
    if header:
        more[header] = aim.value(proof) if proof else WRONG["password"]
    judge(aim, log_in_request(aim, "two_factor", **more), what, (status,), finding, remark)


@pytest.mark.parametrize(("age", "status"), [(DAY_SECONDS - 60, 409), (DAY_SECONDS, 401)])
def test_a_token_lives_for_a_day(aim: Aim, age: int, status: int, cell: Cell, finding: Finding) -> None:
    """Law 6: a token lives for 24 hours, according to the vendor's page on /token."""
    cell("log-ins", f"a token of {age} seconds", str(status))
    if not aim.controlled:
        not_shown("only the mock has a clock that can be put forward")
    token = aim.token("right")
    aim.control("POST", "/_mock/clock", {"advance": age})
    target = OPERATIONS["cancelOrder"].target(version="1", accountId=aim.account, orderId=aim.take("absent"))
    headers = (("Et-App-Key", aim.key("right") or ""), ("Authorization", f"Bearer {token}"))
    request = RawRequest(method="DELETE", target=target, headers=headers)
    reply = aim.send(request)
    if reply.status != status:
        finding(f"a token of {age} seconds: {reply.status}, not {status}", curl=as_curl(aim.base_url, request))
