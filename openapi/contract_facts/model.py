"""The facts of a contract. Wordings are compared by fingerprints, so that the vendor's texts need not be kept.

A vendor's page and a specification have the same kind of facts, so that one comparison serves both. None means that the
source does not have the fact. `line` is the line in the source, for messages; it is not compared.
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
"""The numbers that a type allows by default."""

Key = tuple[str, str]
Rest = Mapping[str, str]
"""The values without a field of their own: the value's text by its path of keys."""


class FactsError(Exception):
    """A source does not have the expected form; the message names the place."""


def fingerprint(text: str) -> str:
    """Return a digest of a description's words. Blanks, capitals, punctuation and emphasis don't count."""
    words = re.findall(r"\w+|[<>≤≥=%+-]", unicodedata.normalize("NFKC", text).casefold())
    return sha256(" ".join(words).encode()).hexdigest()[:16]


def blanked(path: str) -> str:
    """Return a path without the names in its braces, because names are not sent."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


@frozen(kw_only=True)
class Parameter:
    """One parameter or credential. `lowest` and `highest` are the bounds of its numbers."""

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
    """The specification's name of a credential; empty for other parameters, and for parameters of vendor's pages."""
    line: int = field(default=0, eq=False)


@frozen(kw_only=True)
class Reply:
    """One documented status: its media types (none without a body), and the known facts about each body."""

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
        """The operation's method and path."""
        return f"{self.method} {self.path}"

    @property
    def key(self) -> Key:
        """The operation as a server sees it: the method, and the path without names."""
        return self.method, blanked(self.path)

    def parameters_on_the_wire(self) -> dict[Key, Parameter]:
        """Return parameters by place and by what a server sees: the position in the path, or the name."""
        in_path = re.findall(r"\{([^{}]*)\}", self.path)
        keys = {name: str(position) for position, name in enumerate(in_path)}
        return {(each.place, _wire_name(each, keys)): each for each in self.parameters}

    def replies_by_status(self) -> dict[str, Reply]:
        """Return the replies by status."""
        return {reply.status: reply for reply in self.replies}


def _wire_name(parameter: Parameter, positions: Mapping[str, str]) -> str:
    if parameter.place == "path":
        return positions.get(parameter.name, parameter.name)
    return parameter.name.casefold() if parameter.place == "header" else parameter.name


@frozen(kw_only=True)
class Facts:
    """All facts of a source. `line` is the line where its operations begin."""

    operations: tuple[Operation, ...]
    rest: Rest = field(factory=dict[str, str])
    line: int = field(default=0, eq=False)

    def by_key(self) -> dict[Key, Operation]:
        """Return the operations by their keys."""
        return {operation.key: operation for operation in self.operations}

    def of(self, keys: Iterable[Key]) -> "Facts":
        """Return the facts of these operations only."""
        chosen = set(keys)
        return Facts(operations=tuple(each for each in self.operations if each.key in chosen), line=self.line)


def flattened(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every nested value with the path of keys that leads to it."""
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
