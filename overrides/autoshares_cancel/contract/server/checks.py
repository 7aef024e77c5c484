"""The rules for every request and every reply. Pure: each check yields its complaints, one line each.

1. A documented reply has its media type, and a body of the documented form.
2. A status that is documented without a body has none, except for the quirks of quirks.toml; a 204 has no
   Content-Length either (RFC 9110, 8.6).
3. JSON is UTF-8, and a charset, if named, is UTF-8.
4. No reply contains a credential, in plain text or encoded, right or wrong. No shared cache may store a success (RFC
   9111, 3.5).
5. A body has the length of its Content-Length.
6. A client sends the path template filled in, with each credential once.
7. A client's outcome agrees with the reply.
8. A page of orders is an object with a list of objects; lists.py has the other rules.
9. A log-in has a token with 200 and 202 and no other status, and a known step with 202.
"""

from __future__ import annotations

import json
import tomllib
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from autoshares_cancel.contract.report.masking import spellings
from autoshares_cancel.contract.server.raw import RawReply, RawRequest
from autoshares_cancel.contract.server.specification import OPERATIONS

SHORTEST_SECRET = 4
QUIRKS: dict[int, set[str]] = {
    quirk["status"]: set(quirk["keys"])
    for quirk in tomllib.loads(Path(__file__).with_name("quirks.toml").read_text(encoding="utf-8"))["quirks"]
}
STATES = {200: "Succeeded", 202: "Expecting", 401: "Failed"}
SUCCESSES = range(200, 300)
STEPS = ("VerificationCode", "SecutityPin")  # the vendor's spelling


class Unspecified(str):
    """A complaint about behaviour that the vendor's pages leave open: a finding at the mock, else a remark."""

    __slots__ = ()


def about_status(status: int, right: Collection[int], *, telling: Collection[int] = ()) -> Iterator[str]:
    """Complain about a status that is not among the right ones.

    One refusal in place of another is `Unspecified`, because the vendor's pages don't rank refusals. Statuses in
    `telling` are never `Unspecified`: they reveal what only a caller with the right credentials may know.
    """
    if status not in right:
        is_refusal = status not in (*SUCCESSES, *telling) and not all(each in SUCCESSES for each in right)
        yield (Unspecified if is_refusal else str)(f"{status}, not {' or '.join(map(str, right))}")


def about_reply(reply: RawReply, operation: str, secrets: Mapping[str, str]) -> Iterator[str]:
    """Check rules 1 to 5, for a reply with the expected status."""
    if not reply.complete or len(reply.values("Content-Length")) > 1:
        yield "the body does not have the length of its Content-Length"
    documented = OPERATIONS[operation].replies.get(reply.status)
    if documented:
        yield from _about_document(reply, operation, documented)
    elif documented == ():
        yield from _about_silence(reply)
    yield from _about_charset(reply)
    yield from _about_caches(reply)
    yield from _about_echo(reply, secrets, granted(reply) if operation == "getToken" else "")


def is_quirk(reply: RawReply, operation: str) -> bool:
    """Whether the reply has an undocumented body that rule 2 allows."""
    return OPERATIONS[operation].replies.get(reply.status) == () and bool(reply.body)


def about_request(
    request: RawRequest, target: str, method: str, credentials: Mapping[str, str], ordinary: frozenset[str]
) -> Iterator[str]:
    """Check rule 6; `ordinary` are the headers, in lower case, that any request may have."""
    if (request.method, request.target) != (method, target):
        yield f"the client sent {request.method} {request.target}, not {method} {target}"
    for name, value in credentials.items():
        if request.values(name) != [value]:
            yield f"the client sent {name} {len(request.values(name))} times, or not as it was given"
    beyond = {name.lower() for name, _ in request.headers} - {name.lower() for name in credentials} - ordinary
    if beyond:
        yield f"the client sent superfluous headers: {', '.join(sorted(beyond))}"


def about_reading(outcome: Any, reply: RawReply, kind: str, account_id: int, order_id: int) -> Iterator[str]:
    """Check rule 7, for the outcome of a call that got a reply."""
    if type(outcome).__name__ != kind:
        yield f"the client made {type(outcome).__name__} of a {reply.status}, not {kind}"
    if getattr(outcome, "status_code", reply.status) != reply.status:
        yield f"the client read {outcome.status_code}, the server sent {reply.status}"
    if hasattr(outcome, "order_id") and (outcome.account_id, outcome.order_id) != (account_id, order_id):
        yield f"the outcome is about {outcome.account_id}/{outcome.order_id}, not {account_id}/{order_id}"
    detail = getattr(outcome, "detail", None) or ""
    missing = [text for text in _messages(reply.body) if " ".join(text.split()) not in detail]
    if missing:
        yield f"the outcome lacks a sentence of the server's: {missing[0]}"


