"""Checks that are new in a release: until the next minor release their findings are pending, shown but not counted.

`@pytest.mark.since("0.2")` on a test of the suite names the minor release. From the next minor release on, its findings
count. In a run that writes no report they count at once, so that `make test` notices them at the mock.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

MARKER: Final = 'since(release): the minor release, as "0.2", in which the check is new: its findings are pending in it'
_RELEASE: Final = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


def mark_pending(items: Sequence[pytest.Item], version: str, *, has_report: bool) -> None:
    """Let pending tests fail without failing the run. Raises UsageError for a wrong marker."""
    for item in items:
        since = since_of(item, version)
        if since and has_report and is_pending(since, version):
            item.user_properties.append(("contract_pending", {"since": since}))
            item.add_marker(pytest.mark.xfail(reason=f"new in {since}", strict=False), append=False)


def since_of(item: pytest.Item, version: str) -> str:
    """Return the release that a test's marker names; empty without a marker. Raises UsageError for a wrong marker."""
    marks = [(mark.args, mark.kwargs) for mark in item.iter_markers("since")]
    if not marks:
        return ""
    problem = "a test has one such marker" if len(marks) > 1 else _problem(*marks[0], version)
    if problem:
        raise pytest.UsageError(f"{item.nodeid}: {problem}")
    return str(marks[0][0][0])


def is_pending(since: str, version: str) -> bool:
    """Whether findings of a check that is new in `since` don't count yet in this version of the package."""
    return _minor(version) <= _minor(since)


def _problem(args: tuple[Any, ...], kwargs: Mapping[str, Any], version: str) -> str:
    if kwargs or len(args) != 1 or not isinstance(args[0], str) or not _RELEASE.fullmatch(args[0]):
        return 'the marker must be since("MAJOR.MINOR"), as in @pytest.mark.since("0.2")'
    major, minor = _minor(version)
    if _minor(args[0]) > (major, minor) and _minor(args[0]) not in {(major, minor + 1), (major + 1, 0)}:
        return f"since({args[0]!r}) is neither a release nor the next one: this is {version}"
    return ""


def _minor(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)
