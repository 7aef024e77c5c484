"""The command line with AUTOSHARES_TOKEN_STORE."""

from pathlib import Path

from support.command import Command
from support.control import counters

from autoshares_cancel.mock import MockServer


def test_two_commands_share_a_log_in(mock_server: MockServer, tmp_path: Path) -> None:
    """Two commands with the same token store log in once."""
    command, path = Command(mock_server), str(tmp_path / "tokens")
    for order_id in (73552, 73553):
        assert command("order", 6303, order_id, AUTOSHARES_TOKEN_STORE=path).exit_code == 0
    assert counters(mock_server)["token_requests"] == 1


def test_a_store_that_is_not_safe_is_wrong_usage(mock_server: MockServer, tmp_path: Path) -> None:
    """A token store that others can write to exits with 2, before anything is sent."""
    tmp_path.chmod(0o777)
    ended = Command(mock_server)("order", 6303, 73552, AUTOSHARES_TOKEN_STORE=str(tmp_path))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert f"token_store: others can write to {tmp_path}" in ended.stderr
    assert counters(mock_server)["token_requests"] == 0


def test_without_the_variable_nothing_is_written(mock_server: MockServer, tmp_path: Path) -> None:
    """Without AUTOSHARES_TOKEN_STORE, no token is written."""
    assert Command(mock_server)("order", 6303, 73552, HOME=str(tmp_path)).exit_code == 0
    assert [*tmp_path.iterdir()] == []
