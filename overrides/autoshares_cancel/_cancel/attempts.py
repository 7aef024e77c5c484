"""How a call remembers its requests. Pure."""

from datetime import datetime

from autoshares_cancel._values.evidence import Attempt, Evidence, NotWritten, Reply
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.text import readable, shown_headers


def attempt_of(
    what: str,
    evidence: Evidence,
    *,
    started_at: float,
    seconds: float,
    secrets: tuple[Secret, ...],
    sent_at: datetime | None = None,
) -> Attempt:
    """How an attempt is remembered. Pure; no secret gets into it."""
    headers: dict[str, str] = {}
    if isinstance(evidence, Reply):
        status_code, summary = evidence.status_code, f"reply {evidence.status_code}"
        headers = shown_headers(evidence.headers, secrets)
    else:
        words = "nothing left" if isinstance(evidence, NotWritten) else "no reply"
        status_code, summary = None, ": ".join(filter(None, (words, readable(evidence.reason, secrets))))
    return Attempt(
        status_code=status_code,
        evidence=summary,
        what=what,
        started_at=started_at,
        seconds=seconds,
        sent_at=sent_at,
        date=headers.pop("Date", None),
        headers=headers,
    )
