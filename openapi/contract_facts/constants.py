"""Writes the facts that all operations share as Python constants for the generated package."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from contract_facts.model import Facts, FactsError, Operation, Parameter

T = TypeVar("T")


def constants(facts: Facts) -> str:
    """Return the source of the constants. Raises FactsError if operations differ in a value that has one constant."""
    return "".join(f"{line}\n" for line in _lines(facts.operations))


def _lines(operations: tuple[Operation, ...]) -> Iterator[str]:
    parameters = [each for operation in operations for each in operation.parameters]
    ids = [each for each in parameters if each.place == "path" and each.type.startswith("integer")]
    for name in sorted({each.name for each in ids}):
        yield from _of_id(name, [each for each in ids if each.name == name])
    versions = (each.default for each in parameters if each.place == "path" and each not in ids)
    yield f"DEFAULT_VERSION: Final = {_only('default version', versions)}"
    for constant, scheme in (("APP_KEY_HEADER", "appKey"), ("TOKEN_HEADER", "accessToken")):
        yield f"{constant}: Final = {_only(constant, (each.name for each in parameters if each.credential == scheme))}"
    media_types = [each for operation in operations for reply in operation.replies for each in reply.bodies]
    yield f"ACCEPT: Final = {json.dumps(', '.join(dict.fromkeys(media_types)))}"
    needed = sorted({_credentials(operation) for operation in operations if "{" in operation.path})
    yield f"ORDER_CREDENTIALS: Final[tuple[Literal[{', '.join(needed)}], ...]] = ({', '.join(needed)},)"
    yield '"""The credentials that calls about orders need, once for each way."""'


def _of_id(name: str, ids: list[Parameter]) -> Iterator[str]:
    """Yield the constants of an id: its type, and the range of its numbers."""
    constant = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    if not re.fullmatch("[A-Z_]+", constant):
        raise FactsError(f"no constant can be called {constant!r}")
    lowest, highest = (_only(f"bound of {name}", bounds) for bounds in zip(*map(_bounds, ids), strict=True))
    yield f"{constant}_TYPE: Final = {_only(f'type of {name}', (each.type for each in ids))}"
    yield f"{constant}: Final = range({lowest}, {highest} + 1)"


def _bounds(parameter: Parameter) -> tuple[int | None, int | None]:
    return parameter.lowest, parameter.highest


def _credentials(operation: Operation) -> str:
    return json.dumps(", ".join(sorted(each.name for each in operation.parameters if each.credential)))


def _only(what: str, values: Iterable[T]) -> str:
    """Return the value that all operations share, as source. Raises FactsError if they differ."""
    different = set(values)
    if len(different) != 1 or None in different:
        raise FactsError(f"expected one {what} for all operations, not {sorted(map(str, different))}")
    (value,) = different
    return json.dumps(value)
