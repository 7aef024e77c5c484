"""All contests: what is measured against what, how often, and the targets."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from attrs import frozen
from bench.contest import Contest, Entrant
from bench.figures import CALLS, MEGABYTES, MICROSECONDS, MILLISECONDS, SECONDS, Figures, Pair, Target
from bench.measuring import generation, import_of, peer, peers_command
from bench.peer_environment import ROOT, SPECIFICATION, lean_python, python_or_own, tool
from bench.servers import Server, Servers

ORDER, ORDERS, BLOCKING = "cancel_order", "AsyncClient.cancel_orders", "Client.cancel_orders"
HTTPX, STOCK, REQUESTS, ALPACA, HTTP_CLIENT = "raw httpx", "stock client", "requests", "alpaca-py", "http.client"
STOCK_ASYNC, AIOHTTP, PYREQWEST = "stock asynchronous client", "raw aiohttp", "raw pyreqwest"
MOCK, PRISM, GENERATE, GENERATOR = "our mock", "Prism", "make generate", "openapi-generator"
PACKAGE = "autoshares_cancel"
WITH_CLIENT = f"{PACKAGE}, with Client"
LEVELS, AIM = (1, 8, 64, 256), 64
FEW, FEWER = 0.3, 0.1
"""The share of the calls that the slow stock client makes: one by one, and in flight."""


@frozen
class Program:
    """Makes the contests of a run: all of it, or a quick one with a tenth of the calls and two rounds."""

    servers: Servers
    is_quick: bool = False

    def contests(self, names: list[str]) -> Iterator[Contest]:
        """The contests of these parts, in order."""
        for name in names:
            yield from PARTS[name](self)

    def rounds(self, number: int) -> int:
        return 2 if self.is_quick else number

    def calls(self, number: float) -> int:
        return max(100, round(number / 10 if self.is_quick else number))

    def entrant(
        self, label: str, module: str, server: Callable[[], Server], calls: float, in_flight: int = 1, prefer: str = ""
    ) -> Entrant:
        count = self.calls(calls)
        return Entrant(label, lambda: peer(module, server(), count=count, in_flight=in_flight, prefer=prefer))


def one(program: Program) -> Iterator[Contest]:
    """One cancel after the other. alpaca-py calls another API, so the mock can't serve it."""
    nginx, mock = program.servers.nginx, program.servers.mock
    modules = {ORDER: "autoshares_one", HTTPX: "httpx_one", STOCK: "stock_one", REQUESTS: "requests_one"}
    modules |= {HTTP_CLIENT: "http_client_one", ALPACA: "alpaca_one"}
    for title, server, calls in (("nginx", nginx, 3000), ("the mock", mock, 1000)):
        entrants = [
            program.entrant(label, module, server, calls)
            for label, module in modules.items()
            if title == "nginx" or label != ALPACA
        ]
        targets = {STOCK: Target("≥", 1.0)}
        peers = [entrant.name for entrant in entrants[1:]]
        yield Contest(
            title=f"one cancel at a time, {title}",
            rounds=program.rounds(7),
            entrants=entrants,
            pairs=[Pair(ours=ORDER, peer=name, figure=CALLS, target=targets.get(name)) for name in peers],
        )


def many(program: Program) -> Iterator[Contest]:
    """Many in flight. Most clients are faster than the mock, so one level is enough there."""
    nginx, mock = program.servers.nginx, program.servers.mock
    for level in LEVELS:
        yield many_at(program, level, "nginx", nginx, 6000)
    yield many_at(program, AIM, "the mock", mock, 3000)


def many_at(program: Program, level: int, title: str, server: Callable[[], Server], calls: int) -> Contest:
    """Many in flight at one level; only nginx is fast enough to check the target."""
    aims = level == AIM and title == "nginx"
    targets = {STOCK_ASYNC: Target("≥", 10.0), AIOHTTP: Target("≥", 0.5)} if aims else {}
    few = FEW if level == 1 else FEWER
    return Contest(
        title=f"many cancels, {level} in flight, {title}",
        rounds=program.rounds(5),
        entrants=[
            program.entrant(ORDERS, "autoshares_many", server, calls, level),
            program.entrant(STOCK_ASYNC, "stock_many", server, calls * few, level),
            program.entrant(AIOHTTP, "aiohttp_many", server, calls, level),
            program.entrant(PYREQWEST, "pyreqwest_many", server, calls, level),
            program.entrant(BLOCKING, "autoshares_threads", server, calls, level),
        ],
        pairs=[
            *(
                Pair(ours=ORDERS, peer=name, figure=CALLS, target=targets.get(name))
                for name in (STOCK_ASYNC, AIOHTTP, PYREQWEST)
            ),
            *(Pair(ours=BLOCKING, peer=name, figure=CALLS) for name in (STOCK_ASYNC, AIOHTTP)),
        ],
    )


