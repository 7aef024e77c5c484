"""Tables of cases: `make test` runs some cases that have every value, and `make tables` runs all cases."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest


def crossed(*columns: Sequence[Any]) -> list[Any]:
    """Every combination of these values; `make test` runs a diagonal, which has every value of each column."""
    longest = max(map(len, columns))
    diagonal = {tuple(row % len(column) for column in columns) for row in range(longest)}
    return [
        _case(tuple(column[index] for column, index in zip(columns, indices, strict=True)), kept=indices in diagonal)
        for indices in product(*(range(len(column)) for column in columns))
    ]


def mainly(kept: Any, values: Sequence[Any]) -> list[Any]:
    """One case for each value; `make test` runs the case of `kept`."""
    return [_case((value,), kept=value == kept) for value in values]


def _case(values: tuple[Any, ...], *, kept: bool) -> Any:
    name = "-".join(value if isinstance(value, str) else getattr(value, "name", str(value)) for value in values)
    return pytest.param(*values, id=name, marks=() if kept else pytest.mark.table)
