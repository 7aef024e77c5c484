"""Law 5: documented words of an order are shown whatever the secrets are; other texts are masked."""

import json
from decimal import Decimal
from typing import Any

import pytest
from attrs import asdict

from autoshares_cancel import Order
from autoshares_cancel._cancel.replies import order_of
from autoshares_cancel._values.evidence import Reply
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.status import STATES
from autoshares_cancel._values.words import FIELDS, WORDS

OF_ITS_OWN = ("Status", "Side", "Type", "ExecutionStatus", "TimeInForce")
"""Fields that are attributes of Order; all other fields are in `extra`."""


def shown(secret: str, **fields: Any) -> Order:
    """Read the order with this secret."""
    body = json.dumps({"Id": 2, "AccountId": 1} | fields).encode()
    order = order_of(Reply(status_code=200, body=body), account_id=1, order_id=2, secrets=(Secret(secret),))
    assert order is not None
    return order


@pytest.mark.parametrize("field", WORDS)
def test_a_documented_word_is_never_masked(field: str) -> None:
    """Law 5: a documented word in its own field is shown for any secret; an unknown word is masked like any text."""
    for word in WORDS[field]:
        for secret in (word, word[1:], word[:2]):
            order = shown(secret, **{field: word})
            values = (order.status, order.side, order.type, order.execution_status, order.time_in_force)
            own = dict(zip(OF_ITS_OWN, values, strict=True))
            assert {**own, **order.extra}[field] == word
    masked_order = shown("Frozen", **{field: "DeepFrozen"})
    assert "Frozen" not in str(asdict(masked_order))


@pytest.mark.parametrize("status", STATES)
def test_no_secret_hides_a_status(status: str) -> None:
    """Law 1: the state of an order does not depend on the secrets."""
    for secret in ("Status", "ted", "e", status, status[2:], "celed"):
        assert shown(secret, Status=status, TimeInForce="Day").state is STATES[status]


def test_numbers_that_decide_are_never_masked() -> None:
    """Law 5: quantities, prices and ids are shown, also as text; other numbers are masked, but no flag is."""
    for secret in ("1234", "12345", "true"):
        fields = {"Quantity": 12345, "AveragePrice": 1234.5, "Price": 12345, "ParentId": "12345", "Flag": True}
        order = shown(secret, **fields, Target=12345)
        assert (order.quantity, order.average_price) == (Decimal(12345), Decimal("1234.5"))
        kept = {name: order.extra[name] for name in ("Price", "ParentId", "Flag")}
        assert kept == {"Price": 12345, "ParentId": "12345", "Flag": True}
        assert (order.extra["Target"] == 12345) is (secret == "true")
    assert "1234" not in str(shown("1234", ParentId="x1234", UserId=12345, Note=1234.5).extra)


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_field_that_the_vendor_names_keeps_its_name(field: str) -> None:
    """Law 5: a documented name is shown for any secret; a name that only the server knows is masked."""
    assert field in shown(field, **{field: None}).extra
    assert field not in str([*shown(field, **{f"{field}-{field}": 1}).extra])


def test_legs_are_orders_too() -> None:
    """Law 5: the rules for an order apply to its legs, at any depth."""
    legs = [{"Id": 204, "Status": "Canceled", "Legs": [{"Id": 205, "Side": "Buy", "Note": "Buy"}]}]
    ((leg,), (masked_leg,)) = (shown(secret, Legs=legs).legs for secret in ("204", "Buy"))
    assert (leg.order_id, leg.status, leg.legs[0].extra) == (204, "Canceled", {"Note": "Buy"})
    assert (masked_leg.legs[0].side, masked_leg.legs[0].extra) == ("Buy", {"Note": "**********"})
