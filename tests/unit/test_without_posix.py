"""Orders are cancelled also without the parts of Python that only POSIX has, as on Windows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.clients import CLIENT_KINDS
from support.command import environment

from autoshares_cancel.mock import MockServer

TESTS = Path(__file__).parents[1]
TAKE_AWAY = """
import asyncio, os, select, signal, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
for module, names in {
    os: ("fork", "forkpty", "register_at_fork", "geteuid", "getuid", "pread", "pwrite", "killpg", "setsid"),
    select: ("poll",),
    signal: ("SIGHUP", "SIGUSR1", "pthread_kill", "pthread_sigmask", "setitimer"),
}.items():
    for name in names:
        delattr(module, name)
for name in ("add_reader", "add_signal_handler"):
    setattr(asyncio.SelectorEventLoop, name, getattr(asyncio.AbstractEventLoop, name))
"""
CLIENTS = """
from support.clients import CLIENT_KINDS, open_caller
from autoshares_cancel import PasswordCredentials
trader = PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse")
for number, client_kind in enumerate(CLIENT_KINDS):
    with open_caller(client_kind, base_url=sys.argv[1], credentials=trader) as caller:
        outcomes = [caller.cancel(6303, order_id) for order_id in (73552 + number, 73552 + number, 73562)]
    print(client_kind, *(type(outcome).__name__ for outcome in outcomes))
"""
COMMAND = """
from autoshares_cancel.__main__ import main
main()
"""


def run(server: MockServer, program: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a script in a new Python without the parts that only POSIX has."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{TAKE_AWAY}{program}", *arguments],
        env={**environment(server.base_url), "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("what", ["clients", "orders of a file", "orders of a pipe", "orders with a journal"])
def test_without_posix_orders_are_cancelled(what: str, mock_server: MockServer, tmp_path: Path) -> None:
    """Law 4: a missing part causes no NotSent. Only a journal is refused, before anything is sent."""
    orders = "account_id,order_id\n6303,73552\n6303,73553\n6303,73562\n"
    (tmp_path / "orders.csv").write_text(orders, encoding="utf-8")
    if what == "clients":
        ended = run(mock_server, CLIENTS, mock_server.base_url)
        expected = "".join(f"{client_kind} Cancelled OrderConflict OrderConflict\n" for client_kind in CLIENT_KINDS)
        assert (ended.stdout, ended.stderr, ended.returncode) == (expected, "", 0)
        return
    file = "-" if what == "orders of a pipe" else str(tmp_path / "orders.csv")
    journal = ("--journal", str(tmp_path / "journal")) if what == "orders with a journal" else ()
    ended = run(mock_server, COMMAND, "orders", file, *journal, given=orders)
    live = {number for number in (73552, 73553) if mock_server.exchange.orders[number].is_live}
    if journal:
        assert "a journal needs file locks, which this system does not have: leave --journal out\n" in ended.stderr
        assert (ended.stdout, ended.returncode, live) == ("", 2, {73552, 73553})
    else:
        assert ended.stderr.startswith("conflict: 1; cancelled: 2 (3 orders in ")
        assert (ended.returncode, live) == (4, set())
