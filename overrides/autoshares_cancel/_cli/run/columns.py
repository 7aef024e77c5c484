"""Finds the two ids in a header or an object, in the spellings that people have, and the delimiter of a CSV file. Pure.

1. `account_id` may be written `accountId`, `Account ID`, `ACCOUNT-ID` and the like, and so may `order_id`. Other names,
   such as `Order No`, are not read: an order has several numbers at a broker, and only one of them cancels it.
2. Two names that mean the same id are refused, because nothing tells which is right.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from autoshares_cancel._validation import shortened
from autoshares_cancel.errors import ConfigurationError

ACCOUNT_ID: Final = "account_id"
ORDER_ID: Final = "order_id"
IDS: Final = (ACCOUNT_ID, ORDER_ID)
SPELLINGS: Final = re.compile(r"(account|order)[ _-]?id", re.ASCII | re.IGNORECASE)
DELIMITERS: Final = (",", ";", "\t")
"""Those that are found without --delimiter."""
TAB: Final = frozenset({"tab", "\\t", "\t"})
DELIMITER: Final = re.compile(r"[!#-&(-,/:;<-@\[\]^{-~\\]")
"""ASCII that is no letter, no digit, no blank, and not one of " ' - . _ `."""


class SameMeaning(Exception):
    """Two names mean the same id. The message names them."""


@lru_cache(1024)
def id_named(name: str) -> str | None:
    """Which of IDS a column or key is, or None."""
    found = SPELLINGS.fullmatch(name)
    return None if found is None else f"{found[1].lower()}_id"


def names_of_ids(names: Iterable[str]) -> dict[str, str]:
    """Find the names of the ids: a dict with those of IDS that are there. Raises SameMeaning."""
    found = dict[str, str]()
    for name in names:
        meant = id_named(name)
        if meant is None:
            continue
        if meant in found:
            raise SameMeaning(f"{shortened(found[meant])} and {shortened(name)} both mean {meant}: leave one out")
        found[meant] = name
    return found


def delimiter_of(text: str) -> str:
    """Read the argument of --delimiter. Raises ConfigurationError."""
    if text.lower() in TAB:
        return "\t"
    if not DELIMITER.fullmatch(text):
        raise ConfigurationError(f"it must be one character, such as ; or |, or the word tab, not {shortened(text)}")
    return text
