"""Computes the next version, and writes the changelog's section for it. Pure."""

import re
from datetime import date
from typing import Final

from contract_facts.bases import Version, shown
from contract_facts.ratings import Rating
from contract_facts.verdict import next_version
from releasing.steps import Stopped

PARTS: Final = ("major", "minor", "patch")
_UNRELEASED: Final = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def bumped(version: Version, part: str) -> Version:
    """Return the version with one part raised, like `uv version --bump`."""
    at = PARTS.index(part)
    raised = (*version[:at], version[at] + 1, 0, 0)
    return raised[0], raised[1], raised[2]


def next_release(base: Version | None, current: Version, rating: Rating, bump: str) -> Version:
    """Return the version to release. `base` is the last release, None before the first; `current` is pyproject.toml's.

    Every release is at least a patch. Raises Stopped if `bump` gives a smaller version than the rating requires.
    """
    wanted = bumped(current, bump) if bump else current
    least = current if base is None else next_version(base, max(rating, Rating.PATCH))
    if wanted >= least:
        return wanted
    if bump:
        raise Stopped(f"BUMP={bump} makes it {shown(wanted)}, and {rating} makes it {shown(least)} or later")
    return least


def with_version(changelog: str, version: Version, day: date) -> str:
    """Replace "Unreleased" in the changelog by version and date. Raises Stopped if there is nothing to release."""
    section = _UNRELEASED.search(changelog)
    if section is None or not re.search(r"^- ", section[1], re.MULTILINE):
        raise Stopped('CHANGELOG.md: no entry below "## Unreleased"')
    if section.start() != changelog.index("\n## ") + 1:
        raise Stopped('CHANGELOG.md: "## Unreleased" is not the newest section')
    heading = f"## {shown(version)} ({day.isoformat()})\n"
    return f"{changelog[: section.start()]}{heading}{section[1]}{changelog[section.end() :]}"
