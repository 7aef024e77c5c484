"""Checks of ours that run inside Schemathesis, on every case that it generates."""

import os
from typing import Any

import schemathesis
from contract.server.aim import Aim
from contract.server.chosen import TARGET
from contract.server.differential import Raw, about_clients

DOCUMENTED = {200, 202, 401}
AIM = Aim(os.environ["CONTRACT_URL"], TARGET.table, TARGET.environment, controlled=False)
# Orders that are answered with more than "another user's account", which is all that random numbers get.
BOOK = [*TARGET.table.orders["open"], *TARGET.table.orders["filled"]]
TELLING = [*BOOK, 9_000_200, 9_000_204, 9_000_401, 9_000_409]


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> Any:
    """Ask for an order of the trader's every other time; what is no number stays what it is."""
    given = path_parameters or {}
    order = given.get("orderId")
    if isinstance(order, int) and isinstance(given.get("accountId"), int) and order % 2 and AIM.table.fuzz:
        orders = BOOK if context.operation is not None and context.operation.method == "get" else TELLING
        return {**given, "accountId": AIM.account, "orderId": orders[order // 2 % len(orders)]}
    return path_parameters


@schemathesis.check
def documented_or_key_refused(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Every status of /token is documented, but for the 403 of a missing or wrong application key."""
    if case.operation.definition.raw.get("operationId") != "getToken" or case.method != "POST":
        return
    key = response.request.headers.get("Et-App-Key")
    expected = DOCUMENTED if key == os.environ["CONTRACT_APP_KEY"] else {403}
    assert response.status_code in expected, f"/token answered {response.status_code}, expected one of {expected}"


@schemathesis.check
def clients_agree(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Law 8: what Client and AsyncClient make of the same request is what the server said to it."""
    sent = response.request
    headers = {name: str(value) for name, value in sent.headers.items()}
    raw = Raw(method=str(sent.method), url=str(sent.url), headers=headers, status=response.status_code)
    complaints = list(about_clients(AIM, raw))
    assert not complaints, "; ".join(complaints)
