"""The words, numbers and field names that the vendor documents for an order. They are never masked.

A secret may equal one of them, or a part of one. A mask there would hide the outcome of an order and protect nothing,
because these words are public.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final, Literal, get_args

from autoshares_cancel._values.status import STATES

Side = Literal["Buy", "Sell", "SellShort", "BuyToCover"]
"""What an order does, in the vendor's words."""
SIDES: Final[tuple[Side, ...]] = get_args(Side)

WORDS: Final[Mapping[str, Collection[str]]] = {
    "Status": STATES,
    "ExecutionStatus": STATES,
    "Side": SIDES,
    "Type": {
        "Market",
        "Limit",
        "Stop",
        "StopLimit",
        "Pegged",
        "TrailingStop",
        "TrailingStopLimit",
        "OneCancelOther",
        "OneTriggerOther",
        "OneTriggerOneCancelOther",
        "External",
    },
    "TimeInForce": {
        "Day",
        "GTC",
        "GoodTillCancel",
        "AtTheOpening",
        "ImmediateOrCancel",
        "FillOrKill",
        "GoodTillCrossing",
        "GoodTillDate",
        "GoodTillTime",
    },
    "Target": {"Ignore", "New", "Modify", "Cancel", "Execution", "Status", "CancelReject", "Reject", "Error", "All"},
    "RequestStatus": {"RequireValidation", "Validated", "Rejected", "Executing", "Complete", "Error"},
}
"""The words of each field, from the vendor's definitions of an order; GTC is from the examples."""

NUMBERS: Final = {
    "Id",
    "AccountId",
    "ParentId",
    "Quantity",
    "ExecutedQuantity",
    "LeavesQuantity",
    "AveragePrice",
    "Price",
    "StopPrice",
}
"""Fields whose numbers decide: ids, quantities and prices."""

FIELDS: Final = {
    *WORDS,
    *NUMBERS,
    "Symbol",
    "Description",
    "Date",
    "CreateDate",
    "TransactionDate",
    "ExpireDate",
    "ExecInst",
    "Legs",
    "ParentClientId",
    "OrigClientId",
    "ParentRequestId",
}
"""Every field that the vendor names."""

NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def is_documented(field: str, text: str) -> bool:
    """Whether a text is a documented word of this field, or a number in a field whose numbers decide. Pure."""
    return text in WORDS.get(field, ()) or (field in NUMBERS and NUMBER.fullmatch(text) is not None)
