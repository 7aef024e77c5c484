"""The server under test of this pytest session, and the name of its table."""

from __future__ import annotations

from typing import Final

import pytest

from autoshares_cancel.contract.server.target import MOCK_TABLE, Target, TargetError, find_target, variables


def _choose() -> Target:
    try:
        return find_target(variables())
    except TargetError as problem:
        raise pytest.UsageError(str(problem)) from problem


TARGET: Final = _choose()
TABLE_NAME: Final = TARGET.environment.get("CONTRACT_SCENARIOS") or MOCK_TABLE.name
