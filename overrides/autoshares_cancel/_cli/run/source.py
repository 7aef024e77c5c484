"""Where the lines of orders come from: a file, which can be read again, or a pipe, which can't."""

import asyncio
import os
import stat
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterator
from shutil import copyfileobj
from typing import BinaryIO, Final

from autoshares_cancel._cli.run.rows import WrongFile, text_of

CHUNK: Final = 1 << 16
"""Bytes."""
LINES_A_GO: Final = 256
"""After so many lines whatever else is under way has its turn."""

Line = tuple[int, str]
"""Its number, counted from 1, and its text."""


class OrderFile:
    """A file that can be read as often as needed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def first(self) -> Line:
        """The first line that is not empty. Raises WrongFile where there is none."""
        for number, text in self:
            if text.strip():
                return number, text
        raise WrongFile("it is empty")

    def __iter__(self) -> Iterator[Line]:
        self._stream.seek(0)
        for number, line in enumerate(self._stream, 1):
            yield number, text_of(line, number)

    async def lines(self) -> AsyncIterator[Line]:
        """All lines, from the first."""
        for line in self:
            if line[0] % LINES_A_GO == 0:
                await asyncio.sleep(0)
            yield line

    def close(self) -> None:
        """Close it; a temporary one is gone then."""
        self._stream.close()

    def count(self) -> int:
        """How many lines there are, and so how many orders at most."""
        self._stream.seek(0)
        count, end = 0, b"\n"
        while chunk := self._stream.read(CHUNK):
            count, end = count + chunk.count(b"\n"), chunk[-1:]
        return count + (end != b"\n")


class OrderPipe:
    """A pipe or a terminal: each line is there once, and when it comes."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._number = 0
        self._begin = b""
        """What was read while somebody looked for the first line."""
        self._rest = b""
        self._waiting = deque[Line]()
        self._is_at_end = False

    def first(self) -> Line:
        """The first line that is not empty, which stays to be read. Waits for it; raises WrongFile at the end."""
        while True:
            for number, text in self._waiting:
                if text.strip():
                    return number, text
            if self._is_at_end:
                raise WrongFile("it is empty")
            self._begin += self._read()

    async def lines(self) -> AsyncIterator[Line]:
        """All lines, each as soon as it is there."""
        self._begin = b""
        if not self._can_wait():
            while not self._is_at_end:  # nothing is under way yet that a wait could hold up
                self._read()
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._is_at_end:
                return
            await self._readable()
            self._read()

    def close(self) -> None:
        """Nothing: a pipe belongs to who gave it."""

    def to_its_end(self) -> OrderFile:
        """All lines, in a temporary file. Waits for the last of them."""
        spool = tempfile.TemporaryFile()  # noqa: SIM115  # it is gone with the process, and is read to its end
        spool.write(self._begin)
        while chunk := os.read(self._descriptor, CHUNK):
            spool.write(chunk)
        return OrderFile(spool)

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
        """Whether the event loop can tell when there is something to read; on Windows it can't."""
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
        except PermissionError:  # what can't be waited for, as /dev/null, never lets anybody wait
            return
        try:
            await is_readable.wait()
        finally:
            loop.remove_reader(self._descriptor)


def source_of(stream: BinaryIO) -> OrderFile | OrderPipe:
    """The lines of a stream. One that is neither a file nor a pipe is first copied into a temporary file."""
    try:
        descriptor = stream.fileno()
    except OSError:
        spool = tempfile.TemporaryFile()  # noqa: SIM115  # as above
        copyfileobj(stream, spool)
        return OrderFile(spool)
    return OrderFile(stream) if stat.S_ISREG(os.fstat(descriptor).st_mode) else OrderPipe(descriptor)
