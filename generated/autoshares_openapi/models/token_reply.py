# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""The model TokenReply."""

from collections.abc import Mapping
from typing import Any, Self, cast

from attrs import field, frozen

from ..types import UNSET, Unset


@frozen(kw_only=True)
class TokenReply:
    """The result of one step of the log-in."""

    state: str
    """Succeeded, Expecting or Failed."""
    step: str | Unset = UNSET
    """The proof that the log-in needs, or the one that it refused."""
    reason: str | Unset = UNSET
    """A sentence for people."""
    token: str | Unset = field(default=UNSET, repr=False)
    """An access token with Succeeded, an interim token with Expecting."""
    additional_properties: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """What the specification does not know, and what was not of the declared type. Never printed."""

    @classmethod
    def from_dict(cls, source: object) -> Self:
        """Read a JSON object; raises TypeError when it is none or lacks a required field."""
        if not isinstance(source, dict):
            raise TypeError("not a JSON object")
        rest = cast(dict[str, Any], source).copy()
        known: dict[str, Any] = {}
        if type(rest.get("State")) is str:
            known["state"] = rest.pop("State")
        if type(rest.get("Step")) is str:
            known["step"] = rest.pop("Step")
        if type(rest.get("Reason")) is str:
            known["reason"] = rest.pop("Reason")
        if type(rest.get("Token")) is str:
            known["token"] = rest.pop("Token")
        return cls(**known, additional_properties=rest)
