"""Client runs a coroutine to its end in one step."""

import types
from collections.abc import Generator

import pytest

from autoshares_cancel._engine.run import run


@types.coroutine
def suspends() -> Generator[None, None, None]:
    yield


def test_what_never_suspends_returns_its_result() -> None:
    """Rule 3 of the house: both clients run the same coroutine, and Client needs no event loop for it."""

    async def inner() -> int:
        return 41

    async def outer() -> int:
        return await inner() + 1

    assert run(outer()) == 42


@pytest.mark.parametrize("kind", [KeyboardInterrupt, LookupError])
def test_what_is_raised_goes_through(kind: type[BaseException]) -> None:
    """Law 3: an interruption reaches the caller, after the code around the call has seen it."""
    seen = list[type[BaseException]]()

    async def inner() -> None:
        raise kind

    async def fails() -> None:
        try:
            await inner()
        except BaseException as error:
            seen.append(type(error))
            raise

    with pytest.raises(kind):
        run(fails())
    assert seen == [kind]


def test_what_suspends_is_closed() -> None:
    """A coroutine that suspends is a bug of this package: run raises RuntimeError, and closes it."""
    closed = list[str]()

    async def waits() -> None:
        try:
            await suspends()
        finally:
            closed.append("closed")

    with pytest.raises(RuntimeError, match="has suspended"):
        run(waits())
    assert closed == ["closed"]
