"""The table that rates changes of the contract, for a client that must handle every status, and for its users.

Its second part rates changes of the Python interface, for programs that use the package.

A change that the table does not have is `DECIDE`: a person rates it in the changelog.
"""

from collections.abc import Iterable
from enum import IntEnum

from contract_facts.changes import Change


class Rating(IntEnum):
    """The weight of a change. DECIDE is the highest, because a person may rate the change with any of the others."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3
    DECIDE = 4

    def __str__(self) -> str:
        return self.name.lower()


_PLACES = ("path parameter", "query parameter", "header")
_ARGUMENTS = ("argument", "field", "option")
_COMPARED = (*_ARGUMENTS, "public name", "outcome", "base", "value", "default", "exit code", "JSON key")

TABLE: dict[tuple[str, str], Rating] = {
    ("new", "operation"): Rating.MINOR,
    ("gone", "operation"): Rating.MAJOR,
    # Callers match the outcomes of all statuses and end with assert_never.
    ("new", "status"): Rating.MAJOR,
    ("gone", "status"): Rating.MAJOR,
    ("reworded", "status"): Rating.DECIDE,  # the status may have another meaning now
    ("gone", "media type"): Rating.PATCH,  # the other media types remain
    ("new optional", "query parameter"): Rating.MINOR,
    ("new optional", "header"): Rating.MINOR,
    ("new required", "query parameter"): Rating.MAJOR,
    ("new required", "header"): Rating.MAJOR,
    ("gone", "header"): Rating.DECIDE,  # a server may ignore or refuse it
    ("gone", "query parameter"): Rating.DECIDE,
    ("now required", "query parameter"): Rating.MAJOR,
    ("now required", "header"): Rating.MAJOR,
    ("renamed", "path parameter"): Rating.PATCH,  # its name is not sent
    ("renamed", "header"): Rating.PATCH,  # only capitals, which don't count
    **{("widened", place): Rating.MINOR for place in _PLACES},
    **{(kind, place): Rating.MAJOR for kind in ("narrowed", "retyped", "redefaulted") for place in _PLACES},
    **{("changed", f"documentation of {subject}"): Rating.PATCH for subject in ("operation", "media type")},
    **{("changed", f"documentation of {place}"): Rating.PATCH for place in _PLACES},
    # The Python interface, by the subjects of python_face. A person rates changed annotations.
    **{("new", subject): Rating.MINOR for subject in ("public name", "JSON key", "base")},
    **{("new optional", subject): Rating.MINOR for subject in _ARGUMENTS},
    **{("now optional", subject): Rating.MINOR for subject in _ARGUMENTS},
    **{("new required", subject): Rating.MAJOR for subject in _ARGUMENTS},
    **{("gone", subject): Rating.MAJOR for subject in _COMPARED},
    **{("changed", subject): Rating.MAJOR for subject in _COMPARED},
    ("now required", "argument"): Rating.MAJOR,
    ("moved", "argument"): Rating.MAJOR,
    ("new", "outcome"): Rating.MAJOR,  # a match that ends in assert_never has no case for it
    ("new", "value"): Rating.MAJOR,  # as for an outcome
}


def rating_of(change: Change) -> Rating:
    """Return the rating of one change."""
    return TABLE.get((change.kind, change.subject), Rating.DECIDE)


def highest(changes: Iterable[Change]) -> Rating:
    """Return the highest rating of all changes; NONE if there is no change."""
    return max(map(rating_of, changes), default=Rating.NONE)
