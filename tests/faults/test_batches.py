"""The ledger test of batches: orders by the thousand while things fail, and no outcome is a lie, missing or doubled."""

import gc
from collections import Counter

import pytest
from faults.batch_round import BatchRound
from faults.ledger import label, lie_in
from report.plugin import Cell
from unit.fake_wire import once_each

SEED = 73552
OCCUR = {"Cancelled", "Cancelled, confirmed", "OrderConflict", "NotAuthorized"}


# As in test_ledger.py: what a server that was cut off leaves to the garbage collector is nobody's order.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("colour", "orders", "at_once", "confirm"),
    [("asyncio", 10_000, 64, False), ("sync", 1_500, 32, True), ("trio", 1_500, 64, True), ("asyncio", 500, 1, False)],
    ids=str,
)
def test_no_outcome_of_a_batch_is_a_lie(colour: str, orders: int, at_once: int, confirm: bool, cell: Cell) -> None:  # noqa: FBT001  # pytest passes it by name
    """Laws 1, 3, 4, 6 and 8: every order once, what is said of it is what the ledger has, and few log-ins."""
    cell("ledger", f"a batch, {at_once} at once", colour, note=f"{orders} orders, no lie")
    played = BatchRound(colour, SEED, orders, at_once=at_once, confirm=confirm, holds=orders < 5_000)
    calls, truth = played.play()
    gc.collect()
    assert once_each(played.given, played.came_out)
    lies = [f"{what}: {call}" for call in calls if (what := lie_in(call, truth))]
    assert not lies, "\n".join(lies)
    counts = Counter(label(call.outcome) for call in calls)
    assert counts.keys() >= OCCUR - ({"Cancelled"} if confirm else set())
    assert counts["Cancelled"] + counts["Cancelled, confirmed"] > orders / 2
    assert played.log_ins <= 20
