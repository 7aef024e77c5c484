"""From an edit of the vendor to the rating; `make rehearse` runs all twelve cases."""

from pathlib import Path

import pytest
from rehearsal.checkers import pyright
from rehearsal.edits import REHEARSED, Rehearsed
from rehearsal.walk import walk

RELEASED = Path(__file__).parents[3] / "openapi" / "released"


@pytest.mark.parametrize("rehearsed", [each for each in REHEARSED if each.what == "404 and 429 are added"])
def test_new_statuses_lead_to_a_rating(rehearsed: Rehearsed, tmp_path: Path) -> None:
    """`make watch` reports new statuses until they are recorded and specified; the rating is major."""
    seen = walk(rehearsed, tmp_path)
    assert (seen.watch_code, seen.code_after_edits, seen.compat_code) == (1, 0, 1)
    assert seen.found() == list(rehearsed.watched)
    assert seen.rating == rehearsed.rating


@pytest.mark.tools
def test_pyright_runs_once_and_finds_in_each_copy_what_is_there(tmp_path: Path) -> None:
    """Pyright checks each copy with its own files, though the packages of the copies have the same names."""
    statuses = {"01": "204, 404", "02": "204"}
    for name, values in statuses.items():
        files = {
            "generated/autoshares_openapi/__init__.py": "",
            "generated/autoshares_openapi/types.py": f"from typing import Literal\n\nStatus = Literal[{values}]\n",
            "overrides/user.py": "from autoshares_openapi.types import Status\n\n\ndef known(status: Status) -> None:\n"
            "    expected: Status = 204\n    other: int = status\n    print(expected, other, 404 == status)\n",
        }
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text, encoding="utf-8")
    first, second = pyright([tmp_path / name for name in statuses]).values()
    assert first == []
    (line,) = second
    assert line.startswith("overrides/user.py:7: Condition will always evaluate to False")


def test_twelve_edits_of_the_vendor_are_rehearsed() -> None:
    """There are twelve rehearsed edits, each with its own name."""
    assert len({each.what for each in REHEARSED}) == 12


def test_every_release_keeps_specification_and_pages() -> None:
    """Each release keeps its specification and the vendor's pages, so that a rewording is found, too."""
    for folder in RELEASED.iterdir():
        assert (folder / "autoshares.yaml").is_file()
        assert list((folder / "vendor").glob("*.yaml"))
