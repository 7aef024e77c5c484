"""The permits of one process, without a database."""

import asyncio

import pytest

from autoshares_cancel._batch.database.limits import Permits

NONE_FOR = 7
"""How often there is no permit."""


def test_it_asks_less_often_the_longer_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred processes ask one table. With the first permit it is as quick as before."""
    answers = iter([0] * NONE_FOR + [1, 0])
    pauses = list[float]()
    permits = Permits(lambda: next(answers), lambda: 0.0)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > NONE_FOR:
            raise asyncio.CancelledError

    async def main() -> None:
        refilling = asyncio.ensure_future(permits.refill())
        while permits.limiter(0.0):
            await asyncio.to_thread(int)
        while permits.limiter(0.0) and not refilling.done():
            await asyncio.to_thread(int)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(main())
    assert pauses == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.32, 0.01]


def test_a_permit_is_good_for_a_moment() -> None:
    """One that is not used would let more requests through later than the rate allows."""
    now = [0.0]
    permits = Permits(lambda: 3, lambda: now[0])

    async def main() -> None:
        assert permits.limiter(0.0) > 0
        refilling = asyncio.ensure_future(permits.refill())
        while permits.limiter(0.0):
            await asyncio.to_thread(int)
        assert permits.limiter(0.1) == 0.0
        assert permits.limiter(0.11) > 0
        refilling.cancel()

    asyncio.run(main())
