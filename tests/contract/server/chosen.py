"""The server of this session, and the name of its table."""

from __future__ import annotations

from typing import Final

from contract.server.target import MOCK_TABLE, find_target

TARGET: Final = find_target()
TABLE_NAME: Final = TARGET.environment.get("CONTRACT_SCENARIOS") or MOCK_TABLE.name
