"""Facts about the package that users see and no signature has, read by importing the package.

`python -m python_face.facts` prints the facts of the package that this interpreter imports, as JSON.

1. A fact is a subject, a name and a value. Facts cover all values that a program may compare or match.
2. A default is the value of its expression, so that a constant with another value is a change. Addresses are left out.
"""

import inspect
import json
import sys
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import autoshares_cancel
import autoshares_cancel.mock
import autoshares_cancel.telemetry
from autoshares_cancel.mock._settings import SettingsOptions
from python_face.command_facts import exit_codes, json_keys, options
from python_face.signatures import ADDRESS, NOT_CONSTRUCTED

Facts = dict[str, dict[str, str]]
"""Values by subject, then by name."""
Named = Iterator[tuple[str, str]]
_MODULES = (autoshares_cancel, autoshares_cancel.mock, autoshares_cancel.telemetry)
PUBLIC = {name: getattr(module, name) for module in _MODULES for name in module.__all__}


def facts() -> Facts:
    """Read all facts."""
    subjects: dict[str, Callable[[], Named]] = {
        "outcome": _outcomes,
        "base": _bases,
        "value": _values,
        "field": _fields,
        "default": _defaults,
        "exit code": exit_codes,
        "JSON key": json_keys,
        "option": options,
    }
    return {subject: dict(sorted(read())) for subject, read in subjects.items()}


def _outcomes() -> Named:
    """Yield the members of the union Outcome, which callers match exhaustively."""
    for member in typing.get_args(autoshares_cancel.Outcome):
        yield member.__name__, "member of Outcome"


def _bases() -> Named:
    """Yield the public and builtin exceptions as which each exception can be caught."""
    for name, item in _classes():
        for base in item.__mro__[1:]:
            if issubclass(base, Exception) and (base.__name__ in PUBLIC or base.__module__ == "builtins"):
                yield f"{base.__name__} of {name}", "base"


def _values() -> Named:
    """Yield the members of enumerations and literals."""
    for name, item in PUBLIC.items():
        if isinstance(item, type) and issubclass(item, Enum):
            yield from ((f"{name}.{each.name}", repr(each.value)) for each in item)
        elif typing.get_origin(item) is typing.Literal:
            yield from ((f"{name} {value!r}", "literal") for value in typing.get_args(item))


def _fields() -> Named:
    """Yield the arguments of classes whose __init__ is not in the sources."""
    for name, item in (*_classes(), ("MockServer", SettingsOptions)):
        if hasattr(item, "__attrs_attrs__"):
            for each in _arguments(item):
                need = "required" if each.default is each.empty else "optional"
                yield f"{each.name} of {name}", f"{need}, {each.kind.description}"
        elif typing.is_typeddict(item):
            required: frozenset[str] = item.__required_keys__
            for key in item.__annotations__:
                yield f"{key} of {name}", "required" if key in required else "optional"


def _defaults() -> Named:
    """Yield the default of each argument that may be left out."""
    for name, function in _callables():
        for each in _arguments(function):
            if each.default is not each.empty:
                yield f"{each.name} of {name}", ADDRESS.sub("", repr(each.default))


def _classes() -> Iterator[tuple[str, Any]]:
    for name, item in PUBLIC.items():
        if isinstance(item, type):
            yield name, item


def _callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, item in PUBLIC.items():
        if inspect.isfunction(item):
            yield name, item
    for name, item in _classes():
        is_called = name not in NOT_CONSTRUCTED and not typing.is_typeddict(item) and not issubclass(item, Enum)
        if is_called:
            yield name, item
        for member, found in inspect.getmembers(item, lambda each: inspect.isfunction(each) or inspect.ismethod(each)):
            if not member.startswith("_") and found.__module__.startswith(autoshares_cancel.__name__):
                yield f"{name}.{member}", found


def _arguments(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:  # a class or function in C has no signature
        return []


if __name__ == "__main__":
    json.dump(facts(), sys.stdout, indent=1)
