"""The command line, which kills itself at a given moment: `python -m faults.dying WHEN COUNT orders …`.

WHEN is `before`, `within` or `after` write number COUNT of this process to its journal. With any other word
the process lives.
"""

import os
import signal
import sys

from autoshares_cancel.__main__ import main
from autoshares_cancel._cli.run.journal import Journal


def die() -> None:
    """End like a power failure: without any cleanup."""
    os.kill(os.getpid(), signal.SIGKILL)


def doom(when: str, count: int) -> None:
    """Patch the journal so that this process dies at its moment."""
    write, writes = Journal._write, list[int]()

    def write_and_die(self: Journal, lines: bytes) -> None:
        writes.append(1)
        is_time = len(writes) == count
        if is_time and when == "before":
            die()
        if is_time and when == "within":
            self._stream.write(lines[: len(lines) // 2])
            die()
        write(self, lines)
        if is_time and when == "after":
            die()

    Journal._write = write_and_die  # type: ignore[method-assign]  # in this process alone


if __name__ == "__main__":
    _, when_, count_, *rest = sys.argv
    doom(when_, int(count_))
    sys.argv[1:] = rest
    main()
