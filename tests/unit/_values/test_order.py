"""An order as the server describes it: any field may be missing or odd, but another order is refused."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import asdict
from hypothesis import example, given
from hypothesis import strategies as st

from autoshares_cancel import Order
from autoshares_cancel._cancel.replies import order_of
from autoshares_cancel._values.evidence import NoResponse, NotWritten, Reply
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.status import State


def read(body: object) -> Order | None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return order_of(Reply(status_code=200, body=raw), account_id=1, order_id=2)


def order(**fields: Any) -> Order:
    found = read({"Id": 2, "AccountId": 1} | fields)
    assert found is not None
    return found


def test_legs_are_orders_of_their_own() -> None:
    """Legs at any depth are orders with an id and a status; a leg without an id is left out."""
    inner = {"Id": 4, "Status": "New"}
    found = order(Status="Filled", Legs=[{"Id": 3, "Status": "4 - Canceled", "Legs": [inner]}, {"Status": "New"}, "x"])
    assert [(leg.order_id, leg.account_id, leg.state) for leg in found.legs] == [(3, 1, State.CANCELLED)]
    assert [(leg.order_id, leg.state) for leg in found.legs[0].legs] == [(4, State.WORKING)]
    assert found.extra == {"Legs": ["x"]}


def test_an_order_is_what_was_read() -> None:
    """Every field that the vendor names has a field in Order."""
    assert order(
        Status="PartiallyFilled",
        ExecutionStatus="Working",
        Quantity=10,
        ExecutedQuantity=4,
        LeavesQuantity=6,
        AveragePrice=12.5,
        Description="none",
        Symbol="SPY",
        Side="Buy",
        Type="Limit",
        Date="2026-01-02T03:04:05Z",
        TimeInForce="GTC",
        CreateDate="2026-01-01T00:00:00Z",
        ExpireDate="0001-01-01T00:00:00Z",
        Legs=[],
        ExecInst=0,
    ) == Order(
        account_id=1,
        order_id=2,
        status="PartiallyFilled",
        execution_status="Working",
        quantity=Decimal(10),
        executed_quantity=Decimal(4),
        leaves_quantity=Decimal(6),
        average_price=Decimal("12.5"),
        description="none",
        symbol="SPY",
        side="Buy",
        type="Limit",
        placed_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        time_in_force="GTC",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        extra={"ExecInst": 0},
    )


def test_an_empty_order_is_one() -> None:
    """The vendor guarantees no field: missing ones are None, and the ids are the caller's."""
    assert read({}) == Order(account_id=1, order_id=2, named=False)


@pytest.mark.parametrize("field", ["Symbol", "Side", "Type", "ExecutionStatus", "Description", "Date", "Quantity"])
@pytest.mark.parametrize("value", [None, True, [], {"a": 1}], ids=repr)
def test_a_field_that_changes_its_type_is_kept(field: str, value: object) -> None:
    """A field of an unexpected type is kept in `extra`: in the vendor's examples, ExecInst is a string and a number."""
    found = order(Status="New", **{field: value})
    assert (found.status, dict(found.extra)) == ("New", {field: value})


@pytest.mark.parametrize(
    "written", ["0.1", "0.10", "1e-8", "100000000000000000.01", "-3", "0", "12345678901234567890", "1E+999999"]
)
def test_quantities_are_exactly_as_written(written: str) -> None:
    """Quantities are decimals: 0.1 is exactly 0.1, with its digits."""
    found = read(f'{{"Quantity": {written}, "ExecutedQuantity": {written}, "LeavesQuantity": {written}}}'.encode())
    assert found is not None
    for quantity in (found.quantity, found.executed_quantity, found.leaves_quantity):
        assert str(quantity) == str(Decimal(written))


@pytest.mark.parametrize(("written", "quantity"), [('"40.00000"', "40.00000"), ('"-3"', "-3")])
def test_a_quantity_may_be_text(written: str, quantity: str) -> None:
    """A quantity may be text, because the vendor's fields change their types."""
    fields = ("Quantity", "ExecutedQuantity", "LeavesQuantity", "AveragePrice")
    found = read(dict.fromkeys(fields, json.loads(written)))
    assert found is not None
    read_as = (found.quantity, found.executed_quantity, found.leaves_quantity, found.average_price)
    assert [*map(str, read_as)] == [quantity] * 4


@pytest.mark.parametrize("written", ["NaN", "Infinity", "-Infinity", '"ten"', '"1e3"', '""', '" 1"'])
def test_what_is_no_number_is_no_quantity(written: str) -> None:
    """A quantity that is no number is None, and is kept in `extra`."""
    found = read(f'{{"Status": "New", "Quantity": {written}}}'.encode())
    assert found is not None
    assert (found.status, found.quantity, list(found.extra)) == ("New", None, ["Quantity"])


