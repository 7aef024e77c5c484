"""Nothing is left of a batch that has ended or was dropped."""

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import MakeCaller
from support.clients import CLIENT_KINDS, TLS, AsyncCaller, Caller
from support.fake_backend import ACCOUNT, PATIENCE_SECONDS, SETTINGS, FakeBackend, once_each, orders, until
from support.fake_clock import FakeClock
from support.raw_server import raw_server, says
from support.tables import mainly

from autoshares_cancel import AsyncClient, AutosharesError, Client, TokenCredentials
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, Reply

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def batch_threads() -> int:
    return sum("autoshares-cancel batch" in thread.name for thread in threading.enumerate())


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(**SETTINGS, verify=TLS) as made:
        yield made


@pytest.mark.parametrize("ending", ["all", "closed", "left", "dropped", "never begun"])
def test_no_thread_is_left(client: Client, ending: str) -> None:
    """No thread is left, however the batch ends: a waiting thread would keep the program from ending."""
    backend = FakeBackend(client)
    batches: list[Any] = [client.cancel_orders(orders(100), concurrency=8)]
    if ending == "all":
        assert once_each(orders(100), batches[0])
    elif ending != "never begun":
        next(batches[0])
        assert batch_threads() > 0
    if ending == "closed":
        batches[0].close()
    if ending == "left":
        with batches[0]:
            pass
    if ending in {"dropped", "never begun"}:
        batches.clear()
    gc.collect()
    until(lambda: batch_threads() == 0)
    assert backend.twice == []


def test_a_program_that_ends_with_a_batch_half_way_ends() -> None:
    """The batch is neither closed nor dropped: its threads end with the program."""
    program = """
from itertools import count, repeat
from autoshares_cancel import Client, TokenCredentials
client = Client(base_url="http://127.0.0.1:9/api", credentials=TokenCredentials(app_key="k", token="t"), deadline=0.1)
batch = client.cancel_orders(zip(repeat(6303), count()), concurrency=4)
print(type(next(batch)[1]).__name__)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "NotSent\n", "")


@pytest.mark.parametrize("ending", ["all", "closed", "dropped"])
def test_no_task_and_no_connection_is_left_on_asyncio(ending: str, token: TokenCredentials) -> None:
    """No task is left, and no connection: an unclosed one would be a ResourceWarning, which is an error in tests."""

    async def main(base_url: str) -> None:
        async with AsyncClient(base_url=base_url, credentials=token, verify=TLS) as client:
            batch = client.cancel_orders(orders(40), concurrency=8)
            if ending == "all":
                assert once_each(orders(40), [each async for each in batch])
            else:
                await anext(batch)
            if ending == "closed":
                await batch.aclose()
            del batch
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110  # no event reports that a task has ended
                    await asyncio.sleep(0)

    with raw_server(says(GONE)) as server:
        asyncio.run(main(server.base_url))
    gc.collect()


def test_failures_hold_no_frames(make_caller: MakeCaller, client_kind: str, trader: Any) -> None:
    """An outcome that is returned and not raised has no traceback, so it keeps nothing alive."""
    clock = FakeClock()
    caller = make_caller(**SETTINGS, clock=clock, sleep=clock.advance if client_kind == "sync" else clock.sleep)
    statuses = [401, 403, 409, 422, 500, 502, 429]
    FakeBackend(caller.client, lambda request: Reply(status_code=statuses[int(request.target[-2:]) % len(statuses)]))
    given: list[Any] = [*orders(20, first=10), None, (ACCOUNT, "1")]
    failures = [outcome for _, outcome in caller.batch(given, concurrency=4)]
    log_in = make_caller(**SETTINGS | {"credentials": trader})
    FakeBackend(log_in.client, lambda _: Reply(status_code=401, body=b"{}"))
    failures += [outcome for _, outcome in log_in.batch(orders(5), concurrency=2)]
    assert len(failures) == 27
    for failure in failures:
        assert isinstance(failure, AutosharesError)
        seen: BaseException | None = failure
        while seen is not None:
            assert seen.__traceback__ is None
            seen = seen.__context__


@pytest.mark.parametrize("client_kind", mainly("asyncio", CLIENT_KINDS))
def test_memory_does_not_grow_with_the_orders(make_caller: MakeCaller) -> None:
    """Six times as many orders keep no more memory: not even one block per order."""
    caller = make_caller(**SETTINGS)

    def answer(request: HttpRequest) -> Evidence:
        backend.sent.clear()
        backend.times.clear()
        backend.limits.clear()
        return Reply(status_code=204)

    def kept(count: int) -> int:
        blocks = list[int]()

        def given() -> Iterator[tuple[int, int]]:
            for number in range(count):
                if number in {0, count - 1}:
                    gc.collect()
                    blocks.append(sys.getallocatedblocks())
                yield ACCOUNT, 1_000_000 + number

        assert consumed(caller, given()) == count
        return blocks[1] - blocks[0]

    backend = FakeBackend(caller.client, answer)
    kept(200)
    assert kept(2_400) < kept(400) + 1_000


def consumed(caller: Caller, given: Iterator[tuple[int, int]]) -> int:
    """The number of outcomes; none is kept."""
    if not isinstance(caller, AsyncCaller):
        return sum(1 for _ in caller.open_batch(given, concurrency=8))

    async def consume() -> int:
        count = 0
        async for _ in caller.client.cancel_orders(given, concurrency=8):
            count += 1
        return count

    return int(caller.portal.call(consume))
