"""The mock inside another program: signals, output, extras, and the fixture."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import autoshares_cancel.mock
from autoshares_cancel.mock import MockServer, create_app
from autoshares_cancel.mock.exchange.exchange import Exchange


def is_refused(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def test_signal_handlers_stay_as_they_are() -> None:
    """Ctrl-C belongs to the program, not to its mock."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with MockServer():
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_server_that_breaks_down_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entering raises RuntimeError with the cause, and the port is free again."""

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
    """The application has its exchange as app.state.exchange, and makes one if none is given."""
    exchange = Exchange()
    assert create_app(exchange).state.exchange is exchange
    assert create_app().state.exchange.orders == exchange.orders


def test_the_public_names() -> None:
    """The public names of the mock are complete and sorted."""
    assert autoshares_cancel.mock.__all__ == [
        "AccountScript",
        "InProcessTransport",
        "MockServer",
        "Order",
        "TokenAnswer",
        "User",
        "create_app",
    ]
    assert sorted(autoshares_cancel.mock.__all__) == autoshares_cancel.mock.__all__


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Other plugins of pytest are not needed, and take seconds to load.
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
        from autoshares_cancel.mock import MockServer
    except ImportError as problem:
        print(problem)
    del sys.modules[missing]
"""


def test_without_the_extra_the_import_says_what_to_install(tmp_path: Path) -> None:
    """The ImportError has the command; other missing modules are not blamed on the extra."""
    modules = ["httptools", "starlette", "uvicorn", "autoshares_cancel.mock.server.mock_server"]
    done = python("-c", IMPORT_WITHOUT, *modules, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        f"the mock server needs {name}, which is not installed: pip install 'autoshares-cancel[mock]'"
        for name in modules[:3]
    ]
    assert lines[3].startswith("import of autoshares_cancel.mock.server.mock_server halted")


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
import logging
import socket
from autoshares_cancel.mock import MockServer
logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of slow callbacks on a busy machine

with MockServer() as server:
    for request in (b"\x00", b"DELETE /x HTTP/1.1\r\nHost: m\r\nUpgrade: websocket\r\nConnection: upgrade"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(request + b"\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 4")
    stalled = socket.create_connection(("127.0.0.1", server.port))
    stalled.sendall(b"POST /_mock/seed HTTP/1.1\r\nHost: mock\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n{")
    assert stalled.recv(4096).startswith(b"HTTP/1.1 100 Continue")
stalled.close()
"""


def test_it_is_quiet_and_warns_of_nothing(tmp_path: Path) -> None:
    """Bad and stalled requests print nothing, with all warnings on, in a process that configures no logging."""
    done = python("-X", "dev", "-W", "error", "-c", SERVING, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_may_be_left_by_an_exception() -> None:
    """The exception is raised, and the server is gone."""
    server = MockServer()

    def fail_inside() -> None:
        with server:
            assert not is_refused(server.port)
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        fail_inside()
    assert is_refused(server.port)
