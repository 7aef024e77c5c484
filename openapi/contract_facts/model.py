"""The facts of a contract, and how their wording is compared without being kept.

A page of the vendor's and a specification give the same facts, so that one comparison serves both. None stands for what
a source does not say. `line` is the line of the source, for people; it takes no part in a comparison.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, cast

from attrs import field, frozen

PLACES = ("header", "path", "query")
METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")
RANGES = {"integer (int32)": (-(2**31), 2**31 - 1), "integer (int64)": (-(2**63), 2**63 - 1)}
"""The numbers that a type allows where no other bounds are given."""

Key = tuple[str, str]
Rest = Mapping[str, str]
"""What has no field of its own: the path to a value, and the value as JSON."""


class FactsError(Exception):
    """A source is not in the form that is understood; the message says where."""


def fingerprint(text: str) -> str:
    """A digest of a description's words; blanks, capitals, punctuation and emphasis don't count."""
    words = re.findall(r"\w+|[<>≤≥=%+-]", unicodedata.normalize("NFKC", text).casefold())
    return sha256(" ".join(words).encode()).hexdigest()[:16]


def blanked(path: str) -> str:
    """A path as it is on the wire: the names in braces are not sent."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


@frozen(kw_only=True)
class Parameter:
    """One parameter, a credential included. `lowest` and `highest` are the numbers that it allows."""

    place: str
    name: str
    required: bool
    type: str
    lowest: int | None = None
    highest: int | None = None
    default: str | None = None
    wording: str | None = None
    rest: Rest = field(factory=dict[str, str])
    credential: str = field(default="", eq=False)
    """The specification's name for a credential; empty for other parameters, and on pages, which don't say."""
    line: int = field(default=0, eq=False)


@frozen(kw_only=True)
class Reply:
    """One documented status: its media types, none where it has no body, and whatever is known of each body."""

    status: str
    bodies: Mapping[str, Rest] = field(factory=dict[str, Rest])
    wording: str | None = None
    rest: Rest = field(factory=dict[str, str])
    line: int = field(default=0, eq=False)


@frozen(kw_only=True)
class Operation:
    """One operation: a method and a path. `heading` is its title on the vendor's page."""

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    replies: tuple[Reply, ...]
    rest: Rest = field(factory=dict[str, str])
    heading: str = field(default="", eq=False)
    line: int = field(default=0, eq=False)
    parameters_line: int = field(default=0, eq=False)
    replies_line: int = field(default=0, eq=False)

    @property
    def name(self) -> str:
        """How people refer to the operation."""
        return f"{self.method} {self.path}"

    @property
    def key(self) -> Key:
        """What the operation is on the wire."""
        return self.method, blanked(self.path)

    def parameters_on_the_wire(self) -> dict[Key, Parameter]:
        """Parameters by what the server sees: the position in the path, or the name; headers have no capitals."""
        in_path = re.findall(r"\{([^{}]*)\}", self.path)
        keys = {name: str(position) for position, name in enumerate(in_path)}
        return {(each.place, _wire_name(each, keys)): each for each in self.parameters}

    def replies_by_status(self) -> dict[str, Reply]:
        """The replies, each under its status."""
        return {reply.status: reply for reply in self.replies}


def _wire_name(parameter: Parameter, positions: Mapping[str, str]) -> str:
    if parameter.place == "path":
        return positions.get(parameter.name, parameter.name)
    return parameter.name.casefold() if parameter.place == "header" else parameter.name


@frozen(kw_only=True)
class Facts:
    """Everything that a source says. `line` is where its operations begin."""

    operations: tuple[Operation, ...]
    rest: Rest = field(factory=dict[str, str])
    line: int = field(default=0, eq=False)

    def by_key(self) -> dict[Key, Operation]:
        """The operations, each under what it is on the wire."""
        return {operation.key: operation for operation in self.operations}

    def of(self, keys: Iterable[Key]) -> "Facts":
        """Only these operations."""
        chosen = set(keys)
        return Facts(operations=tuple(each for each in self.operations if each.key in chosen), line=self.line)


def flattened(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value inside a value, under the path of keys that leads to it."""
    items = list(_inside(value))
    if not items:
        yield path, repr(value)
    for key, each in items:
        yield from flattened(each, f"{path}.{key}" if path else key)


def _inside(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return ((str(key), each) for key, each in cast("Mapping[object, object]", value).items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ((str(number), each) for number, each in enumerate(cast("Sequence[object]", value)))
    return ()
