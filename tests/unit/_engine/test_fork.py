"""Law 11: a forked child has connections, locks and tasks of its own, and leaves those of the parent alone."""

import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.raw_server import RawServer, raw_server

from autoshares_cancel import Client, TokenCredentials

TESTS = Path(__file__).parents[2]
DONE, REFUSED = ["Cancelled"], ["OrderConflict"]
ELSEWHERE = "a batch goes on in the process that began it: make another one here"


def answer(connection: socket.socket, request: bytes) -> None:
    """204 for even orders, 409 for odd ones."""
    order_id = int(request.split(b" ", 2)[1].rpartition(b"/")[2])
    status = b"409 Conflict" if order_id % 2 else b"204 No Content"
    connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    made, path = trustme.CA(), tmp_path_factory.mktemp("ca") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    return made, path


@pytest.fixture
def way() -> str:
    """How a program reaches its server: http, https or proxy."""
    return "http"


@pytest.fixture
def server(way: str, authority: tuple[trustme.CA, Path]) -> Iterator[RawServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("127.0.0.1", "broker.example").configure_cert(context)

    def tunnel(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            while request := secure.recv(65536):
                answer(secure, request)

    answers = tunnel if way == "proxy" else answer
    with raw_server(answers, tls=context if way == "https" else None) as running:
        yield running


@pytest.fixture
def run(way: str, server: RawServer, authority: tuple[trustme.CA, Path]) -> Any:
    """A function that runs a program of support.forked, and returns the output of parent and child."""
    path = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])  # may lead to the package
    url, settings = server.base_url, {"PYTHONPATH": path, "PYTHONWARNINGS": "ignore::DeprecationWarning"}
    if way == "proxy":
        url, settings["HTTPS_PROXY"] = "https://broker.example/api", f"http://127.0.0.1:{server.port}"

    def run(name: str) -> dict[str, list[str]]:
        command = [sys.executable, "-m", "support.forked", name, url, str(authority[1])]
        environment = {**os.environ, **settings}
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
        return {process: printed for line in ended.stdout.splitlines() for process, printed in json.loads(line).items()}

    return run


@pytest.mark.parametrize(
    ("program", "way"),
    [
        *(("in_turn", way) for way in ("http", "https", "proxy")),
        *(("at_once", way) for way in ("http", "https")),
        ("pool", "http"),
    ],
)
def test_no_outcome_is_swapped(run: Any, server: RawServer, program: str) -> None:
    """Law 11: the child opens its own connection, and the parent keeps using the old one."""
    assert run(program) == {"parent": DONE, "child": REFUSED}
    assert len(server.connections) == 2


def test_a_lock_of_another_thread_is_free_in_the_child(run: Any) -> None:
    """Law 11: the child makes new locks: one that another thread held at the fork would stay locked for ever."""
    assert run("locks") == {"parent": [], "child": [*REFUSED, "True"]}


def test_a_batch_stays_with_its_process(run: Any) -> None:
    """Law 11: the child has no threads of the batch; the parent gets every outcome."""
    assert run("batch") == {"parent": DONE, "child": [ELSEWHERE]}


@pytest.mark.parametrize("way", ["http", "https"])
def test_an_async_client_stays_with_its_process(run: Any) -> None:
    """Law 11: client and batch raise in the child; the connections stay open in the parent."""
    problem = "an AsyncClient belongs to the process of its first call: make another one"
    assert run("tasks") == {"parent": DONE, "child": [ELSEWHERE, problem]}


def test_a_child_that_leaves_a_block_cancels_nothing(run: Any) -> None:
    """Law 11: the orders of cancel_on_exit belong to the block of the parent."""
    assert run("on_exit") == {"parent": [], "child": ["None None"]}


def test_a_client_that_was_not_used_is_used_in_both(run: Any) -> None:
    """Law 11: a prefork server may make a client before it forks."""
    assert run("unused") == {"parent": DONE, "child": REFUSED}


def test_a_child_has_one_budget_of_its_own(token: TokenCredentials) -> None:
    """Law 11: the parent's budget may be locked at the fork, so the child makes a new one, which log-ins share."""
    with Client(base_url="http://127.0.0.1:9/api", credentials=token) as client:
        engine = client._engine
        before, engine.budget.left = engine.budget, 7
        engine._renew()
        assert engine.budget is not before
        assert engine.tokens.budget is engine.budget
        assert engine.budget.left == 7
