"""The source of the lines: a file, which can be read again, or a pipe, which can't."""

import asyncio
import os
import stat
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import BinaryIO, Final

from autoshares_cancel._cli.run.rows import LONGEST_FIRST_LINE, WrongFile, text_of

CHUNK: Final = 1 << 16
"""Bytes."""
BYTES_A_GO: Final = 1 << 12
"""After so many bytes of a file, and the rest of their last line, other tasks run."""

Line = tuple[int, str]
"""The number of a line, from 1, and its text."""


class OrderFile:
    """A file that can be read as often as needed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def first(self) -> Line:
        """The first line that is not empty, up to LONGEST_FIRST_LINE. Raises WrongFile if there is none."""
        number, _ = 1, self._stream.seek(0)
        while line := self._stream.readline(LONGEST_FIRST_LINE):
            text = text_of(line, number)
            if text.strip():
                return number, text
            number += line.endswith(b"\n")
        raise WrongFile("it is empty")

    def __iter__(self) -> Iterator[Line]:
        self._stream.seek(0)
        for number, line in enumerate(self._stream, 1):
            yield number, text_of(line, number)

    async def chunks(self) -> AsyncIterator[list[Line]]:
        """Yield all lines, from the first, some at a time. Lets other tasks run after each chunk."""
        number, _ = 1, self._stream.seek(0)
        while lines := self._stream.readlines(BYTES_A_GO):
            yield [(each, text_of(line, each)) for each, line in enumerate(lines, number)]
            number += len(lines)
            await asyncio.sleep(0)

    def close(self) -> None:
        """Close the file. A temporary file is deleted."""
        self._stream.close()

    def count(self) -> int:
        """Count the lines; there are at most as many orders. Reads the whole file."""
        self._stream.seek(0)
        count, end = 0, b"\n"
        while chunk := self._stream.read(CHUNK):
            count, end = count + chunk.count(b"\n"), chunk[-1:]
        return count + (end != b"\n")


class OrderPipe:
    """A pipe or a terminal: each line can be read once, as soon as it arrives."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._number = 0
        self._begin = b""
        """All bytes that `first` has read, for to_its_end."""
        self._rest = b""
        self._waiting = deque[Line]()
        self._is_at_end = False

    def first(self) -> Line:
        """The first line that is not empty; `chunks` yields it again. Blocks until it arrives; WrongFile at the end.

        Of a line that does not end, as a device may have, it returns the first LONGEST_FIRST_LINE bytes or more.
        """
        while True:
            for number, text in self._waiting:
                if text.strip():
                    return number, text
            if len(self._rest) >= LONGEST_FIRST_LINE:
                return self._number + 1, text_of(self._rest, self._number + 1)
            if self._is_at_end:
                raise WrongFile("it is empty")
            self._begin += self._read()

    async def chunks(self) -> AsyncIterator[list[Line]]:
        """Yield all lines, as soon as they arrive."""
        self._begin = b""
        if not self._can_wait():
            while not self._is_at_end:  # blocking is harmless here: no order is under way yet
                self._read()
        while True:
            if self._waiting:
                chunk = [*self._waiting]
                self._waiting.clear()
                yield chunk
            if self._is_at_end:
                return
            await self._readable()
            self._read()

    def close(self) -> None:
        """Do nothing: the caller owns the pipe."""

    def to_its_end(self) -> OrderFile:
        """Copy all lines into a temporary file. Blocks until the pipe ends. Raises WrongFile if it can't be copied."""
        return _copied(chain([self._begin], iter(lambda: os.read(self._descriptor, CHUNK), b"")))

    def _read(self) -> bytes:
        chunk = os.read(self._descriptor, CHUNK)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if not chunk:
            self._is_at_end = True
            lines += [self._rest] if self._rest else []
        for line in lines:
            self._number += 1
            self._waiting.append((self._number, text_of(line, self._number)))
        return chunk

    def _can_wait(self) -> bool:
        """Whether the event loop can wait for this descriptor; on Windows it can't."""
        loop = asyncio.get_running_loop()
        try:
            loop.add_reader(self._descriptor, bool)
        except PermissionError:
            return True
        except NotImplementedError:
            return False
        return loop.remove_reader(self._descriptor)

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        is_readable = asyncio.Event()
        try:
            loop.add_reader(self._descriptor, is_readable.set)
        except PermissionError:  # epoll refuses /dev/null and the like, which are always ready to read
            return
        try:
            await is_readable.wait()
        finally:
            loop.remove_reader(self._descriptor)


def source_of(stream: BinaryIO) -> OrderFile | OrderPipe:
    """Make the source of a stream. A stream without a descriptor is copied into a temporary file first."""
    try:
        descriptor = stream.fileno()
    except OSError:
        return _copied(iter(lambda: stream.read(CHUNK), b""))
    return OrderFile(stream) if stat.S_ISREG(os.fstat(descriptor).st_mode) else OrderPipe(descriptor)


def _copied(chunks: Iterable[bytes]) -> OrderFile:
    spool = tempfile.TemporaryFile()  # noqa: SIM115  # OrderFile closes it, which deletes it
    try:
        spool.writelines(chunks)
        spool.flush()
    except OSError as problem:
        with suppress(OSError):  # it tries to write the rest once more
            spool.close()
        raise WrongFile(f"it can't be copied into a temporary file: {problem.strerror or problem}") from None
    return OrderFile(spool)
