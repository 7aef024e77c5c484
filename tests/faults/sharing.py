"""One of several processes that share a session: `python -m faults.sharing KIND BASE_URL FOLDER FIRST:COUNT …`.

Each worker cancels COUNT orders one after the other, and writes a line with the number of each outcome. All workers use
one client: in threads, in the tasks of an event loop, or in processes that are forked from this one. A line `waiting`
means that another process has the lock.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio
from support.clients import BACKENDS, TLS

from autoshares_cancel import AsyncClient, AutosharesError, Client, PasswordCredentials, Timeouts, TokenFolder

ACCOUNT = 6303
SECONDS = 600.0
"""Longer than any test takes."""
WAITING = "waiting"


class WatchedFolder(TokenFolder):
    """A token folder that reports each attempt to take a lock that another process has."""

    def lock(self, key: str) -> Any:
        lock = super().lock(key)
        if lock is None:
            write(WAITING)
        return lock


def write(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # one write, so that lines never mix


def report(outcomes: Counter[str]) -> None:
    write(json.dumps(outcomes))


def cancel_each(client: Client, orders: range) -> None:
    outcomes = Counter[str]()
    for order_id in orders:
        try:
            outcomes[type(client.cancel_order(account_id=ACCOUNT, order_id=order_id)).__name__] += 1
        except AutosharesError as error:
            outcomes[str(error)] += 1
    report(outcomes)


def in_threads(options: dict[str, Any], blocks: list[range]) -> None:
    with Client(**options) as client, ThreadPoolExecutor(len(blocks)) as pool:
        list(pool.map(partial(cancel_each, client), blocks))


def in_children(options: dict[str, Any], blocks: list[range]) -> None:
    """Cancel in child processes, as a prefork server does: the client is made before the fork."""
    with Client(**options) as client:
        for orders in blocks:
            if os.fork() == 0:
                try:
                    cancel_each(client, orders)
                finally:
                    os._exit(0)
        for _ in blocks:
            os.wait()


async def in_tasks(options: dict[str, Any], blocks: list[range]) -> None:
    async with AsyncClient(**options) as client, anyio.create_task_group() as group:
        for orders in blocks:
            group.start_soon(cancel_each_async, client, orders)


async def cancel_each_async(client: AsyncClient, orders: range) -> None:
    outcomes = Counter[str]()
    for order_id in orders:
        try:
            outcomes[type(await client.cancel_order(account_id=ACCOUNT, order_id=order_id)).__name__] += 1
        except AutosharesError as error:
            outcomes[str(error)] += 1
    report(outcomes)


def in_loop(loop: str, options: dict[str, Any], blocks: list[range]) -> None:
    backend, loop_options = BACKENDS[loop]
    anyio.run(in_tasks, options, blocks, backend=backend, backend_options=loop_options)


KINDS: dict[str, Callable[[dict[str, Any], list[range]], None]] = {
    "threads": in_threads,
    **{loop: partial(in_loop, loop) for loop in BACKENDS},
    "prefork": in_children,
}


def main(kind: str, base_url: str, folder: str, *blocks: str) -> None:
    store = WatchedFolder(folder)
    user = PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse", token_store=store)
    options: dict[str, Any] = {"base_url": base_url, "credentials": user, "verify": TLS, "deadline": SECONDS}
    options |= {"timeouts": Timeouts(read=SECONDS)}
    numbers = [tuple(map(int, block.split(":"))) for block in blocks]
    KINDS[kind](options, [range(first, first + count) for first, count in numbers])


if __name__ == "__main__":
    main(*sys.argv[1:])
