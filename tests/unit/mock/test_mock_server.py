"""The server's life: ready when entered, gone when left, and what the package offers around it."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from unit.mock.caller import Caller

import autoshares_cancel.mock
from autoshares_cancel.mock import MockServer, create_app
from autoshares_cancel.mock._exchange import Exchange
from autoshares_cancel.mock._server import listen


def is_refused(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def descriptors() -> int:
    gc.collect()  # what others have dropped is not counted
    return len(list(Path("/dev/fd").iterdir()))


def test_it_serves_as_soon_as_it_is_entered_and_no_longer_than_that(plain_client: httpx.Client) -> None:
    """The first request after entering is answered; after leaving, nobody listens."""
    with MockServer() as server:
        assert plain_client.get(f"{server.origin}/_mock/state").status_code == 200
    assert is_refused(server.port)


def test_the_addresses(server: MockServer) -> None:
    """base_url is what a client takes."""
    assert server.port > 0
    assert server.origin == f"http://127.0.0.1:{server.port}"
    assert server.base_url == f"http://127.0.0.1:{server.port}/api"


def test_two_servers_have_a_port_and_a_book_of_their_own() -> None:
    """Nothing is shared."""
    with MockServer() as one, MockServer() as two:
        assert one.port != two.port
        one.exchange.cancel(6303, 73552)
        assert two.exchange.orders[73552].status == "New"


def test_the_exchange_is_the_one_that_is_served(caller: Caller) -> None:
    """What is cancelled over the wire is seen here, and the other way round."""
    headers = caller.log_in()
    caller.cancel(73552, headers)
    assert caller.server.exchange.orders[73552].status == "Canceled"
    caller.server.exchange.fill(73553)
    assert caller.cancel(73553, headers).status_code == 409


def test_the_exchange_can_be_prepared_before_and_read_after() -> None:
    """It lives as long as the instance."""
    server = MockServer()
    server.exchange.place(6303, order_id=1)
    with server:
        server.exchange.cancel(6303, 1)
    assert server.exchange.orders[1].status == "Canceled"


def test_a_port_can_be_chosen_and_taken_again_at_once(plain_client: httpx.Client) -> None:
    """Connections of the former server don't block the port."""
    with MockServer() as first:
        plain_client.get(f"{first.origin}/_mock/state")
    with MockServer(port=first.port) as second:
        assert second.port == first.port
        assert plain_client.get(f"{second.origin}/_mock/state").status_code == 200


def test_a_port_in_use_is_named(server: MockServer) -> None:
    """OSError with the address and the reason."""
    second = MockServer(port=server.port)
    with pytest.raises(OSError, match=f"can't listen at 127.0.0.1:{server.port}: Address already in use") as caught:
        second.__enter__()
    assert caught.value.errno == errno.EADDRINUSE


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    """ValueError before anything starts."""
    with pytest.raises(ValueError, match=f"port must be from 0 to 65535, not {port}"):
        MockServer(port=port)


@pytest.mark.parametrize("attribute", ["port", "origin", "base_url"])
def test_the_address_is_not_known_before_entering(attribute: str) -> None:
    """RuntimeError that says what to do."""
    with pytest.raises(RuntimeError, match="enter it first"):
        getattr(MockServer(), attribute)


def test_it_is_not_entered_twice(server: MockServer) -> None:
    """RuntimeError, and the running one goes on."""
    with pytest.raises(RuntimeError, match="was entered before"):
        server.__enter__()
    assert not is_refused(server.port)


def test_it_is_not_entered_again_after_leaving() -> None:
    """One instance serves once."""
    with MockServer() as server:
        pass
    with pytest.raises(RuntimeError, match="make another one"):
        server.__enter__()


@pytest.mark.parametrize("bodies", ["guides", "", None])
def test_bodies_are_guide_or_none(bodies: Any) -> None:
    """ValueError for anything else, from the server as from the application."""
    with pytest.raises(ValueError, match="bodies must be 'guide' or 'none'"):
        MockServer(bodies=bodies)


def test_nothing_is_left_behind() -> None:
    """No thread and no file descriptor, however often, and connections still open are closed."""
    with MockServer():
        pass  # what is loaded and opened once is no leak
    threads, files = set(threading.enumerate()), descriptors()
    for _ in range(10):
        with MockServer() as server, socket.create_connection(("127.0.0.1", server.port)):
            pass
    assert set(threading.enumerate()) <= threads
    assert descriptors() <= files


def has_ended(connection: socket.socket) -> bool:
    """Tell whether the server has closed, with or without a reset, and sent nothing before."""
    try:
        return connection.recv(4096) == b""
    except ConnectionResetError:
        return True


def test_answers_are_sent_without_delay() -> None:
    """The listener names TCP, which asyncio wants before it turns Nagle's algorithm off; else bodies wait for 40 ms."""
    with listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def leave_within(seconds: float, server: MockServer) -> bool:
    begun = time.monotonic()
    server.__exit__(None, None, None)
    return time.monotonic() - begun < seconds


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"DELETE /api/v1/acc",
        b"POST /_mock/seed HTTP/1.1\r\nHost: mock\r\nContent-Length: 10\r\n\r\n{",
        b"POST /_mock/reset HTTP/1.1\r\nHost: mock\r\n\r\n",
    ],
    ids=["nothing", "half a head", "half a body", "a request, and kept alive"],
)
def test_leaving_cuts_open_connections(sent: bytes) -> None:
    """At once, whatever was sent; the caller sees the end."""
    server = MockServer()
    with server, socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(sent)
        if b"reset" in sent:
            assert connection.recv(4096).startswith(b"HTTP/1.1 204")
        assert leave_within(2, server)
        assert has_ended(connection)
    assert is_refused(server.port)