def _about_document(reply: RawReply, operation: str, documented: tuple[str, ...]) -> Iterator[str]:
    if reply.media_type not in documented:
        yield f"Content-Type is {reply.content_type or 'missing'}, documented is {' or '.join(documented)}"
    document = _object(reply.body)
    if document is None:
        yield "the body is not a JSON object"
    elif operation == "getToken":
        yield from _about_log_in(reply.status, document)
    elif operation == "listOrders":
        yield from _about_page(document)


def _about_log_in(status: int, document: dict[str, Any]) -> Iterator[str]:
    """Check rule 9."""
    token = document.get("Token")
    if document.get("State") != STATES[status]:
        yield f"State is {document.get('State')!r}, not {STATES[status]!r}"
    if status == HTTPStatus.UNAUTHORIZED and token is not None:
        yield "a refused log-in has a Token"
    if status != HTTPStatus.UNAUTHORIZED and not (isinstance(token, str) and token):
        yield "there is no usable Token"
    if status == HTTPStatus.ACCEPTED and document.get("Step") not in STEPS:
        yield f"Step is {document.get('Step')!r}, not {' or '.join(STEPS)}"


def _about_page(document: dict[str, Any]) -> Iterator[str]:
    """Check rule 8."""
    result = document.get("Result")
    if not isinstance(result, list) or not all(isinstance(item, dict) for item in cast("list[object]", result)):
        yield "Result is not a list of objects"


def _about_silence(reply: RawReply) -> Iterator[str]:
    if reply.status == HTTPStatus.NO_CONTENT and reply.values("Content-Length"):
        yield Unspecified("a 204 has a Content-Length")
    if not reply.body:
        if reply.content_type:
            yield Unspecified(f"Content-Type is {reply.content_type}, and there is no body")
        return
    document = _object(reply.body)
    if not document or not document.keys() <= QUIRKS.get(reply.status, set()):
        complaint = f"a {reply.status} has a body, and is documented without one: {reply.body[:80]!r}"
        yield complaint if reply.status in SUCCESSES else Unspecified(complaint)
    elif reply.media_type not in {"application/json", "text/json"}:
        yield Unspecified(f"Content-Type is {reply.content_type or 'missing'}, and the body is JSON")


def _about_charset(reply: RawReply) -> Iterator[str]:
    parameters = [part.strip().lower() for part in reply.content_type.split(";")[1:]]
    named = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset")]
    if named and named != ["utf-8"]:
        yield f"the charset is {', '.join(named)}, and JSON is UTF-8"


def _about_caches(reply: RawReply) -> Iterator[str]:
    directives = {
        part.strip().partition("=")[0].lower() for value in reply.values("Cache-Control") for part in value.split(",")
    }
    if reply.status in SUCCESSES and directives & {"public", "s-maxage"}:
        yield Unspecified(f"a cache may share the reply: Cache-Control is {', '.join(reply.values('Cache-Control'))}")


def granted(reply: RawReply) -> str:
    """Return the token in the reply to a log-in; empty if it has none."""
    token = (_object(reply.body) or {}).get("Token") if reply.status in STATES else None
    return token if isinstance(token, str) else ""


def _about_echo(reply: RawReply, secrets: Mapping[str, str], granted: str) -> Iterator[str]:
    body = reply.body.decode("utf-8", "replace")
    shown = "\n".join(f"{name}: {value}" for name, value in reply.headers)
    shown += body.replace(granted, "", 1) if granted else body
    for name, value in secrets.items():
        if len(value) >= SHORTEST_SECRET and any(form in shown for form in forms_of(value)):
            yield f"the reply gives back {name}"


def forms_of(secret: str) -> set[str]:
    """Return the secret unchanged, URL-encoded, in JSON, in hexadecimal, and in base64 at each of three offsets."""
    data = secret.encode()
    inside = {
        b64encode(bytes(skip) + data).decode()[-(-skip * 8 // 6) : (skip + len(data)) * 8 // 6] for skip in range(3)
    }
    return {*spellings(secret), data.hex(), *inside, *(text.replace("+", "-").replace("/", "_") for text in inside)}


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        document: object = json.loads(body.decode("utf-8"))
    except ValueError:
        return None
    return cast("dict[str, Any]", document) if isinstance(document, dict) else None


def _messages(body: bytes) -> list[str]:
    document = _object(body) or {}
    return [value for name, value in document.items() if name in {"Message", "message", "error"} and value]
