"""Checks of ours that run inside Schemathesis."""

import os
from typing import Any

import schemathesis

DOCUMENTED = {200, 202, 401}


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
