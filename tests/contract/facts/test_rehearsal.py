"""The way from the vendor's edit to the rating; `make rehearse` walks all twelve."""

from pathlib import Path

import pytest
from rehearsal.edits import REHEARSED, Rehearsed
from rehearsal.walk import walk

RELEASED = Path(__file__).parents[3] / "openapi" / "released"


@pytest.mark.parametrize("rehearsed", [each for each in REHEARSED if each.what == "404 and 429 are added"])
def test_new_statuses_lead_to_a_rating(rehearsed: Rehearsed, tmp_path: Path) -> None:
    """Watching finds them, recording and specifying them ends the watch, and the rating is major."""
    seen = walk(rehearsed, tmp_path)
    assert (seen.watch_code, seen.code_after_edits, seen.compat_code) == (1, 0, 1)
    assert seen.found() == list(rehearsed.watched)
    assert seen.rating == rehearsed.rating


def test_every_way_of_the_vendor_is_rehearsed() -> None:
    """Twelve, each under its own name."""
    assert len({each.what for each in REHEARSED}) == 12


def test_the_last_release_is_kept_whole() -> None:
    """Its specification and the vendor's pages, so that a rewording shows, too."""
    for folder in RELEASED.iterdir():
        assert (folder / "autoshares.yaml").is_file()
        assert list((folder / "vendor").glob("*.yaml"))
