"""Calls a mock's control API over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from autoshares_cancel.contract.server.clients import TLS
from autoshares_cancel.contract.server.raw import RawRequest, send


def ask_mock(base_url: str, method: str, path: str, document: Mapping[str, Any] | None = None) -> Any:
    """Call a mock's control API under /_mock/. Raises NoReplyError or ValueError for a server that is not a mock."""
    target = urlsplit(base_url)
    body = b"" if document is None else json.dumps(document).encode()
    request = RawRequest(method=method, target=path, headers=(("Content-Length", str(len(body))),))
    reply = send(f"{target.scheme}://{target.netloc}", request, TLS, body)
    if reply.status not in {200, 204}:
        raise ValueError(f"{path} answered {reply.status}: {reply.body.decode(errors='replace')}")
    return json.loads(reply.body) if reply.body else None
