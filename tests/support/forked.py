"""Programs that fork, each run in its own process: python -m support.forked NAME BASE_URL CA.

Parent and child each print one line: the process, and the outcomes of its orders. The server replies to even order ids
with 204 and to odd ones with 409. The parent uses even ids, the child odd ones.
"""

import asyncio
import json
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from autoshares_cancel import AsyncClient, AutosharesError, Client, TokenCredentials
from autoshares_cancel.errors import ConfigurationError

ROUNDS = 200
CLIENTS = list[Client]()
"""The client that the workers of a Pool inherit, because arguments would be pickled."""
TOKEN = TokenCredentials(app_key="an-app-key", token="an-access-token")


def cancel(client: Client, order_id: int) -> str:
    try:
        return type(client.cancel_order(account_id=6303, order_id=order_id)).__name__
    except AutosharesError as error:
        return type(error).__name__


def report(process: str, outcomes: Iterable[str]) -> None:
    os.write(1, json.dumps({process: sorted(set(outcomes))}).encode() + b"\n")  # one write, so that lines never mix


def in_both(parent: Callable[[], Iterable[str]], child: Callable[[], Iterable[str]], *, in_turn: bool = False) -> None:
    """Fork, and run both functions at the same time, or with `in_turn` the child's first."""
    pid = os.fork()
    if pid == 0:
        try:
            report("child", child())
        finally:
            os._exit(0)
    if in_turn:
        os.waitpid(pid, 0)
    report("parent", parent())
    if not in_turn:
        os.waitpid(pid, 0)


def calls(client: Client, first: int) -> list[str]:
    return [cancel(client, order_id) for order_id in range(first, first + 2 * ROUNDS, 2)]


def at_once(client: Client) -> None:
    """Both processes call at the same time, after the parent has opened a connection."""
    cancel(client, 2)
    in_both(lambda: calls(client, 2), lambda: calls(client, 1))


def in_turn(client: Client) -> None:
    """Both processes call one after the other; the parent's connection still works."""
    cancel(client, 2)
    in_both(lambda: calls(client, 2), lambda: calls(client, 1), in_turn=True)


def pool(client: Client) -> None:
    """A Pool that forks, like a prefork server."""
    cancel(client, 2)
    CLIENTS.append(client)
    with multiprocessing.get_context("fork").Pool(1) as workers:
        answers = workers.map_async(work, range(1, 2 * ROUNDS, 2))
        report("parent", calls(client, 2))
        report("child", answers.get(60))


def work(order_id: int) -> str:
    return cancel(CLIENTS[0], order_id)


def locks(client: Client) -> None:
    """At the fork a thread of the parent holds the log-in lock, the retry budget and all connections."""
    held, over = threading.Event(), threading.Event()
    engine: Any = client._engine

    def hold() -> None:
        with engine.backend.lock, engine.budget._lock:  # any thread may hold them
            slots = engine.backend.connections._network._slots
            taken = [slots.get(timeout=1) for _ in range(256)]
            held.set()
            over.wait(60)
            for slot in taken:
                slots.put(slot)

    threading.Thread(target=hold).start()
    held.wait(60)
    in_both(list, lambda: [str(engine.backend.lock.acquire(blocking=False)), *calls(client, 1)])
    over.set()


def batch(client: Client) -> None:
    """The child has no threads of the batch, and its next step raises instead of hanging."""
    orders = [(6303, order_id) for order_id in range(2, 42, 2)]
    with client.cancel_orders(orders, concurrency=4) as running:
        next(running)

        def child() -> Iterable[str]:
            for step in (lambda: next(running), running.close):
                try:
                    step()
                except ConfigurationError as error:
                    yield str(error)
            running.__exit__(None, None, None)

        in_both(lambda: [type(outcome).__name__ for _, outcome in running], child)


def on_exit(client: Client) -> None:
    """A child that leaves the block of its parent cancels nothing."""
    guard = client.cancel_on_exit(account_id=6303, when="always", deadline=1.0)

    def leave() -> Iterable[str]:
        with suppress(AutosharesError):
            guard.__exit__(None, None, None)
        return [f"{guard.result} {guard.failure}"]

    in_both(list, leave)


def tasks(base_url: str, ca: str) -> None:
    """An AsyncClient and its batch belong to the parent; the child does not disturb them."""

    async def main() -> None:
        orders = [(6303, order_id) for order_id in range(2, 42, 2)]
        client = AsyncClient(base_url=base_url, credentials=TOKEN, verify=ca)
        running = client.cancel_orders(orders, concurrency=4)
        await anext(running)
        pid = os.fork()
        if pid == 0:
            problems = list[str]()
            try:
                for step in (
                    lambda: client.cancel_order(account_id=6303, order_id=1),
                    running.__anext__,
                    running.aclose,
                ):
                    try:
                        await step()
                    except ConfigurationError as error:
                        problems.append(str(error))
                await client.aclose()
                report("child", problems)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)  # noqa: ASYNC222  # the child ends before the parent goes on
        report("parent", [type(outcome).__name__ async for _, outcome in running])
        await client.aclose()

    asyncio.run(main())


def unused(base_url: str, ca: str) -> None:
    """A client that was made before the fork and not used works in both processes."""
    client = AsyncClient(base_url=base_url, credentials=TOKEN, verify=ca)

    async def call(order_id: int) -> str:
        async with client:
            try:
                return type(await client.cancel_order(account_id=6303, order_id=order_id)).__name__
            except AutosharesError as error:
                return type(error).__name__

    in_both(lambda: [asyncio.run(call(2))], lambda: [asyncio.run(call(1))])


def main(name: str, base_url: str, ca: str) -> None:
    if name in {"tasks", "unused"}:
        {"tasks": tasks, "unused": unused}[name](base_url, ca)
        return
    with Client(base_url=base_url, credentials=TOKEN, verify=ca, deadline=20.0) as client:
        {"at_once": at_once, "in_turn": in_turn, "pool": pool, "locks": locks, "batch": batch, "on_exit": on_exit}[
            name
        ](client)


if __name__ == "__main__":
    main(*sys.argv[1:])
