"""Requests that must not cancel an order, add a header to the reply, or stop the server from answering."""

from __future__ import annotations

import pytest

from autoshares_cancel.contract.report.fixture_types import Cell, Finding, Remark
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.effects import (
    PROBES,
    SPELLINGS,
    Probe,
    about_effect,
    about_spelling,
    how_to_see_it,
)
from autoshares_cancel.contract.server.reproduce import NO_CLIENT_CODE, as_client
from autoshares_cancel.contract.server.side_effects import (
    INJECTIONS,
    LONG,
    about_another_user,
    about_injection,
    about_service,
)


@pytest.fixture(autouse=True)
def _known(aim: Aim) -> None:
    if aim.unknown:
        not_shown("an unknown server: --scenarios names an order that may be cancelled")


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_it_cancels_nothing(aim: Aim, probe: Probe, cell: Cell, finding: Finding) -> None:
    """Law 1: only a cancel request for the order itself cancels it, whatever the server replies to others."""
    cell("effects", probe.name, "raw")
    _, order_id = aim.victim("right")
    curl = how_to_see_it(aim, probe, order_id)
    complaints = list(about_effect(aim, probe))
    if complaints:
        finding("; ".join(complaints), client=NO_CLIENT_CODE, curl=curl)


@pytest.mark.parametrize("probe", SPELLINGS.values(), ids=SPELLINGS)
def test_what_else_is_read_is_remarked_on(aim: Aim, probe: Probe, cell: Cell, remark: Remark) -> None:
    """A server may accept a number, a version or a key in more than one spelling: each is reported as a remark."""
    cell("spellings", probe.name, "raw")
    for complaint in about_spelling(aim, probe, aim.look_at("filled")):
        remark(complaint)


def test_another_users_order_is_not_cancelled_in_ones_own_account(aim: Aim, cell: Cell, finding: Finding) -> None:
    """Law 1: access to one account does not allow to cancel orders of other accounts."""
    cell("effects", "another user's order in one's own account", "raw")
    foreign = aim.table.foreign_order
    if foreign is None:
        not_shown("the table names no open order of another user: foreign_order")
    complaints = list(about_another_user(aim, foreign))
    if complaints:
        finding("; ".join(complaints), client=as_client(aim.base_url, aim.account, foreign))


@pytest.mark.parametrize("probe", INJECTIONS.values(), ids=INJECTIONS)
def test_it_adds_no_header(aim: Aim, probe: Probe, cell: Cell, finding: Finding) -> None:
    """Text in a request must not become a header of the reply."""
    cell("effects", probe.name, "raw")
    _, order_id = aim.victim("right")
    complaints = list(about_injection(aim, probe, order_id))
    if complaints:
        finding("; ".join(complaints), client=NO_CLIENT_CODE, curl=how_to_see_it(aim, probe, order_id))


def test_it_serves_on_after_a_long_target(aim: Aim, cell: Cell, finding: Finding) -> None:
    """A target of many kilobytes may be refused in any way; the server must answer the next request."""
    cell("effects", LONG.name, "raw")
    _, order_id = aim.victim("right")
    complaints = list(about_service(aim, order_id))
    if complaints:
        finding("; ".join(complaints), client=NO_CLIENT_CODE, curl=how_to_see_it(aim, LONG, order_id))
