# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""The mark of an argument that was not given, and JSON objects that mean one thing only."""

from collections.abc import Sequence
from typing import Any, Final, Literal


class Unset:
    """The type of UNSET, which is false in a condition."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset()


def unique_members(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members; raises ValueError where a name comes twice, as readers differ about its value."""
    made = dict(members)
    if len(made) != len(members):
        raise ValueError("a name comes twice")
    return made
