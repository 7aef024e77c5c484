"""What a server or the network said, as one line for a person: printable, bounded, and without secrets. Pure."""

import json
from collections.abc import Iterator
from typing import Any, Final, cast

from autoshares_cancel._evidence import Attempt, Evidence, NothingLeft, Reply
from autoshares_cancel._secret import Secret, redacted
from autoshares_cancel.errors import OrderUnreadable

DETAIL_LIMIT: Final = 500
# The vendor's guides spell the key of the message in these ways; /token calls it Reason.
MESSAGE_KEYS: Final = ("Message", "message", "error", "Reason")


def detail_of(body: bytes, secrets: tuple[Secret, ...]) -> str | None:
    """The message in a body, of whatever kind the body is; None where it says nothing. Pure."""
    if not body:
        return None  # as most replies are
    # Before it is parsed, and after that again: reading \\t as a tab would hide a secret that was sent back bare.
    text = redacted(body.decode("utf-8", errors="replace"), secrets)
    try:
        messages = list(_messages(json.loads(text)))
    except (ValueError, RecursionError):
        messages = [text]
    return readable("; ".join(messages), secrets)


def masked(value: Any, secrets: tuple[Secret, ...]) -> Any:
    """The same without secrets in any text, however deep it lies. Pure."""
    if isinstance(value, str):
        return redacted(value, secrets)
    if isinstance(value, list):
        return [masked(item, secrets) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        return {redacted(name, secrets): masked(item, secrets) for name, item in fields.items()}
    return value


def _messages(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        fields = cast(dict[str, Any], content)
        found = [str(fields[key]) for key in MESSAGE_KEYS if fields.get(key)]
        if isinstance(fields.get("ModelState"), dict):
            found += [f"{name}: {_joined(problems)}" for name, problems in fields["ModelState"].items()]
        yield from found or ([json.dumps(fields)] if fields else [])
    elif content is not None:
        yield json.dumps(content)


def _joined(problems: Any) -> str:
    return ", ".join(map(str, cast("list[object]", problems))) if isinstance(problems, list) else str(problems)


def readable(text: str, secrets: tuple[Secret, ...]) -> str | None:
    """One printable line of at most DETAIL_LIMIT characters, without secrets; None where nothing remains. Pure."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    # Before white space is folded, and again after, because folding can join what stood apart.
    line = redacted(" ".join(redacted(printable, secrets).split()), secrets)
    if len(line) > DETAIL_LIMIT:
        line = line[: DETAIL_LIMIT - 1] + "…"
    return line or None


def said_by(evidence: Evidence, secrets: tuple[Secret, ...]) -> tuple[int | None, str | None]:
    """Its status, if it has one, and what was said, printable and bounded. Pure; no secret gets into it."""
    if isinstance(evidence, Reply):
        return evidence.status_code, detail_of(evidence.body, secrets)
    return None, readable(evidence.reason, secrets)


def unreadable(
    evidence: Evidence, attempts: tuple[Attempt, ...], *, account_id: int, order_id: int, secrets: tuple[Secret, ...]
) -> OrderUnreadable:
    """Why an order could not be read. Pure and total; no secret gets into the detail."""
    status_code, detail = said_by(evidence, secrets)
    return OrderUnreadable(
        account_id=account_id, order_id=order_id, status_code=status_code, detail=detail, attempts=attempts
    )


def attempt_of(
    what: str, evidence: Evidence, *, started_at: float, seconds: float, secrets: tuple[Secret, ...]
) -> Attempt:
    """How an attempt is remembered. Pure; no secret gets into it."""
    if isinstance(evidence, Reply):
        status_code, said = evidence.status_code, f"reply {evidence.status_code}"
    else:
        words = "nothing left" if isinstance(evidence, NothingLeft) else "no reply"
        status_code, said = None, ": ".join(filter(None, (words, readable(evidence.reason, secrets))))
    return Attempt(status_code=status_code, evidence=said, what=what, started_at=started_at, seconds=seconds)
