"""What a rating requires of the version and the changelog."""

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
    """Before 1.0, a major change raises the minor version, and every other change the patch version."""
    assert next_version(base, rating) == least


@pytest.mark.parametrize(("change", "rating"), [(PATCH, Rating.PATCH), (MINOR, Rating.MINOR), (MAJOR, Rating.MAJOR)])
def test_version_and_changelog_follow_the_rating(change: Change, rating: Rating) -> None:
    """A version or a written rating that is too small is reported; a larger one is accepted."""
    enough = changelog(f"Rating: {rating}", heading="0.2.0")
    assert verdict([change], BASE, NEXT[rating], enough).missing == ()
    assert verdict([change], BASE, (0, 2, 0), changelog("Rating: major")).missing == ()
    assert [line.split(":")[0] for line in verdict([change], BASE, BASE, enough).missing] == ["pyproject.toml"]
    for text in (changelog(), changelog(f"Rating: {Rating(rating - 1)}"), "", "# Changelog\n"):
        (line,) = verdict([change], BASE, NEXT[rating], text).missing
        assert line == f"CHANGELOG.md: write below the newest heading: Rating: {rating}"


@pytest.mark.parametrize("change", [PATCH, MINOR, MAJOR])
def test_an_unreleased_section_needs_no_version(change: Change) -> None:
    """An unreleased section may keep the version; a section with a version needs one that is large enough."""
    lines = ("Rating: major",)
    assert verdict([change], BASE, BASE, changelog(*lines)).missing == ()
    for heading in ("0.1.1", "[0.1.1]", "0.1.1 (2026-11-26)"):
        (line,) = verdict([change], BASE, BASE, changelog(*lines, heading=heading)).missing
        assert line.startswith("pyproject.toml: 0.1.0 is too small")


def test_the_highest_rating_counts() -> None:
    """One major change among patches is a major change."""
    assert verdict([PATCH, MAJOR, MINOR], BASE, (0, 2, 0), changelog()).rating is Rating.MAJOR


@pytest.mark.parametrize("change", [REWORDED, UNKNOWN])
def test_an_unrated_change_waits_for_a_decision(change: Change) -> None:
    """An unknown change needs a decision; a rating without the code of the change decides nothing."""
    for text in (changelog(), changelog("Rating: major"), changelog("Rating: major, decided 00000000")):
        found = verdict([change, PATCH], BASE, (1, 0, 0), text)
        assert found.rating is Rating.DECIDE
        assert f"decided {code_of([change])}" in found.missing[0]


def test_a_person_decides_for_exactly_these_changes() -> None:
    """A decision sets the rating of exactly its changes; another change needs a new decision."""
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
    """The rating of the base's own section does not count; those of all later sections do."""
    assert verdict([MAJOR], BASE, (0, 2, 0), changelog()).missing
    between = changelog().replace("## 0.1.0", "## 0.2.0\n\nRating: major\n\n## 0.1.0")
    assert verdict([MAJOR], BASE, (0, 2, 0), between).missing == ()


def test_without_a_change_nothing_is_required() -> None:
    """Without a change, neither a changelog line nor a new version is required."""
    assert verdict([], BASE, BASE, "") == verdict([], None, BASE, changelog())
    assert shown(BASE) == "0.1.0"
