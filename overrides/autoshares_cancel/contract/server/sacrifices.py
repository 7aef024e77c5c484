"""Reads and checks the orders that one run may cancel, in place of `orders.open` of the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Final

from attrs import evolve

from autoshares_cancel import ConfigurationError
from autoshares_cancel._validation import parse_id, shortened
from autoshares_cancel.contract.report.masking import Mask
from autoshares_cancel.contract.server.scenario_table import Table

VARIABLE: Final = "CONTRACT_OPEN_ORDERS"
MOST: Final = 1000
"""Most orders: more than any table needs, and few enough for an environment variable."""
HIGHEST: Final = 999_999_999


def read_numbers(name: str, text: str) -> list[int]:
    """Parse order numbers separated by commas, blanks or line ends.

    Raises ConfigurationError for anything but plain digits, for a number given twice, and for more than MOST numbers;
    its message begins with `name`.
    """
    words = _words(text)
    if not words:
        raise ConfigurationError(f"{name} must be order numbers in plain digits, and there are none")
    if not all(map(_is_number, words)):
        wrong = next(word for word in _words(Mask()(text)) if not _is_number(word))  # a program may print a secret
        raise ConfigurationError(f"{name} must be order numbers in plain digits, not {shortened(wrong)}")
    if len(words) > MOST:
        raise ConfigurationError(f"{name} must be at most {MOST} order numbers, not {len(words)}")
    numbers = [parse_id(name, word) for word in words]
    twice = [number for number, count in Counter(numbers).items() if count > 1]
    if twice:
        raise ConfigurationError(f"{name} has order {twice[0]} twice, and it can be cancelled once")
    return numbers


def replace_open(table: Table | None, numbers: Sequence[int], name: str) -> Table:
    """Return the table with these open orders. Raises ConfigurationError if it is missing or names no account."""
    if table is None or table.account is None:
        raise ConfigurationError(f"{name} needs --scenarios FILE, and in the file the account that has the orders")
    return evolve(table, orders={**table.orders, "open": list(numbers)})


def named_elsewhere(table: Table) -> set[int]:
    """Return the orders that the table needs for other checks than cancelling them."""
    pools = {number for kind, numbers in table.orders.items() if kind != "open" for number in numbers}
    return pools | {scenario.order for scenario in table.scenarios if isinstance(scenario.order, int)}


def unused_numbers(table: Table, count: int) -> list[int]:
    """Return `count` numbers that the file does not name, for a plan: the highest first, as `newest_open` does."""
    named = named_elsewhere(table)
    return list(islice((number for number in range(HIGHEST, 0, -1) if number not in named), count))


def _words(text: str) -> list[str]:
    return re.findall(r"[^,\s]+", text, re.ASCII)


def _is_number(word: str) -> bool:
    return re.fullmatch(r"0*[1-9][0-9]{0,9}", word) is not None
