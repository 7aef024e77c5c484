"""What a server or the network said, as one line for a person: printable, bounded, and without secrets. Pure.

Masking is for showing: a reply is read as it came, and what was read is masked. Nothing is decided by what was masked.
"""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Final, cast

from autoshares_cancel._values.evidence import Evidence, Reply
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.secret import MASK, SHORT, Secret, read_as_json, redacted
from autoshares_cancel._values.words import FIELDS, NUMBERS, is_documented

DETAIL_LIMIT: Final = 500
# The vendor's guides spell the key of the message in these ways; /token calls it Reason.
MESSAGE_KEYS: Final = ("Message", "message", "error", "Reason")


def detail_of(body: bytes, secrets: tuple[Secret, ...]) -> str | None:
    """The message in a body, of whatever kind the body is; None where it says nothing. Pure."""
    if not body:
        return None  # as most replies are
    text = body.decode("utf-8", errors="replace")
    if _is_spoiled(text, secrets):
        return readable(text, secrets)
    try:
        messages = list(_messages(json.loads(text), partial(_line, secrets=secrets)))
    except (ValueError, RecursionError):
        return readable(text, secrets)
    return bounded("; ".join(filter(None, messages)))


def text_in(body: bytes, text: str, secrets: tuple[Secret, ...]) -> str | None:
    """A text that was read out of a body, as one line; None where it says nothing, or may not be shown. Pure."""
    return None if _is_spoiled(body.decode("utf-8", errors="replace"), secrets) else readable(text, secrets)


def masked(value: Any, show: Callable[[str], str], field: str = "") -> Any:
    """The same with every text as `show` shows it, however deep it lies, but for what the vendor documents. Pure.

    `field` names where it lies. A number that is a secret becomes a text, except where it decides.
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
    """The same without secrets, but for what the vendor documents; `field` names where it lies. Pure."""
    return masked(value, partial(redacted, secrets=secrets), field)


def _is_spoiled(text: str, secrets: tuple[Secret, ...]) -> bool:
    """Whether a secret stands bare in JSON, so that reading it changes the secret, and masking would miss it then."""
    return any(_spoils(text, secret.reveal()) for secret in secrets)


def _spoils(text: str, secret: str) -> bool:
    if len(secret) < SHORT or secret not in text:
        return False
    escaped = json.dumps(secret)[1:-1]
    is_no_json = escaped != secret and read_as_json(secret) is None and secret in text.replace(escaped, MASK)
    # Behind an odd number of backslashes, its first character is a part of an escape.
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
    text = redacted(text, secrets)
    printable = "".join(character if character.isprintable() else " " for character in text)
    # Before white space is folded, and again after, because folding can join what stood apart.
    return redacted(" ".join(redacted(printable, secrets).split()), secrets)


def readable(text: str, secrets: tuple[Secret, ...]) -> str | None:
    """One printable line of at most DETAIL_LIMIT characters, without secrets; None where nothing remains. Pure."""
    return bounded(_line(text, secrets))


def bounded(line: str) -> str | None:
    """The line, cut where it is longer than DETAIL_LIMIT characters; None where it is empty. Pure."""
    if len(line) > DETAIL_LIMIT:
        line = line[: DETAIL_LIMIT - 1] + "…"
    return line or None


def status_of(order: Order, secrets: tuple[Secret, ...]) -> str:
    """What an order reads, as a part of a line. Pure; no secret gets into it."""
    status: str | None = masked(order.status, partial(_line, secrets=secrets), "Status")
    return status or "without a status"


def said_by(evidence: Evidence, secrets: tuple[Secret, ...]) -> tuple[int | None, str | None]:
    """Its status, if it has one, and what was said, printable and bounded. Pure; no secret gets into it."""
    if isinstance(evidence, Reply):
        return evidence.status_code, detail_of(evidence.body, secrets)
    return None, readable(evidence.reason, secrets)
