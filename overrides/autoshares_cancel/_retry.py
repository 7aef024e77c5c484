"""What may be tried again: pure decisions, driven by Client and AsyncClient.

1. A 401 may come of a token that has ended early. It is answered with one fresh token, once in a call, where one can be
   had: if somebody has fetched a newer one meanwhile, that is taken; else a log-in is made.
2. A call that has just logged in has had its fresh token. Its 401 stands.
3. Nothing else is tried again.
"""

from collections.abc import Generator
from http import HTTPStatus
from typing import Any

from attrs import frozen

from autoshares_cancel._auth import AccessToken
from autoshares_cancel._evidence import Attempt, Evidence, Reply
from autoshares_cancel._secret import Secret


@frozen
class GetToken:
    """Step of a call: answer with a Grant of a token that is not the refused one."""

    refused: AccessToken | None


@frozen
class SendCancel:
    """Step of a call: send the cancel with this token, and answer with the evidence and the attempt to remember."""

    token: Secret


@frozen
class Grant:
    """A token, and whether this very call has logged in for it."""

    token: AccessToken
    fresh: bool


Cancellation = Generator[GetToken | SendCancel, Any, tuple[Evidence, tuple[Attempt, ...]]]


def cancellation(*, renewable: bool) -> Cancellation:
    """One cancel, from the token to the evidence that counts. Yields its steps; returns the last evidence."""
    evidence: Evidence
    attempt: Attempt
    grant: Grant = yield GetToken(None)
    evidence, attempt = yield SendCancel(grant.token.secret)
    unauthorized = isinstance(evidence, Reply) and evidence.status_code == HTTPStatus.UNAUTHORIZED
    if not unauthorized or grant.fresh or not renewable:
        return evidence, (attempt,)
    first = attempt
    grant = yield GetToken(grant.token)
    evidence, attempt = yield SendCancel(grant.token.secret)
    return evidence, (first, attempt)
