"""The functions of an event loop that AsyncClient uses, on asyncio and trio. Only sockets use anyio directly.

Imported when the first AsyncClient is made: Client does not need anyio, which is slow to load.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, TypeVar

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
    """Run this in a thread. If the task is cancelled, the thread is abandoned."""
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)


def running_loop() -> object:
    """The running event loop of asyncio, or the token of the run of trio."""
    try:
        loop = asyncio.get_running_loop()
        if asyncio.current_task(loop) is not None:  # so not trio, even if trio runs as a guest on asyncio
            return loop
    except RuntimeError:
        pass
    token = anyio.lowlevel.current_token()
    return getattr(token, "native_token", token)  # anyio wraps it since 4.11


def is_in_cancelled_scope() -> bool:
    """Whether a scope of anyio or trio around this is cancelled. It cancels every further await, so none is lost."""
    return anyio.current_effective_deadline() == -math.inf


def spawn(work: Callable[[], Coroutine[Any, Any, None]], loop: object) -> Callable[[], object]:
    """Run this in a new task, and return a function that cancels it. `work` may raise only its cancellation."""
    if isinstance(loop, asyncio.AbstractEventLoop):
        return loop.create_task(work()).cancel

    import trio  # noqa: PLC0415  # installed, because it is running

    scope = trio.CancelScope()

    async def run() -> None:
        with scope:
            await work()

    # Without a context, trio gives the task the one of its run, which has no current span.
    trio.lowlevel.spawn_system_task(run, context=copy_context())
    return scope.cancel


async def finish(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run this to its end, even if the task is cancelled; then raise the cancellation. Ctrl-C in here ends it early.

    `work` runs in a task of its own, because no scope shields from a second cancellation of asyncio. It may raise only
    its cancellation.
    """
    ended = Event()
    interruption: BaseException | None = None

    async def run() -> None:
        try:
            await work()
        finally:
            ended.set()

    interrupt = spawn(run, running_loop())
    with CancelScope(shield=True):
        while not ended.is_set():
            try:
                await ended.wait()
            except cancelled() as again:
                interruption = again
            except KeyboardInterrupt as again:  # trio raises it in the task that waits
                interruption = again
                interrupt()
    if interruption is not None:
        raise interruption
