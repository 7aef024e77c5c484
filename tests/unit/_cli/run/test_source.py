"""The sources of lines: files, which can be read again, and pipes, which can't."""

import asyncio
import io
import os
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from autoshares_cancel._cli.run.rows import LONGEST_FIRST_LINE, WrongFile
from autoshares_cancel._cli.run.source import BYTES_A_GO, OrderFile, OrderPipe, source_of

LINES = [(1, "account_id\n"), (2, "\n"), (3, "6303\n"), (4, "6304")]
TEXT = b"\xef\xbb\xbfaccount_id\n\n6303\n6304"


def all_of(source: OrderFile | OrderPipe) -> list[tuple[int, str]]:
    async def read() -> list[tuple[int, str]]:
        return [line async for chunk in source.chunks() for line in chunk]

    return asyncio.run(read())


def pipe_of(text: bytes) -> OrderPipe:
    """A pipe that a thread writes to and closes."""
    there, here = os.pipe()
    threading.Thread(target=_written, args=(here, text)).start()
    source = source_of(os.fdopen(there, "rb", closefd=False))
    assert isinstance(source, OrderPipe)
    return source


def _written(descriptor: int, text: bytes) -> None:
    with os.fdopen(descriptor, "wb", buffering=0) as stream:
        stream.write(text)


def file_of(text: bytes, folder: Path) -> OrderFile:
    path = folder / "orders"
    path.write_bytes(text)
    source = source_of(path.open("rb"))
    assert isinstance(source, OrderFile)
    return source


def test_a_file_can_be_read_again(tmp_path: Path) -> None:
    """A file gives the same line numbers each time, and its count is right with and without a last line end."""
    source = file_of(TEXT, tmp_path)
    assert source.first() == (1, "account_id\n")
    assert all_of(source) == list(source) == LINES
    assert source.count() == 4
    source.close()
    ended = file_of(TEXT + b"\n", tmp_path)
    assert ended.count() == 4
    ended.close()


def test_a_pipe_gives_each_line_once_and_the_first_twice() -> None:
    """`chunks` yields the first line, although `first` has returned it before."""
    pipe = pipe_of(TEXT)
    assert pipe.first() == (1, "account_id")
    assert all_of(pipe) == [(number, text.rstrip("\n")) for number, text in LINES]


def test_a_pipe_gives_a_line_before_the_next_is_written() -> None:
    """An order can be processed before the writer sends the next one."""
    there, here = os.pipe()
    os.write(here, b"first\n")

    async def read() -> list[str]:
        source, texts = OrderPipe(there), list[str]()
        async for ((_, text),) in source.chunks():
            texts.append(text)
            if text == "first":
                os.write(here, b"second\nthi")
            elif text == "second":
                os.write(here, b"rd")
                os.close(here)
        return texts

    assert asyncio.run(asyncio.wait_for(read(), 20)) == ["first", "second", "third"]
    os.close(there)


def test_a_pipe_can_be_read_to_its_end_and_then_again() -> None:
    """The copy of a pipe includes the bytes that `first` has read."""
    pipe = pipe_of(TEXT * 20_000)
    pipe.first()
    file = pipe.to_its_end()
    assert file.count() == 60_001
    assert list(file)[:2] == LINES[:2]
    assert len(all_of(file)) == 60_001
    file.close()


@pytest.mark.parametrize("text", [b"", b"\n \n\r\n", b"\xef\xbb\xbf"], ids=repr)
@pytest.mark.parametrize("make", [pipe_of, None], ids=["pipe", "file"])
def test_an_empty_file_is_wrong(text: bytes, make: Callable[[bytes], OrderPipe] | None, tmp_path: Path) -> None:
    """An empty file is refused before anything is sent."""
    source = file_of(text, tmp_path) if make is None else make(text)
    with pytest.raises(WrongFile, match="it is empty"):
        source.first()
    source.close()


def test_what_is_no_descriptor_is_copied() -> None:
    """A stream without a descriptor, as stdin in tests, is copied into a file."""
    source = source_of(io.BytesIO(TEXT))
    assert isinstance(source, OrderFile)
    assert list(source) == LINES
    source.close()


def test_what_can_not_be_waited_for_is_read_all_the_same() -> None:
    """The null device is neither a file nor a pipe, and is read to its end."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    assert all_of(OrderPipe(descriptor)) == []
    os.close(descriptor)


def test_a_long_file_lets_others_have_their_turn(tmp_path: Path) -> None:
    """Reading a long file gives other tasks their turn, so that requests under way are not blocked."""
    source = file_of(b"x\n" * 3 * (BYTES_A_GO // 2), tmp_path)
    turns = list[int]()

    async def read() -> None:
        async def count() -> None:
            while True:
                turns.append(len(seen))
                await asyncio.sleep(0)

        seen = list[int]()
        counting = asyncio.ensure_future(count())
        async for chunk in source.chunks():
            seen.extend(number for number, _ in chunk)
        counting.cancel()

    asyncio.run(read())
    assert len(turns) == 3
    source.close()


@pytest.mark.parametrize("how", ["no descriptor", "to its end"])
def test_a_pipe_that_can_not_be_copied_says_why(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Law 12: a full disk for temporary files is reported before anything is sent, without a traceback."""
    monkeypatch.setattr(tempfile, "TemporaryFile", partial(Path("/dev/full").open, "wb"))
    with pytest.raises(WrongFile, match="it can't be copied into a temporary file: No space left on device"):
        source_of(io.BytesIO(TEXT)) if how == "no descriptor" else pipe_of(TEXT).to_its_end()


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_first_line_without_an_end_is_not_read_to_it(tmp_path: Path, kind: str) -> None:
    """`first` returns only as much of a very long line as chooses the parser, and `chunks` yields all of it."""
    line = b"{" + b" " * 3 * LONGEST_FIRST_LINE + b"}"
    source = file_of(line, tmp_path) if kind == "file" else pipe_of(line)
    number, text = source.first()
    assert number == 1
    assert LONGEST_FIRST_LINE <= len(text) < 2 * LONGEST_FIRST_LINE
    assert all_of(source) == [(1, line.decode())]
    source.close()
