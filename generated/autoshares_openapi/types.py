# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""What all operations have in common, the mark of an argument that was not given, and JSON objects that are clear."""

from collections.abc import Sequence
from typing import Any, Final, Literal

ACCOUNT_ID_TYPE: Final = "integer (int32)"
ACCOUNT_ID: Final = range(-2147483648, 2147483647 + 1)
ORDER_ID_TYPE: Final = "integer (int32)"
ORDER_ID: Final = range(-2147483648, 2147483647 + 1)
DEFAULT_VERSION: Final = "1"
APP_KEY_HEADER: Final = "Et-App-Key"
TOKEN_HEADER: Final = "Authorization"
ACCEPT: Final = "application/json, text/json"
ORDER_CREDENTIALS: Final[tuple[Literal["Authorization, Et-App-Key"], ...]] = ("Authorization, Et-App-Key",)
"""The credentials that calls about orders need, once for each way."""


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
