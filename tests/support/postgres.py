"""A PostgreSQL server for tests, started on a free port of 127.0.0.1 as an unprivileged user, and stopped."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from attrs import define

USER: Final = "nobody"
"""The user that runs the server if the tests run as root, because PostgreSQL refuses root."""
SECONDS: Final = 60


@cache
def programs() -> Path | None:
    """The folder with initdb and pg_ctl, from PATH or from Debian's place, or None."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return folders[-1].parent if folders else None


@define
class Postgres:
    """One server and its database."""

    folder: Path
    port: int
    settings: tuple[str, ...]
    """Settings as in postgresql.conf."""

    @property
    def url(self) -> str:
        """The connection URL for libpq."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = ("listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories=", *self.settings)
        options = " ".join(f"-c {setting}" for setting in settings)
        self._control("start", "-w", "-t", str(SECONDS), "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop the server at once, as a crash does: uncommitted data is lost."""
        self._control("stop", "-m", "immediate", "-w", "-t", str(SECONDS))

    def _control(self, *words: str) -> None:
        run("pg_ctl", "-D", str(self.folder / "data"), *words)


@contextmanager
def postgres(*settings: str) -> Iterator[Postgres]:
    """A server with an empty database; fsync is off unless the settings turn it on."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as made:
        folder = Path(made)
        if os.getuid() == 0:
            shutil.chown(folder, USER)
        run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        server = Postgres(folder, _free_port(), ("fsync=off", *settings))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs; if it fails, raise an AssertionError with its output."""
    bin_folder = programs()
    assert bin_folder is not None
    user = USER if os.getuid() == 0 else None
    with tempfile.TemporaryFile() as output:  # a pipe would stay open as long as the server runs
        ended = subprocess.run(
            [str(bin_folder / program), *words],
            user=user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=2 * SECONDS,
            check=False,
        )
        output.seek(0)
        assert ended.returncode == 0, output.read().decode(errors="replace")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
