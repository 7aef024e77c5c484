"""Shows the words of a server or the network to a person: one printable line, bounded, without secrets. Pure.

Masking is only for showing: the client reads a reply unmasked, decides, and masks what it shows.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final, cast

from attrs import evolve

from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.redaction import SHORT, has_secret, redacted
from autoshares_cancel._values.secret import MASK, Secret
from autoshares_cancel._values.spellings import read_as_json
from autoshares_cancel._values.words import FIELDS, NUMBERS, is_documented

DETAIL_LIMIT: Final = 500
HEADER_LIMIT: Final = 200
"""Characters of a shown header."""
UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters without a sign of their own that Python counts as printable."""
USUAL: Final = re.compile(r"[!-$&-\[\]-~]+( [!-$&-\[\]-~]+)*")
"""A line of visible ASCII with single blanks and without escapes: only a secret as it is can be in it."""
# The spellings of the message's key in the vendor's guides; /token calls it Reason.
MESSAGE_KEYS: Final = ("Message", "message", "error", "Reason")


def detail_of(body: bytes, secrets: tuple[Secret, ...]) -> str | None:
    """The message in a body, which may be JSON or any text; None if there is no message. Pure."""
    if not body:
        return None  # most replies
    text = text_of(body)
    if _is_spoiled(text, secrets):
        return readable(text, secrets)
    try:
        messages = list(_messages(json.loads(text), partial(_line, secrets=secrets)))
    except (ValueError, RecursionError):
        return readable(text, secrets)
    return bounded("; ".join(filter(None, messages)))


def text_of(body: bytes) -> str:
    """A body as text: in the encoding in which JSON reads it, otherwise with a sign for each byte that is no UTF-8."""
    try:
        return body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        return body.decode("utf-8", errors="replace")


def text_in(body: bytes, text: str, secrets: tuple[Secret, ...]) -> str | None:
    """A text from a body, as one line; None if it is empty, or if masking could miss a secret in it. Pure."""
    return None if _is_spoiled(text_of(body), secrets) else readable(text, secrets)


def masked(value: Any, show: Callable[[str], str], field: str = "") -> Any:
    """Replace every text in a value by `show(text)`, at any depth, except documented words. Pure.

    `field` is the name of the value's field. A number that is a secret becomes a text, except in a field whose numbers
    decide.
    """
    if isinstance(value, str):
        return value if is_documented(field, value) else show(value)
    if isinstance(value, list):
        return [masked(item, show) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        return {name if name in FIELDS else show(name): masked(content, show, name) for name, content in fields.items()}
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and field not in NUMBERS:
        text = show(str(value))
        return value if text == str(value) else text
    return value


def shown(value: Any, secrets: tuple[Secret, ...], field: str = "") -> Any:
    """Show a value of a server: without secrets and control characters, except that documented words stay. Pure.

    `field` is the name of the value's field.
    """
    return masked(value, partial(_plain, secrets=secrets), field)


def printable(text: str) -> str:
    """A text with a blank for each character that a terminal obeys or does not show. Pure.

    Such are control characters, line ends, marks that change the direction of a text, and characters without a width.
    """
    if text.isascii() and text.isprintable():
        return text  # the usual case
    return UNSEEN.sub(" ", "".join(character if character.isprintable() else " " for character in text))


def _plain(text: str, secrets: tuple[Secret, ...]) -> str:
    """Printable and without secrets. Masked again at the end, because a blank can complete a secret."""
    text = redacted(text, secrets)
    plain = printable(text)
    return text if plain == text else redacted(plain, secrets)


def _is_spoiled(text: str, secrets: tuple[Secret, ...]) -> bool:
    """Whether JSON contains a secret unescaped: reading it would change the secret, and masking would miss it."""
    return any(_spoils(text, secret.reveal()) for secret in secrets)


def _spoils(text: str, secret: str) -> bool:
    if len(secret) < SHORT or secret not in text:
        return False
    escaped = json.dumps(secret)[1:-1]
    is_no_json = escaped != secret and read_as_json(secret) is None and secret in text.replace(escaped, MASK)
    # After an odd number of backslashes, the first character of the secret is a part of an escape.
    return is_no_json or re.search(r"(?<!\\)(\\\\)*\\" + re.escape(secret), text) is not None


def _messages(content: Any, show: Callable[[str], str]) -> Iterator[str]:
    if isinstance(content, str):
        yield show(content)
    elif isinstance(content, dict):
        fields = cast(dict[str, Any], content)
        found = [str(masked(fields[key], show)) for key in MESSAGE_KEYS if fields.get(key)]
        if isinstance(fields.get("ModelState"), dict):
            found += [f"{show(name)}: {_joined(problems, show)}" for name, problems in fields["ModelState"].items()]
        yield from found or ([json.dumps(masked(fields, show))] if fields else [])
    elif content is not None:
        yield json.dumps(masked(content, show))


def _joined(problems: Any, show: Callable[[str], str]) -> str:
    return ", ".join(map(str, masked(problems if isinstance(problems, list) else [problems], show)))


def _line(text: str, secrets: tuple[Secret, ...]) -> str:
    """One printable line without secrets."""
    plain = _plain(text, secrets)
    line = " ".join(plain.split())
    # Masked again, because folding white space can join the parts of a secret.
    return line if line == plain else redacted(line, secrets)


def readable(text: str, secrets: tuple[Secret, ...]) -> str | None:
    """A text as one printable line of at most DETAIL_LIMIT characters, without secrets; None if it is empty. Pure."""
    return bounded(_line(text, secrets))


def bounded(line: str, limit: int = DETAIL_LIMIT) -> str | None:
    """Cut a line after so many characters; None if it is empty. Pure."""
    if len(line) > limit:
        line = line[: limit - 1] + "…"
    return line or None


def shown_headers(headers: Mapping[str, str], secrets: tuple[Secret, ...]) -> dict[str, str]:
    """Headers as printable lines of at most HEADER_LIMIT characters, without secrets and without empty ones. Pure."""
    values = headers.values()
    if all(map(_is_usual, values)) and not has_secret(" ".join(values), secrets):
        return dict(headers.items())  # nothing to do: what is in none of them together is in none alone
    lines = {name: bounded(_line(value, secrets), HEADER_LIMIT) for name, value in headers.items()}
    return {name: line for name, line in lines.items() if line is not None}


@lru_cache
def _is_usual(header: str) -> bool:
    """Whether a header is shown as it is, if no secret is in it. Remembers the last ones: most come again and again."""
    return len(header) <= HEADER_LIMIT and USUAL.fullmatch(header) is not None


def with_shown_headers(evidence: Evidence, secrets: tuple[Secret, ...]) -> Evidence:
    """The evidence with its headers as shown_headers gives them. Pure."""
    if not isinstance(evidence, Reply):
        return evidence
    return evolve(evidence, headers=shown_headers(evidence.headers, secrets))


def status_of(order: Order, secrets: tuple[Secret, ...]) -> str:
    """The status of an order as a part of a line, without secrets. Pure."""
    status: str | None = masked(order.status, partial(_line, secrets=secrets), "Status")
    return status or "without a status"


def status_and_detail(evidence: Evidence, secrets: tuple[Secret, ...]) -> tuple[int | None, str | None]:
    """The status of a reply, if there is one, and the detail, as one bounded line without secrets. Pure."""
    if isinstance(evidence, Reply):
        return evidence.status_code, detail_of(evidence.body, secrets)
    return None, readable(evidence.reason, secrets)
