# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""The model OrderPageReply."""

from collections.abc import Mapping
from typing import Any, Self, cast

from attrs import field, frozen

from ..models.order_reply import OrderReply
from ..types import UNSET, Unset


@frozen(kw_only=True)
class OrderPageReply:
    """One page of a list of orders, with links to its neighbours. The vendor guarantees no field."""

    result: tuple[OrderReply, ...] | Unset = UNSET
    """The orders on this page."""
    next_page_link: str | Unset = UNSET
    """The URL of the next page; empty on the last one."""
    previous_page_link: str | Unset = UNSET
    """The URL of the previous page; empty on the first one."""
    total_count: int | Unset = UNSET
    """The number of orders on all pages."""
    additional_properties: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """What the specification does not know, and what was not of the declared type. Never printed."""

    @classmethod
    def from_dict(cls, source: object) -> Self:
        """Read a JSON object; raises TypeError when it is none or lacks a required field."""
        if not isinstance(source, dict):
            raise TypeError("not a JSON object")
        rest = cast(dict[str, Any], source).copy()
        known: dict[str, Any] = {}
        if type(rest.get("Result")) is list:
            items = cast(list[Any], rest.pop("Result"))
            known["result"] = tuple(
                OrderReply.from_dict(cast(dict[str, Any], item)) for item in items if isinstance(item, dict)
            )
            if others := [item for item in items if not isinstance(item, dict)]:
                rest["Result"] = others
        if type(rest.get("NextPageLink")) is str:
            known["next_page_link"] = rest.pop("NextPageLink")
        if type(rest.get("PreviousPageLink")) is str:
            known["previous_page_link"] = rest.pop("PreviousPageLink")
        if type(rest.get("TotalCount")) is int:
            known["total_count"] = rest.pop("TotalCount")
        return cls(**known, additional_properties=rest)
