"""The fixtures for the tests of a user's service; tests that use none import nothing of the mock."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

import pytest
from support.consumer import PLUGIN, run_tests
from support.tables import mainly

from autoshares_cancel.mock import pytest_plugin

HEAVY = ["httpx", "starlette", "uvicorn", "httptools", "anyio", "autoshares_cancel.mock.server"]
USES_NONE = f"""
import sys

def test_own():
    assert "{PLUGIN}" in sys.modules
    assert [name for name in {HEAVY} if name in sys.modules] == []
"""
FIXTURES = """
import os

from autoshares_cancel import Client

def test_a_client(mock_server, mock_client):
    assert mock_client.cancel_order(account_id=6303, order_id=73552).status_code == 204
    assert mock_server.exchange.orders[73552].status == "Canceled"

def test_another_one(mock_server, mock_client):
    assert mock_server.exchange.orders[73552].status == "New"

def test_the_environment(mock_environment):
    with Client.from_env() as client:
        assert client.read_order(account_id=6303, order_id=73552).status == "New"
    assert mock_environment == {name: value for name, value in os.environ.items() if name.startswith("AUTOSHARES_")}
"""
WITHOUT = """
import sys

sys.modules["uvicorn"] = None

def test_own(mock_server):
    pass
"""


def test_the_plugin_is_registered_under_the_name_of_its_module() -> None:
    """Pytest loads the plugin for every test, and only once if a conftest names it, too."""
    assert [each.value for each in entry_points(group="pytest11", name=PLUGIN)] == [PLUGIN]


def test_a_run_that_uses_no_fixture_imports_nothing_of_the_mock(tmp_path: Path) -> None:
    """The plugin alone is cheap, because every run of pytest loads it."""
    assert "1 passed" in (printed := run_tests(tmp_path, USES_NONE)), printed


@pytest.mark.parametrize("conftest", mainly(None, [None, f'pytest_plugins = ["{PLUGIN}"]\n']))
def test_the_fixtures_are_there(conftest: str | None, tmp_path: Path) -> None:
    """Each test has its own server, client and variables; other AUTOSHARES_ variables are removed."""
    if conftest is not None:
        (tmp_path / "conftest.py").write_text(conftest)
    stray = {"AUTOSHARES_TOKEN": "a-token-of-the-caller", "AUTOSHARES_TOKEN_STORE": "/nowhere"}
    assert "3 passed" in (printed := run_tests(tmp_path, FIXTURES, all_plugins=True, **stray)), printed


def test_without_the_extra_the_fixture_says_what_to_install(tmp_path: Path) -> None:
    """The error is one line, without a traceback."""
    printed = run_tests(tmp_path, WITHOUT)
    assert "the mock server needs uvicorn, which is not installed: pip install 'autoshares-cancel[mock]'" in printed
    assert "1 error" in printed
    assert "Traceback" not in printed


UNUSED = """
import pytest

def cancel(client):
    client.cancel_order(account_id=6303, order_id=73553)

def test_unused(mock_server, mock_client):
    mock_server.on_cancel(73552).respond(500)
    cancel(mock_client)

def test_used_once_of_twice(mock_server, mock_client):
    mock_server.on_cancel(73553).respond(204, times=2)
    cancel(mock_client)

def test_optional(mock_server):
    mock_server.on_cancel(73552).respond(500, optional=True)

@pytest.mark.xfail(raises=LookupError, strict=True)
def test_that_fails_anyway(mock_server):
    mock_server.on_cancel(73552).respond(500)
    raise LookupError

def test_the_log_in_of_the_client(mock_server, mock_client):
    mock_server.tokens.assert_not_called()
    assert mock_server.requests == []
"""


def test_the_documented_tests_pass(tmp_path: Path) -> None:
    """The three tests in the plugin's docstring are what a user copies."""
    lines = (pytest_plugin.__doc__ or "").splitlines()
    tests = dedent("\n".join(line for line in lines if line.startswith("    ") or not line))
    assert "3 passed" in (printed := run_tests(tmp_path, tests)), printed


def test_what_was_armed_and_not_used_fails_the_test(tmp_path: Path) -> None:
    """Unused steps are a failure and not an error; a test that fails anyway shows only its own failure."""
    printed = run_tests(tmp_path, UNUSED)
    assert "2 failed, 2 passed, 1 xfailed" in printed
    assert "armed and not used:\nE             on_cancel(73552).respond(500)\n" in printed
    assert "DELETE /api/v1/accounts/6303/orders/73553: decided 204\n" in printed
    assert "on_cancel(73553).respond(204, times=2): used 1 of 2 times" in printed
