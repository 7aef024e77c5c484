"""The file of a journal: a regular file that only one process has open at a time."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

STDOUT_AND_STDERR: Final = (1, 2)


class WrongJournal(Exception):
    """The journal can't be used. The message says why, and what to do."""


def open_locked(path: Path, *, writes: bool) -> BinaryIO:
    """Open a regular file, to append to it if it `writes`, and lock it. Raises WrongJournal, and OSError.

    With `writes` a missing file is created. No byte of a file is changed.
    """
    try:
        import fcntl  # noqa: PLC0415  # missing on some systems; only a journal needs it
    except ImportError:
        raise WrongJournal("a journal needs file locks, which this system does not have: leave --journal out") from None
    with suppress(FileNotFoundError):
        _check_kind(path, path.stat())  # before it is opened, which waits at a pipe, and may rewind a tape
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT if writes else os.O_RDONLY
    descriptor = os.open(path, flags | os.O_NONBLOCK, 0o666)
    stream: BinaryIO = open(descriptor, "r+b" if writes else "rb", buffering=0)  # noqa: PTH123, SIM115  # the caller closes it
    try:
        _check_kind(path, os.fstat(descriptor))
        _check_apart(path, os.fstat(descriptor))
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise WrongJournal(
            f"another process is using the journal {path}: wait until it has ended, or give another --journal"
        ) from None
    except BaseException:
        stream.close()
        raise
    return stream


def size_at(path: Path, opened: os.stat_result) -> int | None:
    """The size of the file in bytes, or None if the path no longer names the one that was opened. Raises OSError."""
    try:
        found = os.stat(path)  # noqa: PTH116  # Path.stat takes twice the time
    except FileNotFoundError:
        return None
    return found.st_size if os.path.samestat(found, opened) else None


def sync_folder(path: Path) -> None:
    """Force the name of a new file to the disk (fsync of its folder). Raises OSError."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_kind(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise WrongJournal(f"{path} is no regular file, as a journal must be: give another --journal")


def _check_apart(path: Path, found: os.stat_result) -> None:
    for output in STDOUT_AND_STDERR:
        with suppress(OSError):
            if os.path.samestat(os.fstat(output), found):
                raise WrongJournal(f"{path} is also the file that this command prints to: give another --journal")
