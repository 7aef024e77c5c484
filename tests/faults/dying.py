"""The command line, which kills itself at a moment that is counted: `python -m faults.dying WHEN COUNT orders …`.

WHEN is `before`, `within` or `after` the line of the journal that has the number COUNT in this process. Any other word
lets it live.
"""

import json
import os
import signal
import sys
from typing import Any

from autoshares_cancel.__main__ import main
from autoshares_cancel._cli.run.journal import Journal


def die() -> None:
    """As power, kernel or operator would have it: nothing is cleared up."""
    os.kill(os.getpid(), signal.SIGKILL)


def doom(when: str, count: int) -> None:
    """Let this process die at its moment."""
    write, lines = Journal._write, list[int]()

    def write_and_die(self: Journal, entry: dict[str, Any]) -> None:
        lines.append(1)
        is_time = len(lines) == count
        if is_time and when == "before":
            die()
        if is_time and when == "within":
            line = json.dumps(entry).encode()
            self._stream.write(line[: len(line) // 2])
            die()
        write(self, entry)
        if is_time and when == "after":
            die()

    Journal._write = write_and_die  # type: ignore[method-assign]  # in this process alone


if __name__ == "__main__":
    _, when_, count_, *rest = sys.argv
    doom(when_, int(count_))
    sys.argv[1:] = rest
    main()
