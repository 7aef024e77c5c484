# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""The model OrderReply."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self, cast

from attrs import field, frozen

from ..types import UNSET, Unset


@frozen(kw_only=True)
class OrderReply:
    """An order. The vendor names more fields than these, and guarantees none."""

    id: int | Unset = UNSET
    """The order's number."""
    account_id: int | Unset = UNSET
    """The trading account that owns the order."""
    symbol: str | Unset = UNSET
    """The security."""
    side: str | Unset = UNSET
    """Buy, Sell and so on."""
    type_: str | Unset = UNSET
    """Market, Limit and so on."""
    status: str | Unset = UNSET
    """New, PartiallyFilled, Filled, DoneForDay, Canceled, Replaced, PendingCancel, Stopped, Rejected, Suspended, PendingNew, Calculated, Expired, AcceptedForBidding, PendingReplace, Error, Held, or an undocumented one."""
    execution_status: str | Unset = UNSET
    """The state of the last execution."""
    quantity: Decimal | Unset = UNSET
    """The ordered quantity."""
    executed_quantity: Decimal | Unset = UNSET
    """The executed quantity."""
    leaves_quantity: Decimal | Unset = UNSET
    """The quantity that may still be executed."""
    average_price: Decimal | Unset = UNSET
    """The average price of the executed quantity."""
    description: str | Unset = UNSET
    """Why the order was rejected."""
    date: str | Unset = UNSET
    """When the order was placed, in UTC."""
    time_in_force: str | Unset = UNSET
    """How long the order stays in force. Day, GTC, GoodTillDate and so on."""
    create_date: str | Unset = UNSET
    """When the order was created, in UTC."""
    expire_date: str | Unset = UNSET
    """When a GoodTillDate order ends, in UTC."""
    legs: "tuple[OrderReply, ...] | Unset" = UNSET
    """The legs of a multi-leg order. Each leg is an order with its own number and status."""
    additional_properties: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """What the specification does not know, and what was not of the declared type. Never printed."""

    @classmethod
    def from_dict(cls, source: object) -> Self:
        """Read a JSON object; raises TypeError when it is none or lacks a required field."""
        if not isinstance(source, dict):
            raise TypeError("not a JSON object")
        rest = cast(dict[str, Any], source).copy()
        known: dict[str, Any] = {}
        if type(rest.get("Id")) is int:
            known["id"] = rest.pop("Id")
        if type(rest.get("AccountId")) is int:
            known["account_id"] = rest.pop("AccountId")
        if type(rest.get("Symbol")) is str:
            known["symbol"] = rest.pop("Symbol")
        if type(rest.get("Side")) is str:
            known["side"] = rest.pop("Side")
        if type(rest.get("Type")) is str:
            known["type_"] = rest.pop("Type")
        if type(rest.get("Status")) is str:
            known["status"] = rest.pop("Status")
        if type(rest.get("ExecutionStatus")) is str:
            known["execution_status"] = rest.pop("ExecutionStatus")
        if type(rest.get("Quantity")) in (int, Decimal):
            known["quantity"] = Decimal(rest.pop("Quantity"))
        if type(rest.get("ExecutedQuantity")) in (int, Decimal):
            known["executed_quantity"] = Decimal(rest.pop("ExecutedQuantity"))
        if type(rest.get("LeavesQuantity")) in (int, Decimal):
            known["leaves_quantity"] = Decimal(rest.pop("LeavesQuantity"))
        if type(rest.get("AveragePrice")) in (int, Decimal):
            known["average_price"] = Decimal(rest.pop("AveragePrice"))
        if type(rest.get("Description")) is str:
            known["description"] = rest.pop("Description")
        if type(rest.get("Date")) is str:
            known["date"] = rest.pop("Date")
        if type(rest.get("TimeInForce")) is str:
            known["time_in_force"] = rest.pop("TimeInForce")
        if type(rest.get("CreateDate")) is str:
            known["create_date"] = rest.pop("CreateDate")
        if type(rest.get("ExpireDate")) is str:
            known["expire_date"] = rest.pop("ExpireDate")
        if type(rest.get("Legs")) is list:
            items = cast(list[Any], rest.pop("Legs"))
            known["legs"] = tuple(
                OrderReply.from_dict(cast(dict[str, Any], item)) for item in items if isinstance(item, dict)
            )
            if others := [item for item in items if not isinstance(item, dict)]:
                rest["Legs"] = others
        return cls(**known, additional_properties=rest)
