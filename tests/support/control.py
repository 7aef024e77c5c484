"""Control of a running mock over TCP."""

import httpx
from support.clients import TLS

from autoshares_cancel.mock import MockServer


def tell(server: MockServer, path: str, **document: object) -> None:
    """POST a document to this path below /_mock."""
    httpx.post(f"{server.origin}/_mock/{path}", json=document, verify=TLS, timeout=60).raise_for_status()


def settings(server: MockServer, **changes: object) -> None:
    """Change the settings of the mock."""
    tell(server, "settings", **changes)


def counters(server: MockServer) -> dict[str, int]:
    """The counters of the mock."""
    state: dict[str, dict[str, int]] = httpx.get(f"{server.origin}/_mock/state", verify=TLS, timeout=60).json()
    return state["counters"]
