"""Ports for servers that are stopped and started again at the same port, and for none."""

import itertools
import os
import socket
from typing import Final

LOWEST: Final = 10_000
"""Below the ports that systems give to connections, which another test could get while the server is away."""
OF_A_PROCESS: Final = 100
RANGES: Final = 200
_steps = itertools.count()


def lasting_port() -> int:
    """A free port of this process: others do not even try whether it is free."""
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
