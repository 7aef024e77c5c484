"""The permits of one process, without a database."""

import asyncio
import random

import pytest

from autoshares_cancel._batch.database.limits import Permits


def test_polls_for_permits_back_off_until_the_first_permit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without a permit polls the database less and less often; the first permit resets the pause."""
    answers = iter([(0, 0.0)] * 5 + [(0, 0.9), (0, 0.0), (1, 0.0), (0, 0.0)])
    expected = [0.01, 0.02, 0.04, 0.08, 0.16, 0.9 + 0.32, 0.32, 0.01]
    pauses = list[float]()
    permits = Permits(lambda: next(answers), lambda: 0.0)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == len(expected):
            raise asyncio.CancelledError

    async def main() -> None:
        refilling = asyncio.ensure_future(permits.refill())
        while permits.limiter(0.0):
            await asyncio.to_thread(int)
        while permits.limiter(0.0) and not refilling.done():
            await asyncio.to_thread(int)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(random, "uniform", lambda _, longest: longest)
    asyncio.run(main())
    assert pauses == expected


def test_a_permit_is_good_for_a_moment() -> None:
    """An unused permit expires after 0.1 s: a later request with it could exceed the rate."""
    now = [0.0]
    permits = Permits(lambda: (3, 0.0), lambda: now[0])

    async def main() -> None:
        assert permits.limiter(0.0) > 0
        refilling = asyncio.ensure_future(permits.refill())
        while permits.limiter(0.0):
            await asyncio.to_thread(int)
        assert permits.limiter(0.1) == 0.0
        assert permits.limiter(0.11) > 0
        refilling.cancel()

    asyncio.run(main())
