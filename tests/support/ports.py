"""Ports for servers that are restarted on the same port, and ports without a server."""

import itertools
import os
import socket
from typing import Final

LOWEST: Final = 10_000
"""Below the ephemeral ports, so that no other test gets the port while the server is stopped."""
OF_A_PROCESS: Final = 100
RANGES: Final = 200
_steps = itertools.count()


def lasting_port() -> int:
    """A free port from this process's own range, which other processes do not use."""
    first = LOWEST + os.getpid() % RANGES * OF_A_PROCESS
    for step in itertools.islice(_steps, OF_A_PROCESS):
        port = first + step % OF_A_PROCESS
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
