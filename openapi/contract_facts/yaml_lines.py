"""Reads YAML into mappings that have the lines of their keys."""

from collections.abc import Callable
from typing import Any, cast

import yaml

from contract_facts.model import FactsError


class Located(dict[str, Any]):
    """A mapping with its first line and, in `lines`, the line of each key. Lines count from 1."""

    line: int
    lines: dict[str, int]


class _Loader(yaml.CSafeLoader):  # libyaml's loader is six times as fast as SafeLoader
    """Constructs `Located` mappings."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Located:
    loader.flatten_mapping(node)
    construct = cast("Callable[..., Any]", loader.construct_object)  # pyright: ignore[reportUnknownMemberType] - stubs
    located = Located()
    located.line, located.lines = node.start_mark.line + 1, {}
    for key, value in node.value:
        name = key.value
        if name in located:
            raise FactsError(f"line {key.start_mark.line + 1}: {name} is there twice")
        located[name] = construct(value, deep=True)
        located.lines[name] = key.start_mark.line + 1
    return located


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(text: str, source: str) -> Located:
    """Parse a YAML mapping. Raises FactsError, with the place, if the text is not YAML or not a mapping."""
    try:
        content: Any = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise FactsError(f"{source}: is not YAML: {' '.join(str(error).split())}") from None
    except FactsError as error:
        raise FactsError(f"{source}: {error}") from None
    if not isinstance(content, Located):
        raise FactsError(f"{source}: line 1: expected a mapping")
    return content
