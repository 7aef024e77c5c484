"""A run with a journal that is killed again and again, and its final report."""

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
def test_no_kill_makes_it_lie_or_forget(
    tmp_path: Path, command: Literal["orders", "all"], kills: int, cell: Cell
) -> None:
    """Laws 1 and 4: no outcome is lost or invented, and the journal has every request."""
    cell("journal", "killed again and again", f"the command {command}", note=f"{kills} kills, no lie")
    killed = Killed(SEED, tmp_path, kills, command)
    killed.run()
    assert not killed.lies, "\n".join(killed.lies)
    assert killed.survived == kills
    # An order whose request has arrived was begun and has no outcome, so the next process begins it again.
    assert killed.again >= sum(moment(nth)[0] == ARRIVED for nth in range(kills))
    # No list of open orders has one that is filled.
    assert killed.outcomes.keys() >= ({"Cancelled", "OrderConflict"} if command == "orders" else {"Cancelled"})
