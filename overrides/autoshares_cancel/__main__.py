"""Runs the command line, for `python -m autoshares_cancel` and the command autoshares-cancel."""

import sys
from contextlib import suppress

from autoshares_cancel._cli.ending import Interrupted, ProcessSignals

NOT_BEGUN = 6
"""The exit code. The table of exit codes is loaded with a command."""


def main() -> None:
    """Run the command line. Without the extra `cli`, print how to install it and exit with 2.

    A signal that comes while nothing is under way ends it with 6: nothing was begun.
    """
    try:
        ProcessSignals()
        _run()
    except Interrupted:
        _print("Interrupted: nothing was begun.\n")
        sys.exit(NOT_BEGUN)


def _run() -> None:
    try:
        from autoshares_cancel._cli.app import app  # noqa: PLC0415  # an extra

        app(prog_name="autoshares-cancel")
    except ModuleNotFoundError as missing:
        if missing.name not in {"click", "rich"}:
            raise
        sys.exit(_without_extra(missing.name))


def _print(text: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # stderr is full or closed
        sys.stderr.write(text)


def _without_extra(name: str) -> int:
    _print(f"the command line needs {name}, which is not installed: pip install 'autoshares-cancel[cli]'\n")
    return 2


if __name__ == "__main__":
    main()
