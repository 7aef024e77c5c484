"""Which event loop is running, asyncio's or trio's, and tasks of it that no scope waits for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import anyio.lowlevel


def running_loop() -> object:
    """The event loop of asyncio, or the token of a run of trio."""
    token = anyio.lowlevel.current_token()
    return getattr(token, "native_token", token)  # which anyio wraps since 4.11


def spawn(work: Callable[[], Awaitable[None]], loop: object) -> Callable[[], object]:
    """Run this beside the running task, and return what cuts it off. It must not raise but what cuts it off."""
    if isinstance(loop, asyncio.AbstractEventLoop):
        return asyncio.ensure_future(cast("asyncio.Future[None]", work()), loop=loop).cancel

    import trio  # noqa: PLC0415  # who runs it has it

    scope = trio.CancelScope()

    async def run() -> None:
        with scope:
            await work()

    trio.lowlevel.spawn_system_task(run)
    return scope.cancel
