"""The command line in a pseudo-terminal of a given width."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from attrs import define
from support.command import COMMAND, environment


@define
class Terminal:
    """The user's end of a terminal."""

    descriptor: int
    running: "subprocess.Popen[Any]"
    seen: str = ""

    def read_until(self, text: str) -> str:
        """Read until this text has arrived; fail if the output ends without it."""
        while text not in self.seen:
            assert self._read(), f"{text!r} has not come: {self.seen}"
        return self.seen

    def read(self) -> str:
        """Read to the end."""
        while self._read():
            pass
        return self.seen

    def type(self, text: str) -> None:
        """Type this text."""
        os.write(self.descriptor, text.encode())

    def hang_up(self) -> None:
        """Close the terminal: its process gets SIGHUP and can no longer write to it."""
        os.close(self.descriptor)
        self.descriptor = -1

    def _read(self) -> bool:
        try:
            data = os.read(self.descriptor, 1 << 16)
        except OSError:  # the last process has closed it
            return False
        self.seen += data.decode()
        return bool(data)


@contextmanager
def terminal(base_url: str, *arguments: object, columns: int = 80, **variables: str) -> Generator[Terminal]:
    """Run the command in a terminal that is its controlling terminal."""
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    words = [*COMMAND, *map(str, arguments)]
    values = {"TERM": "xterm", **environment(base_url), **variables}

    def begin() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    options: dict[str, Any] = {"stdin": there, "stdout": there, "stderr": there, "preexec_fn": begin}
    with subprocess.Popen(words, env=values, **options) as running:
        os.close(there)
        person = Terminal(here, running)
        try:
            yield person
        except BaseException:
            running.kill()
            raise
        finally:
            if person.descriptor >= 0:
                os.close(person.descriptor)
