"""Control of a running mock, over TCP as anybody has it."""

import httpx
from support.clients import TLS

from autoshares_cancel.mock import MockServer


def tell(server: MockServer, path: str, **document: object) -> None:
    """Post a document to the last part of a path of control."""
    httpx.post(f"{server.origin}/_mock/{path}", json=document, verify=TLS, timeout=60).raise_for_status()


def settings(server: MockServer, **changes: object) -> None:
    """Tell the mock how to behave."""
    tell(server, "settings", **changes)


def counters(server: MockServer) -> dict[str, int]:
    """How often it was asked, and how often at once."""
    state: dict[str, dict[str, int]] = httpx.get(f"{server.origin}/_mock/state", verify=TLS, timeout=60).json()
    return state["counters"]