def imports(program: Program) -> Iterator[Contest]:
    """What an import adds to bare Python, each in a fresh interpreter."""

    def entrant(module: str, python: Callable[[], Path], label: str = "") -> Entrant:
        return Entrant(label or module, lambda: import_of(module, python()))

    yield Contest(
        title="import, with nothing else installed",
        rounds=program.rounds(21),
        entrants=[
            entrant(PACKAGE, lean_python),
            # Names are imported on first use: `from autoshares_cancel import Client` loads these.
            entrant(f"{PACKAGE}._client", lean_python, WITH_CLIENT),
            entrant("httpx", lean_python),
        ],
        pairs=[
            Pair(ours=ours, peer="httpx", figure=MILLISECONDS, target=Target("≤", 1.15))
            for ours in (PACKAGE, WITH_CLIENT)
        ],
    )
    yield Contest(
        title="import, with all extras and peers installed",
        rounds=program.rounds(11),
        entrants=[
            *(entrant(module, python_or_own) for module in (PACKAGE, "httpx")),
            entrant("alpaca.trading.client", python_or_own, ALPACA),
        ],
        pairs=[Pair(ours=PACKAGE, peer=name, figure=MILLISECONDS) for name in ("httpx", ALPACA)],
    )


def mock_server(program: Program) -> Iterator[Contest]:
    """The mock and Prism under the same load, with the same reply."""
    loads = ((MOCK, program.servers.mock, 5000), (PRISM, program.servers.prism, 2000))
    yield Contest(
        title=f"mock server, {AIM} requests in flight",
        rounds=program.rounds(5),
        entrants=[program.entrant(label, "pyreqwest_many", at, calls, AIM, "204") for label, at, calls in loads],
        pairs=[Pair(ours=MOCK, peer=PRISM, figure=CALLS, target=Target("≥", 3.0))],
    )


def generate(program: Program) -> Iterator[Contest]:
    """Generating a Python client from the specification."""

    def ours() -> Figures:
        script = str(ROOT / "openapi/generate.py")
        return generation(sys.executable, script, into="--package", wanted="cancel_order.py")

    def theirs() -> Figures:
        tool("java")
        command = [peers_command("openapi-generator-cli"), "generate", "-g", "python", "-i", str(SPECIFICATION)]
        return generation(*command, into="-o", wanted="orders_api.py")

    yield Contest(
        title="generating a Python client",
        rounds=program.rounds(5),
        entrants=[Entrant(GENERATE, ours), Entrant(GENERATOR, theirs)],
        pairs=[Pair(ours=GENERATE, peer=GENERATOR, figure=SECONDS)],
    )


def memory(program: Program) -> Iterator[Contest]:
    """Peak memory, and time per order, as orders grow more: from a generator, to nginx."""
    first, *more = sizes = (1000, 10_000, 100_000) if program.is_quick else (1000, 10_000, 100_000, 1_000_000)
    rounds = {1000: 9, 10_000: 5, 100_000: 2, 1_000_000: 1}

    def entrant(size: int) -> Entrant:
        def measure() -> Figures:
            return peer("autoshares_many", program.servers.nginx(), count=size, in_flight=AIM)

        return Entrant(f"{size:,} orders", measure, min(rounds[size], program.rounds(9)))

    def pair(size: int, figure: str, target: Target, by: Literal["ratio", "difference"]) -> Pair:
        return Pair(ours=f"{size:,} orders", peer=f"{first:,} orders", figure=figure, target=target, by=by)

    yield Contest(
        title=f"growing batches, {ORDERS}, {AIM} in flight, nginx",
        rounds=program.rounds(9),
        entrants=[entrant(size) for size in sizes],
        pairs=[
            *(pair(size, MEGABYTES, Target("≤", 20.0), "difference") for size in more),
            *(pair(size, MICROSECONDS, Target("≤", 1.2), "ratio") for size in more),
        ],
    )


PARTS: dict[str, Callable[[Program], Iterator[Contest]]] = {
    "one": one,
    "many": many,
    "import": imports,
    "mock": mock_server,
    "generate": generate,
    "memory": memory,
}
