"""Batches of many orders under faults, compared with the ledger: no outcome is a lie, missing or doubled."""

import gc

import pytest
from faults.batch_round import EACH, BatchRound
from faults.soak import Soak
from support.fake_backend import once_each

from autoshares_cancel.contract.report.fixture_types import Cell

SEED = 73552
OCCUR = {"Cancelled", "Cancelled, confirmed", "OrderConflict", "NotAuthorized"}


# As in test_outcome_check.py: the leftovers of a server that was cut off concern no order.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("client_kind", "orders", "at_once", "confirm"),
    [("asyncio", 400, 64, False), ("sync", 250, 32, True), ("trio", 250, 64, True), ("asyncio", 150, 1, False)],
    ids=str,
)
def test_no_outcome_of_a_batch_is_a_lie(client_kind: str, orders: int, at_once: int, confirm: bool, cell: Cell) -> None:  # noqa: FBT001  # pytest passes it by name
    """Laws 1, 3, 4, 6 and 8: every order has one outcome, which agrees with the ledger; log-ins are few."""
    # The number of cancelled orders varies: an account whose new token expires at once gets no other in its batch.
    cell("ledger", f"a batch, {at_once} at once", client_kind, note=f"{orders} orders, its faults, no lie")
    soak, played = Soak(SEED), BatchRound(client_kind, SEED, orders, at_once=at_once, confirm=confirm)
    soak.play(played)
    gc.collect()
    assert once_each(played.given, played.came_out)
    assert not soak.lies, "\n".join(map(str, soak.lies))
    assert soak.counts.keys() >= OCCUR - ({"Cancelled"} if confirm else set())
    assert len(played.due) > len(EACH) / 2
    assert soak.faults.keys() >= played.due
    # One log-in at the start, and one each after tokens were revoked, expired, or ended by another log-in.
    assert played.log_ins <= 4 + played.foreign + soak.faults["401", "before"]
