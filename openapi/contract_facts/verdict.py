"""Checks that version and changelog match the rating of the changes.

In the changelog a person writes one line below the newest heading:

    Rating: major
    Rating: minor, decided 1f3a9c2e

Below `## Unreleased` the version is not checked, because `make release` raises it.
The rating is that of the table, or a higher one. Changes that the table leaves to a person need the second form, whose
code stands for exactly these changes: another change needs another decision.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256

from attrs import frozen

from contract_facts.bases import Version, shown
from contract_facts.changes import Change
from contract_facts.ratings import Rating, highest, rating_of

_LINE = re.compile(r"^Rating: (major|minor|patch)(?:, decided ([0-9a-f]{8}))?\b", re.MULTILINE)


@frozen(kw_only=True)
class Verdict:
    """The rating of all changes, including a person's decision, and one sentence for each thing that is missing."""

    rating: Rating
    missing: tuple[str, ...]


def verdict(changes: Sequence[Change], base: Version | None, version: Version, changelog: str) -> Verdict:
    """Check version and changelog against the changes since the base."""
    rating, missing = _decided(changes, _ratings_since(base, changelog))
    is_due = base and Rating.NONE < rating < Rating.DECIDE and not is_unreleased(changelog)
    if base and is_due and version < (least := next_version(base, rating)):
        missing = [
            *missing,
            f"pyproject.toml: {shown(version)} is too small: {rating} makes it {shown(least)} or later",
        ]
    return Verdict(rating=rating, missing=tuple(missing))


def is_unreleased(changelog: str) -> bool:
    """Whether the newest section has no version yet, so that `make release` raises the version in pyproject.toml."""
    heading = re.search(r"^## .*", changelog, re.MULTILINE)
    return heading is not None and heading[0].strip() == "## Unreleased"


def code_of(changes: Sequence[Change]) -> str:
    """Return the code of the changes that a person must rate; empty if there are none."""
    undecided = sorted(str(change) for change in changes if rating_of(change) is Rating.DECIDE)
    return sha256("\n".join(undecided).encode()).hexdigest()[:8] if undecided else ""


def next_version(base: Version, rating: Rating) -> Version:
    """Return the smallest version that a rating allows. Before 1.0 major raises the minor part, and minor the patch."""
    major, minor, patch = base
    if rating is Rating.NONE:
        return base
    if major == 0:
        rating = Rating.MINOR if rating is Rating.MAJOR else Rating.PATCH
    steps = {
        Rating.MAJOR: (major + 1, 0, 0),
        Rating.MINOR: (major, minor + 1, 0),
        Rating.PATCH: (major, minor, patch + 1),
    }
    return steps[rating]


def _decided(changes: Sequence[Change], written: Sequence[tuple[Rating, str]]) -> tuple[Rating, list[str]]:
    """Return the rating, including a person's decision where one is needed, and what the changelog lacks."""
    least = highest(change for change in changes if rating_of(change) is not Rating.DECIDE)
    code = code_of(changes)
    if code:
        decisions = [rating for rating, decided in written if decided == code]
        if not decisions:
            choice = " or ".join(str(rating) for rating in Rating if max(least, Rating.PATCH) <= rating < Rating.DECIDE)
            line = f"Rating: {choice}, decided {code}"
            return Rating.DECIDE, [f"CHANGELOG.md: a person decides, and writes below the newest heading: {line}"]
        least = max(least, *decisions)
    if least > max((rating for rating, _ in written), default=Rating.NONE):
        return least, [f"CHANGELOG.md: write below the newest heading: Rating: {least}"]
    return least, []


def _ratings_since(base: Version | None, changelog: str) -> list[tuple[Rating, str]]:
    """Return the ratings in the sections above the base's section; if it has none, those in the newest section."""
    return [(Rating[rating.upper()], code) for rating, code in _LINE.findall("".join(_sections(base, changelog)))]


def _sections(base: Version | None, changelog: str) -> Iterator[str]:
    _, *sections = re.split(r"^(?=## )", changelog, flags=re.MULTILINE)
    of_base = re.compile(rf"## \[?{re.escape(shown(base))}\b" if base else r"(?!)")
    newer = next((at for at, section in enumerate(sections) if of_base.match(section)), 1)
    yield from sections[:newer]
