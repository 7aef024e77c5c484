"""Entries of `[[accepted]]` that no finding needed, so that people remove them."""

from collections.abc import Iterable, Sequence
from typing import Final

import pytest

from autoshares_cancel.contract.report.results import Trial
from autoshares_cancel.contract.report.shape import AcceptedEntry, CellReport

ACCEPTED: Final = pytest.StashKey[list[AcceptedEntry]]()
"""The accepted entries of the file, stored by the suite; a test names the entries that it needed by position."""


def unneeded(
    entries: Sequence[AcceptedEntry], trials: Iterable[Trial], cells: Sequence[CellReport]
) -> list[AcceptedEntry]:
    """Return the entries without a finding. An entry whose cells were not shown is left out: it may be needed."""
    needed = {number for trial in trials for number in trial.needed()}
    return [entry for number, entry in enumerate(entries) if number not in needed and not _is_hidden(entry, cells)]


def is_inside(place: str, check: str) -> bool:
    """Whether a check covers a cell, given as `section · row · column`."""
    return f"{place} · ".startswith(f"{check} · ")


def _is_hidden(entry: AcceptedEntry, cells: Iterable[CellReport]) -> bool:
    places = {f"{cell['section']} · {cell['row']} · {cell['column']}": cell["state"] for cell in cells}
    return {state for place, state in places.items() if is_inside(place, entry["check"])} == {"not shown"}
