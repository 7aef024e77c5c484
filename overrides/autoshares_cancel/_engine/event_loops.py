"""What AsyncClient needs of an event loop, asyncio's or trio's: all that there is of anyio above the sockets.

Loaded when the first AsyncClient is made, because who uses Client should not wait for it.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from typing import TypeVar, cast

import anyio
import anyio.lowlevel
import anyio.to_thread

T = TypeVar("T")

Lock = anyio.Lock
Event = anyio.Event
CancelScope = anyio.CancelScope
create_task_group = anyio.create_task_group
move_on_after = anyio.move_on_after
sleep = anyio.sleep
checkpoint = anyio.lowlevel.checkpoint
cancelled = anyio.get_cancelled_exc_class


async def in_thread(work: Callable[[], T]) -> T:
    """Run this in a thread, which is left behind when the task is cancelled."""
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)


def running_loop() -> object:
    """The event loop of asyncio, or the token of a run of trio."""
    with suppress(RuntimeError):
        if asyncio.current_task() is not None:  # and so not trio, even where asyncio is its guest's host
            return asyncio.get_running_loop()
    token = anyio.lowlevel.current_token()
    return getattr(token, "native_token", token)  # which anyio wraps since 4.11


def is_in_cancelled_scope() -> bool:
    """Whether every await here is cancelled from now on, so that to swallow one cancellation swallows none."""
    return anyio.current_effective_deadline() == -math.inf


def spawn(work: Callable[[], Awaitable[None]], loop: object) -> Callable[[], object]:
    """Run this beside the running task, and return what cuts it off. It must not raise but what cuts it off."""
    if isinstance(loop, asyncio.AbstractEventLoop):
        return asyncio.ensure_future(cast("asyncio.Future[None]", work()), loop=loop).cancel

    import trio  # noqa: PLC0415  # who runs it has it

    scope = trio.CancelScope()

    async def run() -> None:
        with scope:
            await work()

    # trio would give it the context of its own beginnings, without the span that is current here.
    trio.lowlevel.spawn_system_task(run, context=copy_context())
    return scope.cancel
