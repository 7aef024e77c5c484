# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""The model CancelReply."""

from collections.abc import Mapping
from typing import Any, Self, cast

from attrs import field, frozen


@frozen(kw_only=True)
class CancelReply:
    """The body of a 200. The vendor names no field, so any field is allowed."""

    additional_properties: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """What the specification does not know, and what was not of the declared type. Never printed."""

    @classmethod
    def from_dict(cls, source: object) -> Self:
        """Read a JSON object; raises TypeError when it is none or lacks a required field."""
        if not isinstance(source, dict):
            raise TypeError("not a JSON object")
        rest = cast(dict[str, Any], source).copy()
        known: dict[str, Any] = {}
        return cls(**known, additional_properties=rest)
