"""The contract suite is green against the mock; here each part of it turns red for its own reason."""

from __future__ import annotations

import pytest

from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.differential import Raw, about_clients
from autoshares_cancel.contract.server.scenario_table import read_table
from autoshares_cancel.contract.server.schemathesis_run import run_as_two_users, run_schemathesis
from autoshares_cancel.contract.server.specification import OPERATIONS
from autoshares_cancel.contract.server.target import MOCK_TABLE
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.api import rules
from autoshares_cancel.mock.api.rules import OrderRequest
from autoshares_cancel.mock.exchange.exchange import Exchange

TOKEN_ANSWER = {"status": 201, "body": '{"Token": 7}', "headers": {"Content-Type": "application/json"}}


@pytest.fixture
def aim(mock_server: MockServer) -> Aim:
    return Aim(mock_server.base_url, read_table(MOCK_TABLE), {}, controlled=True)


def test_schemathesis_can_be_red(aim: Aim) -> None:
    """Schemathesis with our configuration reports a server that breaks the contract."""
    aim.token("right")
    aim.control("POST", "/_mock/settings", {"token_answer": TOKEN_ANSWER})
    run = run_schemathesis(aim, "--phases=examples", "--include-operation-id=getToken")
    assert run.returncode == 1, run.stdout
    assert "documented_or_key_refused" in run.stdout


@pytest.mark.tools
def test_a_user_that_reads_another_users_order_is_noticed(aim: Aim, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 2: a server that refuses another user the list, but not the order, is reported."""

    def lists_are_owned(request: OrderRequest, exchange: Exchange) -> int | None:
        is_read = request.method == "GET" and request.order_id
        return None if is_read else rules.account_is_owned(request, exchange)

    lax = [lists_are_owned if rule is rules.account_is_owned else rule for rule in rules.RULES]
    monkeypatch.setattr(rules, "RULES", tuple(lax))
    run, tried = run_as_two_users(aim)
    assert (run.returncode, tried > 0) == (1, True), run.stdout
    assert "Object-level authorization bypass" in run.stdout
    assert "`other` received the `OrderReply` that `trader` owns" in run.stdout


@pytest.mark.parametrize("status", [401, 409, 500])
def test_a_disagreement_is_noticed(aim: Aim, status: int) -> None:
    """Law 8: a raw reply that differs from the clients' is a complaint."""
    target = OPERATIONS["cancelOrder"].target(version="1", accountId=aim.account, orderId=aim.take("open"))
    headers = {"Et-App-Key": aim.key("right") or "", "Authorization": f"Bearer {aim.token('right')}"}
    raw = Raw(method="DELETE", url=aim.base_url + target, headers=headers, status=status)
    assert next(about_clients(aim, raw)) == f"sync: the server sent {status} before, and 204 to the client"
