"""Evidence → outcome: pure, total, exhaustive.

1. The status alone decides; a body, whole, broken or of the wrong kind, only ever adds a detail.
2. 200 and 204 are Cancelled, and nothing else is.
3. Every other documented status has a class of its own. The match ends in assert_never over the generated Literal, so
   a status that the specification gains or loses fails the type checkers.
4. A status that the specification does not know is unknown to us too, whatever the number.
5. No reply is NotSent only with the proof that nothing left; else it is NoReply.
"""

import json
from collections.abc import Iterator
from typing import Any, Final, assert_never, cast

from attrs import frozen

from autoshares_cancel._evidence import Attempt, Evidence, NothingLeft, Reply, Silence
from autoshares_cancel._secret import Secret, redacted
from autoshares_cancel.errors import (
    AppKeyRejected,
    ConfigurationError,
    InvalidCredentials,
    InvalidRequest,
    NoReply,
    NotAuthorized,
    NotSent,
    OrderConflict,
    SecondFactorRequired,
    ServerFailed,
    TokenUnavailable,
    UndocumentedStatus,
)
from autoshares_openapi.api.orders import cancel_order

DETAIL_LIMIT: Final = 500
# The vendor's guides spell the key of the message in these ways; /token calls it Reason.
MESSAGE_KEYS: Final = ("Message", "message", "error", "Reason")


@frozen(kw_only=True)
class Cancelled:
    """The server said that this order was cancelled (200 or 204).

    The quick endpoint checks with the API only: the execution venue may still answer otherwise (the vendor's page on
    quick and venue-verified cancels).
    """

    account_id: int
    order_id: int
    status_code: int
    detail: str | None = None
    """What the body of a 200 said, printable and at most 500 characters, or None."""
    attempts: tuple[Attempt, ...] = ()
    """Every attempt of this call, first to last."""


CancelFailure = (
    NotAuthorized
    | AppKeyRejected
    | InvalidRequest
    | OrderConflict
    | NotSent
    | ServerFailed
    | UndocumentedStatus
    | NoReply
)
Outcome = Cancelled | CancelFailure | InvalidCredentials | SecondFactorRequired | TokenUnavailable | ConfigurationError
"""Everything that can become of one cancel: what cancel_order returns, or raises."""


def outcome_of(
    evidence: Evidence, *, account_id: int, order_id: int, attempts: tuple[Attempt, ...], secrets: tuple[Secret, ...]
) -> Cancelled | CancelFailure:
    """What an attempt's evidence says about the order. Pure and total; no secret gets into the detail."""
    kind = _kind_of(evidence)
    if isinstance(evidence, Reply):
        status_code, detail = evidence.status_code, detail_of(evidence.body, secrets)
    else:
        status_code, detail = None, readable(evidence.reason, secrets)
    return kind(
        account_id=account_id,
        order_id=order_id,
        status_code=status_code,  # type: ignore[arg-type]  # Cancelled comes of a Reply only, and that has one
        detail=detail,
        attempts=attempts,
    )


def attempt_of(evidence: Evidence, seconds: float, secrets: tuple[Secret, ...]) -> Attempt:
    """How an attempt is remembered. Pure; no secret gets into it."""
    if isinstance(evidence, Reply):
        return Attempt(status_code=evidence.status_code, evidence=f"reply {evidence.status_code}", seconds=seconds)
    words = "nothing left" if isinstance(evidence, NothingLeft) else "no reply"
    reason = readable(evidence.reason, secrets)
    return Attempt(status_code=None, evidence=f"{words}: {reason}", seconds=seconds)


def _kind_of(evidence: Evidence) -> type[Cancelled | CancelFailure]:
    match evidence:
        case Reply():
            return _kind_of_status(evidence.status_code)
        case NothingLeft():
            return NotSent
        case Silence():
            return NoReply


def _kind_of_status(status_code: int) -> type[Cancelled | CancelFailure]:
    if not cancel_order.is_documented(status_code):
        return UndocumentedStatus
    match status_code:
        # One case for each status: mypy says nothing of a part of a pattern that can't be reached any more.
        case 200:
            return Cancelled
        case 204:
            return Cancelled
        case 401:
            return NotAuthorized
        case 403:
            return AppKeyRejected
        case 409:
            return OrderConflict
        case 422:
            return InvalidRequest
        case 500:
            return ServerFailed
        case _:
            assert_never(status_code)


def detail_of(body: bytes, secrets: tuple[Secret, ...]) -> str | None:
    """The message in a body, of whatever kind the body is; None where it says nothing. Pure."""
    # Before it is parsed, and after that again: reading \\t as a tab would hide a secret that was sent back bare.
    text = redacted(body.decode("utf-8", errors="replace"), secrets)
    try:
        messages = list(_messages(json.loads(text)))
    except (ValueError, RecursionError):
        messages = [text]
    return readable("; ".join(messages), secrets)


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