@pytest.mark.parametrize("number", ["1e99999999999999999999", "-1e-99999999999999999999", "9" * 5000])
def test_a_number_beyond_all_bounds_is_no_exception(number: str) -> None:
    """Law 3: numbers beyond Python's limits on digits and exponents raise nothing."""
    for field in ("Quantity", "Id", "Unheard"):
        found = read(f'{{"Status": "New", "{field}": {number}}}'.encode())
        assert found is None or found.quantity is None


OTHERS = {
    "id": {"Id": 3, "AccountId": 1},
    "account": {"Id": 2, "AccountId": 7},
    "id alone": {"Id": 3},
    "account alone": {"AccountId": 7},
    "swapped": {"Id": 1, "AccountId": 2},
    "id as text": {"Id": "3", "AccountId": 1},
    "account as text": {"Id": 2, "AccountId": "7"},
    "id as a fraction": {"Id": 2.5},
    "another id as a fraction": {"Id": 3.0},
    "id with an exponent": {"Id": 1e99},
    "id that is true": {"Id": True, "AccountId": True},
}


@pytest.mark.parametrize("named", OTHERS.values(), ids=OTHERS)
def test_another_order_is_not_this_one(named: dict[str, object]) -> None:
    """Law 1: a reply with another id, of any type, proves nothing about this order."""
    assert read(named | {"Status": "Canceled"}) is None


@pytest.mark.parametrize(
    "body",
    {
        "nothing": b"",
        "null": b"null",
        "list": b'[{"Status": "Canceled"}]',
        "text": b'"Canceled"',
        "cut": b'{"Status": "Canceled"',
        "html": b"<html>Canceled</html>",
        "not utf-8": b'{"Status": "\xff"}',
        "deep": b"[" * 100_000,
        "a key twice": b'{"Id": 2, "Status": "New", "Status": "Canceled"}',
        "a key twice further in": b'{"Id": 2, "Status": "Canceled", "Legs": [{"Id": 3, "Id": 4}]}',
    }.values(),
)
def test_what_is_no_order_is_none(body: bytes) -> None:
    """A body that is not a JSON object, or that has a key twice, is no order."""
    assert read(body) is None


def test_a_reply_that_was_cut_off_decides_nothing() -> None:
    """Law 1: a reply that was cut off gives no order, even if what arrived is valid JSON."""
    body = b'{"Id": 2, "AccountId": 1, "Status": "Canceled"}'
    assert order_of(Reply(status_code=200, body=body, is_whole=False), account_id=1, order_id=2) is None


def test_only_a_200_brings_an_order() -> None:
    """No other reply brings an order, whatever its body is."""
    body = b'{"Status": "Canceled"}'
    found = [
        code for code in range(100, 1000) if order_of(Reply(status_code=code, body=body), account_id=1, order_id=2)
    ]
    assert found == [200]
    assert order_of(NoResponse(reason="reset"), account_id=1, order_id=2) is None
    assert order_of(NotWritten(reason="refused"), account_id=1, order_id=2) is None


@given(st.binary(max_size=60) | st.recursive(st.none() | st.text() | st.integers() | st.floats(), st.lists).map(repr))
@example(b'{"Date": 1, "Id": {}}')
@example('{"Quantity": 1e999999999999999999999}')
def test_no_body_is_an_exception(body: bytes | str) -> None:
    """Law 3: any body gives an order or None."""
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "replace")
    for content in (raw, b'{"Quantity": %s}' % raw, b'{"Id": %s}' % raw, b'{"Date": "%s"}' % raw):
        found = order_of(Reply(status_code=200, body=content), account_id=1, order_id=2)
        assert found is None or (found.account_id, found.order_id) == (1, 2)


def test_the_repr_of_an_order_leaves_unknown_fields_out() -> None:
    """Law 5: a secret under an unknown field does not get into a repr."""
    assert "s3cr3t" not in repr(order(Authorization="Bearer s3cr3t"))


def test_no_secret_gets_into_an_order() -> None:
    """Law 5: a secret is masked in every field, known or not."""
    secret = Secret("an-access-token")
    body = {"Description": "bad an-access-token", "Note": ["an-access-token", {"an-access-token": 1}], "Status": "New"}
    reply = Reply(status_code=200, body=json.dumps(body).encode())
    order = order_of(reply, account_id=1, order_id=2, secrets=(secret,))
    assert order
    assert order.status == "New"
    assert "an-access-token" not in str(asdict(order))


@pytest.mark.parametrize("named", ["2", 2.0, "02"])
def test_an_order_that_is_named_as_text_is_that_order(named: object) -> None:
    """An id that is written as text or as a float is the same id, because fields change their types."""
    order = read({"Id": named, "AccountId": "1", "Status": "Canceled"})
    assert isinstance(order, Order)
    assert (order.named, order.state) == (True, State.CANCELLED)


def test_an_order_that_is_not_named_proves_nothing() -> None:
    """Law 1: a reply without an id may describe another order."""
    for unnamed in ({"Status": "Canceled"}, {"Id": None, "AccountId": 1, "Status": "Canceled"}):
        order = read(unnamed)
        assert isinstance(order, Order)
        assert (order.named, order.status, order.state) == (False, "Canceled", State.UNKNOWN)
