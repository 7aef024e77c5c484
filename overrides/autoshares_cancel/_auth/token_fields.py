"""Finds whatever looks like a token in a reply of /token, so that no message shows it. Pure.

A token may come with any status and any State: in a field whose name contains "token", at any depth, in JSON within
JSON, in JSON that is cut off, in a form or in XML. A word too many is masked rather than one too few.
"""

import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final, cast

from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.spellings import read_as_json, unescaped

FIELD: Final = re.compile(
    r"""(?i)token[\w.-]{0,40}\\{0,8}["']?\s{0,9}[:=>][\s\[]{0,9}\\{0,8}(?P<sign>["']?)(?:bearer\s{1,9})?"""
)
"""The name of a field, in quotes or not, and what stands between it and its value."""
QUOTED: Final = {
    '"': (re.compile(r'[^"]+'), re.compile(r'(?s)(?:[^"\\]|\\.){1,8192}')),
    "'": (re.compile(r"[^']+"), re.compile(r"(?s)(?:[^'\\]|\\.){1,8192}")),
    "": (re.compile(r"""[^\s"'<>&,;{}\[\]()\\]+"""),),
}
"""A value by its quotation mark: up to the next mark, as in JSON within JSON, and up to the next unescaped one."""
NO_TOKENS: Final = {"null", "none", "true", "false", ""}
MOST: Final = 100
"""Values that look like tokens. Searching a reply for more takes too long."""


def tokens_in(text: str) -> tuple[Secret, ...] | None:
    """Everything in a reply of /token that looks like a token; None if that is too much to mask."""
    texts = (text, *(plain.text for plain in unescaped(text)))
    found = [*islice(chain(*map(_named_in, texts), _in_json(text)), MOST + 1)]
    if len(found) > MOST:
        return None
    values = {*found, *(read_as_json(value) or "" for value in found)}
    return tuple(Secret(value) for value in values if value.lower() not in NO_TOKENS)


def _named_in(text: str) -> Iterator[str]:
    for field in FIELD.finditer(text):
        for value in QUOTED[field["sign"]]:
            if match := value.match(text, field.end()):
                yield match[0].rstrip("\\")


def _in_json(text: str) -> Iterator[str]:
    try:
        yield from _fields_of(json.loads(text), is_token=False)
    except (ValueError, RecursionError):
        return  # the reply is shown as text, if at all


def _fields_of(content: Any, *, is_token: bool) -> Iterator[str]:
    if isinstance(content, dict):
        for name, value in cast(dict[str, Any], content).items():
            yield from _fields_of(value, is_token=is_token or "token" in name.lower())
    elif isinstance(content, list):
        for item in cast("list[object]", content):
            yield from _fields_of(item, is_token=is_token)
    elif is_token and isinstance(content, str | int | float):
        yield str(content)
    elif isinstance(content, str):
        yield from _named_in(content)
