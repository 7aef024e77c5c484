"""Every token with every key: a right one with a wrong one is refused, too (Schemathesis tries no such pair).

Every cell uses an order that can be cancelled, so that the suite notices a server that accepts a wrong credential.
"""

from __future__ import annotations

import pytest

from autoshares_cancel import TokenCredentials
from autoshares_cancel.contract.report.fixture_types import Cell, Finding, Remark
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.calls import call
from autoshares_cancel.contract.server.checks import about_reply, about_status
from autoshares_cancel.contract.server.differential import READINGS
from autoshares_cancel.contract.server.order_requests import CANCELLED_AS, book, changed, raw_request
from autoshares_cancel.contract.server.reproduce import NO_CLIENT_CODE, as_client, as_curl
from autoshares_cancel.contract.server.scenario_table import IMPOSSIBLE, KEY_KINDS
from autoshares_cancel.contract.server.specification import OPERATIONS

# The expected status of each token (row) with each key (column).
TRUTH = {
    #           absent empty wrong right
    "absent": (403, 403, 403, 401),
    "empty": (403, 403, 403, 401),
    "wrong": (403, 403, 403, 401),
    "expired": (403, 403, 403, 401),
    "interim": (403, 403, 403, 401),
    "other": (403, 403, 403, 401),
    "right": (403, 403, 403, 204),
}
CELLS = {
    f"{token} token, {key} key": (token, key, status)
    for token, row in TRUTH.items()
    for key, status in zip(KEY_KINDS, row, strict=True)
}
REFUSED = {name: cell for name, cell in CELLS.items() if cell[2] != 204}
TYPED = {name: cell for name, cell in REFUSED.items() if "absent" not in cell and "empty" not in cell}
ORDER_CALLS = [name for name in OPERATIONS if name != "getToken"]
TELLING = {409}  # it reveals the state of an order
OUTCOMES = {401: "NotAuthorized", 403: "AppKeyRejected"}


@pytest.mark.parametrize("called", ORDER_CALLS)
@pytest.mark.parametrize(("token", "key", "status"), REFUSED.values(), ids=REFUSED)
def test_all_but_two_right_credentials_are_refused(
    aim: Aim, called: str, token: str, key: str, status: int, cell: Cell, finding: Finding, remark: Remark
) -> None:
    """Law 2: wrong credentials are refused, and the order is unchanged. A mock sends 403 for a wrong key, else 401."""
    section = "credentials" if called == "cancelOrder" else f"credentials of {called}"
    cell(section, f"{token} token", f"{key} key · raw", note=str(status))
    account_id, order_id = aim.victim(token)
    request = raw_request(aim, token, key, account_id, order_id, called)
    before = book(aim)
    reply = aim.send(request)
    found = [*about_status(reply.status, [status], telling=TELLING), *about_reply(reply, called, aim.secrets())]
    complaints = aim.findings_in(found, f"{called} with {token} token and {key} key", remark)
    changes = changed(aim, before)
    if changes:
        complaints.append(f"the book has changed by {changes}")
    if complaints:
        code = NO_CLIENT_CODE
        if called == "cancelOrder" and f"{token} token, {key} key" in TYPED:
            code = as_client(aim.base_url, account_id, order_id, key=key, token=token)
        curl = as_curl(aim.base_url, request, key=key, token=token)
        finding(f"{called} with {token} token and {key} key: {'; '.join(complaints)}", client=code, curl=curl)


@pytest.mark.parametrize(("token", "key", "status"), TYPED.values(), ids=TYPED)
def test_a_client_has_the_outcome_of_the_status(
    aim: Aim, client_kind: str, token: str, key: str, status: int, cell: Cell, finding: Finding, remark: Remark
) -> None:
    """Laws 2 and 8: with any wrong credentials, a client returns the status's outcome, and the order is unchanged."""
    cell("credentials", f"{token} token", f"{key} key · {client_kind}", note=OUTCOMES[status])
    account_id, order_id = aim.victim(token)
    credentials = TokenCredentials(app_key=aim.key(key) or "", token=aim.token(token) or "")
    before = book(aim)
    called = call(aim, client_kind, credentials, account_id, order_id)
    kind, answer, what = type(called.outcome).__name__, called.reply().status, f"{token} token and {key} key"
    wrong = aim.findings_in(about_status(answer, [status], telling=TELLING), f"a cancel with {what}", remark)
    right = READINGS.get(answer, "UndocumentedStatus")
    if kind != right or wrong or changed(aim, before):
        what = f"{client_kind} client with {what}: {kind}, not {right if kind != right else OUTCOMES[status]}"
        code = as_client(aim.base_url, account_id, order_id, key=key, token=token)
        curl = as_curl(aim.base_url, raw_request(aim, token, key, account_id, order_id), key=key, token=token)
        finding(what, client=code, curl=curl)


def test_two_right_credentials_cancel(aim: Aim, cell: Cell, finding: Finding, remark: Remark) -> None:
    """Law 1: after all these refusals, the same order can still be cancelled."""
    cell("credentials", "right token", "right key · raw", note="a success")
    if aim.unknown:
        not_shown("an unknown server: --scenarios names orders that may be sacrificed")
    account_id, order_id = aim.victim("right")
    request = raw_request(aim, "right", "right", account_id, order_id)
    before = book(aim)
    reply = aim.send(request)
    success = {status for status in OPERATIONS["cancelOrder"].replies if status < 300}
    found = about_reply(reply, "cancelOrder", aim.secrets())
    complaints = aim.findings_in(found, "a cancel of an open order", remark)
    if reply.status not in success:
        complaints.append(f"{reply.status}, not {' or '.join(map(str, sorted(success)))}")
    changes = changed(aim, before)
    if before and not (changes.keys() == {order_id} and changes[order_id] in CANCELLED_AS["cancelOrder"]):
        complaints.append(f"the book has changed by {changes or 'nothing'}")
    if reply.status in success:
        aim.lose_victim()
    if complaints:
        client = as_client(aim.base_url, account_id, order_id)
        finding(
            f"a cancel of open order {order_id}: {'; '.join(complaints)}",
            client=client,
            curl=as_curl(aim.base_url, request),
        )


def test_nothing_that_can_t_be_is_cancelled(aim: Aim, cell: Cell, finding: Finding, remark: Remark) -> None:
    """Law 1: a server that reports success for an impossible order would report it for any."""
    cell("checks", "an impossible order is not cancelled", aim.table.name)
    request = raw_request(aim, "right", "right", aim.account, IMPOSSIBLE)
    reply = aim.send(request)
    if aim.findings_in(about_status(reply.status, [401, 409]), f"a cancel of order {IMPOSSIBLE}", remark):
        client = as_client(aim.base_url, aim.account, IMPOSSIBLE)
        finding(
            f"a cancel of order {IMPOSSIBLE}: {reply.status}, not 401 or 409",
            client=client,
            curl=as_curl(aim.base_url, request),
        )
