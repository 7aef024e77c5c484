"""Ports for servers that are stopped and started again at the same port, and for none."""

import os
import socket
from typing import Final

LOWEST: Final = 10_000
COUNT: Final = 20_000
"""Below the ports that systems give to connections, which another test could get while the server is away."""


def lasting_port() -> int:
    """A free port. Processes of this suite look for it at different places."""
    first = os.getpid() * 7 % COUNT
    for port in (LOWEST + (first + step) % COUNT for step in range(COUNT)):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError("no port is free")


def nowhere() -> str:
    """A base URL where nothing listens."""
    return f"http://127.0.0.1:{lasting_port()}"
