"""The servers: nginx, the mock, Prism and PostgreSQL, each in its own process on a free local port.

A server is started on first use, and all servers are stopped at the end of the context.
"""

import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import ProxyHandler, Request, build_opener

from attrs import Factory, define, frozen
from bench.figures import AbsentError
from bench.peer_environment import SPECIFICATION, prism, python_or_own, tool, without_proxies
from support.postgres import postgres, programs

HOST = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10
STEP_SECONDS = 0.05
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1000; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen {host}:{port}; return 204; }}
}}
"""
CANCELLED_ORDER = "9000204"
"""An order that the mock always cancels."""
LOG_IN = {"Et-App-Key": "demo-app-key", "Username": "trader", "Password": "correct-horse"}


@frozen
class Server:
    """A running server: its base URL, and the settings that peers need to get a 204."""

    base_url: str
    settings: Mapping[str, str] = Factory(dict[str, str])


@define
class Servers:
    """All servers of a run."""

    _running: ExitStack = Factory(ExitStack)
    _known: dict[str, Server | str] = Factory(dict[str, "Server | str"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._running.close()

    def nginx(self) -> Server:
        """An nginx that answers 204 to every request."""
        return self._once("nginx", self._start_nginx)

    def mock(self) -> Server:
        """The mock, with a token of its user; CANCELLED_ORDER is always cancelled."""
        return self._once("mock", self._start_mock)

    def prism(self) -> Server:
        """Prism with the specification and the least log output, because the mock has none."""
        return self._once("prism", self._start_prism)

    def postgres(self) -> Server:
        """PostgreSQL, which counts statements and waits for the disk at each commit; its base URL is the database's."""
        return self._once("PostgreSQL", self._start_postgres)

    def _once(self, name: str, start: Callable[[], Server]) -> Server:
        if name not in self._known:
            try:
                self._known[name] = start()
            except AbsentError as absent:
                self._known[name] = str(absent)
        known = self._known[name]
        if isinstance(known, str):
            raise AbsentError(known)
        return known

    def _start_nginx(self) -> Server:
        program = tool("nginx")
        folder, port = self._running.enter_context(tempfile.TemporaryDirectory()), free_port()
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, host=HOST, port=port), encoding="ascii")
        self._start(port, program, "-e", "stderr", "-p", folder, "-c", str(configuration))
        return Server(f"http://{HOST}:{port}/api")

    def _start_mock(self) -> Server:
        port = free_port()
        self._start(port, str(python_or_own()), "-m", "autoshares_cancel", "mock", "--port", str(port))
        base_url = f"http://{HOST}:{port}/api"
        return Server(base_url, {"BENCH_ORDER": CANCELLED_ORDER, "BENCH_TOKEN": token(base_url)})

    def _start_prism(self) -> Server:
        command, port = prism(), free_port()
        self._start(port, str(command), "mock", str(SPECIFICATION), "-h", HOST, "-p", str(port), "-v", "silent")
        return Server(f"http://{HOST}:{port}")

    def _start_postgres(self) -> Server:
        if programs() is None:
            raise AbsentError("PostgreSQL is not installed: apt-get install postgresql")
        database = postgres("shared_preload_libraries=pg_stat_statements", "fsync=on")
        return Server(self._running.enter_context(database).url)

    def _start(self, port: int, *command: str) -> None:
        log = Path(self._running.enter_context(tempfile.TemporaryDirectory())) / "stderr"
        errors = self._running.enter_context(log.open("wb"))  # an unread pipe would fill up
        process = subprocess.Popen(
            command, env=without_proxies(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        self._running.callback(stop, process)
        if not is_listening(port, process):
            output = log.read_text(encoding="utf-8", errors="replace").strip() or "no output"
            raise AbsentError(f"{Path(command[0]).name} does not listen: {output}")


def free_port() -> int:
    """A port on which no server listens now."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def is_listening(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the process listens; return False if it ends first or takes too long."""
    for _ in range(round(START_SECONDS / STEP_SECONDS)):
        if process.poll() is not None:
            return False
        try:
            socket.create_connection((HOST, port), timeout=STEP_SECONDS).close()
        except OSError:
            time.sleep(STEP_SECONDS)
        else:
            return True
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate a server; kill it if it does not end."""
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def token(base_url: str) -> str:
    """Log in at the mock with its default user."""
    request = Request(f"{base_url}/token", method="POST", headers=LOG_IN)
    with build_opener(ProxyHandler({})).open(request, timeout=STOP_SECONDS) as reply:
        return str(json.load(reply)["Token"])
