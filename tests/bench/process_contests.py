"""Contests of whole processes: imports, commands, the mock as a server, and the generator."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from bench.contest import Contest, Entrant
from bench.figures import CALLS, MILLISECONDS, SECONDS, Figures, Pair, Target
from bench.measuring import command_of, generation, import_of, peers_command
from bench.peer_environment import ROOT, SPECIFICATION, lean_python, python_or_own, tool
from bench.peers.peer_call import ACCOUNT, APP_KEY, TOKEN
from bench.program import IN_FLIGHT, Program
from bench.servers import CANCELLED_ORDER, LOG_IN, Server

PACKAGE: Final = "autoshares_cancel"
WITH_CLIENT, NEW_CLIENT, NEW_HTTPX = f"{PACKAGE}, with Client", "a new Client", "a new httpx.Client"
MOCK, PRISM, GENERATE, GENERATOR = "our mock", "Prism", "make generate", "openapi-generator"
COMMAND, TYPER, ORDERS_COMMAND, BARE = (
    "autoshares-cancel order",
    "Typer, http.client",
    "autoshares-cancel orders",
    "batch",
)
CREDENTIALS: Final = f"{PACKAGE}.TokenCredentials(app_key='k', token='t')"
STATEMENTS: Final = {
    PACKAGE: f"import {PACKAGE}",
    # Names are imported on first use.
    WITH_CLIENT: f"from {PACKAGE} import Client",
    "httpx": "import httpx",
    NEW_CLIENT: f"import {PACKAGE}; {PACKAGE}.Client(base_url='https://broker.example/api', credentials={CREDENTIALS})",
    NEW_HTTPX: "import httpx; httpx.Client()",
    "alpaca-py": "import alpaca.trading.client",
}
PREFER_204: Final = {"BENCH_PREFER": "204"}
ROWS: Final = 100_000


def imports(program: Program) -> Iterator[Contest]:
    """The time that an import adds to bare Python, each in a fresh interpreter."""
    yield _imports(
        program,
        "import, with nothing else installed",
        lean_python,
        [
            Pair(ours=PACKAGE, peer="httpx", figure=MILLISECONDS, target=Target("≤", 0.8)),
            Pair(ours=WITH_CLIENT, peer="httpx", figure=MILLISECONDS, target=Target("≤", 0.8)),
            Pair(ours=NEW_CLIENT, peer=NEW_HTTPX, figure=MILLISECONDS),
        ],
    )
    yield _imports(
        program,
        "import, with all extras and peers installed",
        python_or_own,
        [Pair(ours=PACKAGE, peer=name, figure=MILLISECONDS) for name in ("httpx", "alpaca-py")],
    )


def _imports(program: Program, title: str, python: Callable[[], Path], pairs: list[Pair]) -> Contest:
    labels = dict.fromkeys([name for pair in pairs for name in (pair.ours, pair.peer)])

    def entrant(label: str) -> Entrant:
        return Entrant(label, lambda: import_of(STATEMENTS[label], python()))

    return Contest(title=title, rounds=program.rounds(21), entrants=[*map(entrant, labels)], pairs=pairs)


def order(program: Program) -> Iterator[Contest]:
    """One order with a log-in as a command, measured as a whole process."""

    def entrant(label: str, *command: str) -> Entrant:
        def measure() -> Figures:
            server = program.servers.mock()
            arguments = (str(python_or_own()), "-m", *command, str(ACCOUNT), CANCELLED_ORDER)
            return command_of(*arguments, settings=_environment(server))

        return Entrant(label, measure)

    yield Contest(
        title="one order as a command, the mock",
        rounds=program.rounds(11),
        entrants=[entrant(COMMAND, PACKAGE, "order"), entrant(TYPER, "bench.peers.typer_order")],
        pairs=[Pair(ours=COMMAND, peer=TYPER, figure=SECONDS, target=Target("≤", 2.0))],
    )


def _environment(server: Server) -> Mapping[str, str]:
    """The settings of the command line."""
    names = {"APP_KEY": "Et-App-Key", "USERNAME": "Username", "PASSWORD": "Password"}
    secrets = {f"AUTOSHARES_{name}": LOG_IN[header] for name, header in names.items()}
    return {"AUTOSHARES_BASE_URL": server.base_url, **secrets}


def orders(program: Program) -> Iterator[Contest]:
    """A file of orders as a command with a journal and --json, compared with a batch that records nothing."""
    count, nginx = program.calls(ROWS), program.servers.nginx
    yield Contest(
        title=f"{count:,} orders, {IN_FLIGHT} in flight, nginx",
        rounds=program.rounds(3),
        entrants=[
            Entrant(ORDERS_COMMAND, lambda: orders_with_journal(nginx(), count)),
            program.entrant(BARE, "autoshares_many", nginx, ROWS, IN_FLIGHT),
        ],
        pairs=[Pair(ours=ORDERS_COMMAND, peer=BARE, figure=CALLS, target=Target("≥", 0.6))],
    )


def orders_with_journal(server: Server, count: int) -> Figures:
    """Cancel a file of orders as a command with a journal and --json."""
    settings = {"AUTOSHARES_BASE_URL": server.base_url, "AUTOSHARES_APP_KEY": APP_KEY, "AUTOSHARES_TOKEN": TOKEN}
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "orders.csv"
        lines = (f"{ACCOUNT},{1 + number}\n" for number in range(count))
        rows.write_text("".join(("account_id,order_id\n", *lines)), encoding="ascii")
        options = ("--journal", f"{folder}/journal", "--json", "--quiet", "--concurrency", str(IN_FLIGHT))
        figures = command_of(str(python_or_own()), "-m", PACKAGE, "orders", str(rows), *options, settings=settings)
    return {CALLS: count / figures[SECONDS], **figures}


def mock_server(program: Program) -> Iterator[Contest]:
    """The mock and Prism under the same load, with the same reply."""
    loads = ((MOCK, program.servers.mock, 5000), (PRISM, program.servers.prism, 2000))
    yield Contest(
        title=f"mock server, {IN_FLIGHT} requests in flight",
        rounds=program.rounds(5),
        entrants=[
            program.entrant(label, "pyreqwest_many", at, calls, IN_FLIGHT, PREFER_204) for label, at, calls in loads
        ],
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
