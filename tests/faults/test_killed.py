"""A run with a journal that is killed again and again, and its final outcomes."""

from pathlib import Path
from typing import Literal

import pytest
from faults.killed import Killed
from faults.moments import ARRIVED, WHENS, moment
from support.tables import mainly

from autoshares_cancel.contract.report.fixture_types import Cell

SEED, ROUND = 73552, len(WHENS)


@pytest.mark.parametrize("kills", mainly(ROUND, [ROUND, 3 * ROUND]))
@pytest.mark.parametrize("command", ["orders", "all"])
def test_kills_lose_and_invent_no_outcome(
    tmp_path: Path, command: Literal["orders", "all"], kills: int, cell: Cell
) -> None:
    """Laws 1 and 4: kills lose and invent no outcome, and the journal has every order whose cancel was sent."""
    cell("journal", "killed again and again", f"the command {command}", note=f"{kills} kills, no lie")
    killed = Killed(SEED, tmp_path, kills, command)
    killed.run()
    assert not killed.lies, "\n".join(killed.lies)
    assert killed.survived == kills
    # An order whose request has arrived was begun and has no outcome, so the next process begins it again.
    assert killed.again >= sum(moment(nth)[0] == ARRIVED for nth in range(kills))
    # A list of open orders has no filled ones, so `all` has no conflict.
    assert killed.outcomes.keys() >= ({"Cancelled", "OrderConflict"} if command == "orders" else {"Cancelled"})
