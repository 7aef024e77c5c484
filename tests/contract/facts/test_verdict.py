"""What a rating asks of version and changelog."""

import pytest

from contract_facts.bases import Version, shown
from contract_facts.changes import Change
from contract_facts.ratings import Rating
from contract_facts.verdict import code_of, next_version, verdict

PATCH = Change(kind="gone", subject="media type", name="text/json")
MINOR = Change(kind="new", subject="operation", name="GET /")
MAJOR = Change(kind="new", subject="status", name="404")
REWORDED = Change(kind="reworded", subject="status", name="409", detail="fingerprint a -> b")
UNKNOWN = Change(kind="transformed", subject="everything", name="at once")
BASE: Version = (0, 1, 0)
NEXT = {Rating.PATCH: (0, 1, 1), Rating.MINOR: (0, 1, 1), Rating.MAJOR: (0, 2, 0)}


def changelog(*lines: str, heading: str = "Unreleased") -> str:
    written = "".join(f"{line}\n" for line in lines)
    return f"# Changelog\n\n## {heading}\n\n{written}\n### Added\n\n## 0.1.0\n\nRating: major\n"


@pytest.mark.parametrize(
    ("base", "rating", "least"),
    [
        ((0, 1, 4), Rating.MAJOR, (0, 2, 0)),
        ((0, 1, 4), Rating.MINOR, (0, 1, 5)),
        ((0, 1, 4), Rating.PATCH, (0, 1, 5)),
        ((1, 2, 3), Rating.MAJOR, (2, 0, 0)),
        ((1, 2, 3), Rating.MINOR, (1, 3, 0)),
        ((1, 2, 3), Rating.PATCH, (1, 2, 4)),
        ((1, 2, 3), Rating.NONE, (1, 2, 3)),
    ],
)
def test_a_rating_gives_the_next_version(base: Version, rating: Rating, least: Version) -> None:
    """Before 1.0 major is a minor version, and everything else a patch."""
    assert next_version(base, rating) == least


@pytest.mark.parametrize(("change", "rating"), [(PATCH, Rating.PATCH), (MINOR, Rating.MINOR), (MAJOR, Rating.MAJOR)])
def test_version_and_changelog_follow_the_rating(change: Change, rating: Rating) -> None:
    """Each is named if it is smaller; larger ones are fine."""
    enough = changelog(f"Rating: {rating}", heading="0.2.0")
    assert verdict([change], BASE, NEXT[rating], enough).missing == ()
    assert verdict([change], BASE, (0, 2, 0), changelog("Rating: major")).missing == ()
    assert [line.split(":")[0] for line in verdict([change], BASE, BASE, enough).missing] == ["pyproject.toml"]
    for text in (changelog(), changelog(f"Rating: {Rating(rating - 1)}"), "", "# Changelog\n"):
        (line,) = verdict([change], BASE, NEXT[rating], text).missing
        assert line == f"CHANGELOG.md: write below the newest heading: Rating: {rating}"


@pytest.mark.parametrize("change", [PATCH, MINOR, MAJOR])
def test_an_unreleased_section_needs_no_version(change: Change) -> None:
    """`make release` raises it; a section with a version has one that is large enough."""
    lines = ("Rating: major",)
    assert verdict([change], BASE, BASE, changelog(*lines)).missing == ()
    for heading in ("0.1.1", "[0.1.1]", "0.1.1 (2026-11-26)"):
        (line,) = verdict([change], BASE, BASE, changelog(*lines, heading=heading)).missing
        assert line.startswith("pyproject.toml: 0.1.0 is too small")


def test_the_highest_rating_counts() -> None:
    """One major change among patches is a major change."""
    assert verdict([PATCH, MAJOR, MINOR], BASE, (0, 2, 0), changelog()).rating is Rating.MAJOR


@pytest.mark.parametrize("change", [REWORDED, UNKNOWN])
def test_what_the_table_does_not_know_waits_for_a_person(change: Change) -> None:
    """It is never a patch by itself, and a rating without its code decides nothing."""
    for text in (changelog(), changelog("Rating: major"), changelog("Rating: major, decided 00000000")):
        found = verdict([change, PATCH], BASE, (1, 0, 0), text)
        assert found.rating is Rating.DECIDE
        assert f"decided {code_of([change])}" in found.missing[0]


def test_a_person_decides_for_exactly_these_changes() -> None:
    """The decision is the rating; another change asks again."""
    decided = changelog(f"Rating: major, decided {code_of([REWORDED])}")
    found = verdict([REWORDED], BASE, (0, 2, 0), decided)
    assert (found.rating, found.missing) == (Rating.MAJOR, ())
    dated = decided.replace("## Unreleased", "## 0.1.1 (2026-11-26)")
    assert verdict([REWORDED], BASE, (0, 1, 1), dated).missing[0].startswith("pyproject.toml")
    assert verdict([REWORDED, UNKNOWN], BASE, (0, 2, 0), decided).rating is Rating.DECIDE


def test_a_decision_is_never_below_the_table() -> None:
    """A major change beside a decided one stays major."""
    decided = changelog(f"Rating: patch, decided {code_of([REWORDED])}")
    assert verdict([REWORDED, MAJOR], BASE, (0, 2, 0), decided).rating is Rating.MAJOR
    assert verdict([REWORDED, MAJOR], BASE, (0, 2, 0), decided).missing


def test_ratings_of_released_versions_do_not_count() -> None:
    """The section of the base has one, and the new section needs its own; sections between count."""
    assert verdict([MAJOR], BASE, (0, 2, 0), changelog()).missing
    between = changelog().replace("## 0.1.0", "## 0.2.0\n\nRating: major\n\n## 0.1.0")
    assert verdict([MAJOR], BASE, (0, 2, 0), between).missing == ()


def test_nothing_is_asked_if_nothing_has_changed() -> None:
    """Neither a line nor a version."""
    assert verdict([], BASE, BASE, "") == verdict([], None, BASE, changelog())
    assert shown(BASE) == "0.1.0"
