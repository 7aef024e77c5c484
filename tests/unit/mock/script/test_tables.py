"""The mock's own tables agree with the specification and with the catalogue of faults."""

from __future__ import annotations

from typing import get_args

from support.specification import SPECIFICATION

from autoshares_cancel.mock.faults.catalogue import BY_NAME, FAULTS
from autoshares_cancel.mock.script.fault_names import SHORT, FaultName, full_name
from autoshares_cancel.mock.script.operations import DOCUMENTED

OPERATIONS = {"cancel": {"cancelOrder", "cancelOrderAtVenue"}, "read": {"getOrder"}, "list": {"listOrders"}}


def documented(operation_id: str) -> frozenset[int]:
    """The statuses of an operation in the specification."""
    operations = [each for path in SPECIFICATION["paths"].values() for each in path.values() if isinstance(each, dict)]
    (found,) = [each for each in operations if each.get("operationId") == operation_id]
    return frozenset(int(status) for status in found["responses"])


def test_documented_statuses_are_those_of_the_specification() -> None:
    """Each operation has its own statuses; both kinds of cancels have the same ones."""
    ids = OPERATIONS | {"token": {"getToken"}}
    assert {name: {documented(each) for each in ids[name]} for name in ids} == {
        name: {statuses} for name, statuses in DOCUMENTED.items()
    }


def test_the_names_of_faults_are_those_of_the_catalogue() -> None:
    """FaultName has all faults but those of connections; short names stand for some of them."""
    names = [fault.name for fault in FAULTS if fault.moment != "accept"]
    assert list(get_args(FaultName)) == [*SHORT, *names]
    assert {full_name(name) for name in get_args(FaultName)} == set(names)
    assert not SHORT.keys() & BY_NAME.keys()
