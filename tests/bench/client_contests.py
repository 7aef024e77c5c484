"""Contests of clients: single calls and calls in flight, on every event loop, and growing batches."""

from collections.abc import Callable, Iterator
from typing import Final

from bench.contest import Contest, Entrant
from bench.figures import CALLS, MEGABYTES, MICROSECONDS, By, Figures, Pair, Target
from bench.measuring import peer
from bench.program import IN_FLIGHT, Program
from bench.servers import Server

ORDER, ORDERS, BLOCKING = "cancel_order", "AsyncClient.cancel_orders", "Client.cancel_orders"
HTTPX, STOCK, REQUESTS, ALPACA, HTTP_CLIENT = "raw httpx", "stock client", "requests", "alpaca-py", "http.client"
STOCK_ASYNC, AIOHTTP, PYREQWEST = "stock asynchronous client", "raw aiohttp", "raw pyreqwest"
LEVELS: Final = (1, 8, 64, 256)
FEW, FEWER = 0.3, 0.1
"""The share of the calls that the slow stock client makes: one by one, and in flight."""
UVLOOP: Final = {"BENCH_UVLOOP": "1"}


def one(program: Program) -> Iterator[Contest]:
    """One cancel after the other. alpaca-py calls another API, so the mock can't serve it."""
    nginx, mock = program.servers.nginx, program.servers.mock
    modules = {ORDER: "autoshares_one", HTTPX: "httpx_one", STOCK: "stock_one", REQUESTS: "requests_one"}
    modules |= {HTTP_CLIENT: "http_client_one", ALPACA: "alpaca_one"}
    for title, server, calls in (("nginx", nginx, 2000), ("the mock", mock, 600)):
        entrants = [
            program.entrant(label, module, server, calls)
            for label, module in modules.items()
            if title == "nginx" or label != ALPACA
        ]
        targets = {STOCK: Target("≥", 1.0)} | ({HTTP_CLIENT: Target("≥", 0.9)} if title == "nginx" else {})
        peers = [entrant.name for entrant in entrants[1:]]
        yield Contest(
            title=f"one cancel at a time, {title}",
            rounds=program.rounds(11),
            entrants=entrants,
            pairs=[Pair(ours=ORDER, peer=name, figure=CALLS, target=targets.get(name)) for name in peers],
        )


def many(program: Program) -> Iterator[Contest]:
    """Many calls in flight; most clients are faster than the mock, so one level is enough there."""
    nginx, mock = program.servers.nginx, program.servers.mock
    for level in LEVELS:
        yield many_at(program, level, "nginx", nginx, 3000)
    yield many_at(program, IN_FLIGHT, "the mock", mock, 2000)


def many_at(program: Program, level: int, title: str, server: Callable[[], Server], calls: int) -> Contest:
    """Many calls in flight at one level; only nginx is fast enough to check the targets."""
    ours: dict[str, Target] = {AIOHTTP: Target("≥", 1.0)} if title == "nginx" else {}
    threads: dict[str, Target] = {}
    if level == IN_FLIGHT and title == "nginx":
        ours |= {STOCK_ASYNC: Target("≥", 10.0), PYREQWEST: Target("≥", 0.6)}
        threads = {ORDERS: Target("≥", 0.5)}
    few = FEW if level == 1 else FEWER
    return Contest(
        title=f"many cancels, {level} in flight, {title}",
        rounds=program.rounds(11),
        entrants=[
            program.entrant(ORDERS, "autoshares_many", server, calls, level),
            program.entrant(STOCK_ASYNC, "stock_many", server, calls * few, level),
            program.entrant(AIOHTTP, "aiohttp_many", server, calls, level),
            program.entrant(PYREQWEST, "pyreqwest_many", server, calls, level),
            program.entrant(BLOCKING, "autoshares_threads", server, calls, level),
        ],
        pairs=[
            *(
                Pair(ours=ORDERS, peer=name, figure=CALLS, target=ours.get(name))
                for name in (STOCK_ASYNC, AIOHTTP, PYREQWEST)
            ),
            *(
                Pair(ours=BLOCKING, peer=name, figure=CALLS, target=threads.get(name))
                for name in (STOCK_ASYNC, AIOHTTP, ORDERS)
            ),
        ],
    )


def uvloop(program: Program) -> Iterator[Contest]:
    """Many calls in flight on uvloop."""
    nginx = program.servers.nginx
    yield Contest(
        title=f"many cancels, {IN_FLIGHT} in flight, uvloop, nginx",
        rounds=program.rounds(11),
        entrants=[
            program.entrant(label, module, nginx, 3000, IN_FLIGHT, UVLOOP)
            for label, module in ((ORDERS, "autoshares_many"), (AIOHTTP, "aiohttp_many"))
        ],
        pairs=[Pair(ours=ORDERS, peer=AIOHTTP, figure=CALLS, target=Target("≥", 1.0))],
    )


def trio(program: Program) -> Iterator[Contest]:
    """One cancel after the other on trio."""
    nginx = program.servers.nginx
    yield Contest(
        title="one cancel at a time, trio, nginx",
        rounds=program.rounds(7),
        entrants=[
            program.entrant(label, module, nginx, 1000)
            for label, module in ((ORDER, "autoshares_trio"), (HTTPX, "httpx_trio"))
        ],
        pairs=[Pair(ours=ORDER, peer=HTTPX, figure=CALLS, target=Target("≥", 1.5))],
    )


def memory(program: Program) -> Iterator[Contest]:
    """Peak memory and time per order for growing batches, from a generator to nginx."""
    first, *more = sizes = (1000, 10_000, 100_000) if program.is_quick else (1000, 10_000, 100_000, 1_000_000)
    rounds = {1000: 9, 10_000: 5, 100_000: 2, 1_000_000: 1}

    def entrant(size: int) -> Entrant:
        def measure() -> Figures:
            return peer("autoshares_many", program.servers.nginx(), count=size, in_flight=IN_FLIGHT)

        return Entrant(f"{size:,} orders", measure, min(rounds[size], program.rounds(9)))

    def pair(size: int, figure: str, target: Target, by: By) -> Pair:
        return Pair(ours=f"{size:,} orders", peer=f"{first:,} orders", figure=figure, target=target, by=by)

    yield Contest(
        title=f"growing batches, {ORDERS}, {IN_FLIGHT} in flight, nginx",
        rounds=program.rounds(9),
        entrants=[entrant(size) for size in sizes],
        pairs=[
            *(pair(size, MEGABYTES, Target("≤", 20.0), "difference") for size in more),
            *(pair(size, MICROSECONDS, Target("≤", 1.2), "ratio") for size in more),
        ],
    )
