"""What the specification says of every call (house rule 2). The generated package has the values.

Where a literal is written here, too, another value needs other code, and fails the type checkers in this module.
"""

from typing import Final, Literal

from autoshares_openapi import types

_ORDER_ID: Literal["integer (int32)"] = types.ORDER_ID_TYPE
_ACCOUNT_ID: Literal["integer (int32)"] = types.ACCOUNT_ID_TYPE
IDS: Final = types.ORDER_ID
"""The numbers that an order and an account may have."""

DEFAULT_VERSION: Final = types.DEFAULT_VERSION

APP_KEY_HEADER: Final = types.APP_KEY_HEADER
TOKEN_HEADER: Final = types.TOKEN_HEADER
ACCEPT: Final = types.ACCEPT
"""Every media type that a reply may have."""
_SENT: Final[tuple[Literal["Authorization, Et-App-Key"], ...]] = types.ORDER_CREDENTIALS
