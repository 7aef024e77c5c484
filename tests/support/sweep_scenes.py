"""Helpers for tests with a sweep in a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from support.fake_backend import SETTINGS, FakeBackend

from autoshares_cancel import AsyncClient, Sweep

Scene = Callable[[Sweep], Awaitable[None]]


def play(database: str, scene: Scene, **options: Any) -> None:
    """Run an asynchronous test with a sweep."""

    async def main() -> None:
        async with Sweep(database, name="a", **options) as sweep:
            await scene(sweep)

    asyncio.run(main())


async def work_off(sweep: Sweep, **options: Any) -> tuple[int, FakeBackend]:
    """Cancel all orders of a sweep with a client whose requests are answered with 204."""
    async with AsyncClient(**SETTINGS) as client:
        backend = FakeBackend(client)
        return await client.work_off(sweep, **options), backend