def test_leaving_cuts_a_stalled_request() -> None:
    """A request that waits for 30 seconds does not hold the server."""
    server = MockServer()
    with server, httpx.Client(trust_env=False) as client:
        client.post(f"{server.origin}/_mock/settings", json={"token_delay": 30})
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(b"POST /api/token HTTP/1.1\r\nHost: mock\r\n\r\n")
            while client.get(f"{server.origin}/_mock/state").json()["counters"]["token_requests"] == 0:
                pass
            assert leave_within(2, server)
            assert has_ended(connection)


def test_leaving_cuts_an_answer_that_nobody_reads() -> None:
    """A full send buffer does not hold the server."""
    server = MockServer()
    with server, httpx.Client(trust_env=False) as client:
        answer = {"status": 200, "body": "x" * 8_000_000}
        client.post(f"{server.origin}/_mock/settings", json={"token_answer": answer})
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(b"POST /api/token HTTP/1.1\r\nHost: mock\r\nEt-App-Key: demo-app-key\r\n\r\n")
            assert connection.recv(10).startswith(b"HTTP/1.1")
            assert leave_within(2, server)


def test_signal_handlers_stay_as_they_are() -> None:
    """Ctrl-C belongs to the program, not to its mock."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with MockServer():
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_server_that_breaks_down_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """RuntimeError from entering, with the cause, and the port is free again."""

    async def fail(*_args: object, **_kwargs: object) -> None:
        raise LookupError("broken")

    monkeypatch.setattr("uvicorn.Server.startup", fail)
    server = MockServer()
    with pytest.raises(RuntimeError, match="the mock server broke down") as caught:
        server.__enter__()
    assert isinstance(caught.value.__cause__, LookupError)
    assert is_refused(server.port)


# The application and the package


def test_an_application_serves_the_exchange_that_it_is_given() -> None:
    """And shows it as app.state.exchange; without one it makes its own."""
    exchange = Exchange()
    assert create_app(exchange).state.exchange is exchange
    assert create_app().state.exchange.orders == exchange.orders


def test_the_public_names() -> None:
    """Sorted, and all there."""
    assert autoshares_cancel.mock.__all__ == ["MockServer", "create_app"]
    assert sorted(autoshares_cancel.mock.__all__) == autoshares_cancel.mock.__all__


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Other plugins of pytest are not asked, and take seconds to load.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


IMPORT_WITHOUT = """
import sys
for missing in sys.argv[1:]:
    for name in [name for name in sys.modules if name.startswith(("autoshares_cancel", "starlette", "uvicorn"))]:
        del sys.modules[name]
    sys.modules[missing] = None
    try:
        import autoshares_cancel.mock
    except ImportError as problem:
        print(problem)
    del sys.modules[missing]
"""


def test_without_the_extra_the_import_says_what_to_install(tmp_path: Path) -> None:
    """ImportError with the command; what is missing for another reason is not blamed on the extra."""
    modules = ["httptools", "starlette", "uvicorn", "autoshares_cancel.mock._server"]
    done = python("-c", IMPORT_WITHOUT, *modules, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        f"the mock server needs {name}, which is not installed: pip install 'autoshares-cancel[mock]'"
        for name in modules[:3]
    ]
    assert lines[3].startswith("import of autoshares_cancel.mock._server halted")


def test_the_fixture_serves_each_test_a_mock_of_its_own(tmp_path: Path) -> None:
    """A cancel in one test is not seen in the next, with warnings as errors."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["autoshares_cancel.mock.pytest_plugin"]\n')
    (tmp_path / "test_twice.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('time', [1, 2])\n"
        "def test_cancel(mock_server, time):\n"
        "    assert mock_server.base_url.endswith('/api')\n"
        "    assert mock_server.exchange.cancel(6303, 73552).status == 'Canceled'\n"
    )
    done = python("-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", cwd=tmp_path)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


SERVING = r"""
import socket
from autoshares_cancel.mock import MockServer

with MockServer() as server:
    for request in (b"\x00", b"DELETE /x HTTP/1.1\r\nHost: m\r\nUpgrade: websocket\r\nConnection: upgrade"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(request + b"\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 4")
    stalled = socket.create_connection(("127.0.0.1", server.port))
    stalled.sendall(b"POST /_mock/seed HTTP/1.1\r\nHost: mock\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n{")
    assert stalled.recv(4096).startswith(b"HTTP/1.1 100 Continue")
stalled.close()
"""


def test_it_is_quiet_and_warns_of_nothing(tmp_path: Path) -> None:
    """Bad and stalled requests write nothing, with every warning shown, in a process that configures no logging."""
    done = python("-X", "dev", "-W", "error", "-c", SERVING, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_may_be_left_by_an_exception() -> None:
    """The exception goes on, and the server is gone."""
    server = MockServer()

    def fail_inside() -> None:
        with server:
            assert not is_refused(server.port)
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        fail_inside()
    assert is_refused(server.port)
