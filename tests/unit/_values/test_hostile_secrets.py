"""Laws 3 and 5: a secret that equals a word of the server, or a part of one, changes only what is shown."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.clients import open_caller
from support.command import Command, objects, outcomes
from support.fake_backend import SETTINGS
from support.hostile_secrets import HOSTILE, ORDINARY, ROLES, credentials_of, play, secrets_of

from autoshares_cancel import RetryPolicy
from autoshares_cancel.mock import MockServer

ALONE = (("app_key",), ("username",), ("password",), ("pin_code", "code", "interim"), ("access",), ("token",))
TOGETHER = (ROLES[:-1], ("app_key", "token"))


def played(client_kind: str, secret: str, roles: tuple[str, ...]) -> dict[str, list[object]]:
    """The outcome of every scenario when the secret has these roles."""

    async def awake(_: float) -> None:
        pass

    values, sleep = secrets_of(secret, roles), (lambda _: None) if client_kind == "sync" else awake
    settings: dict[str, Any] = {"resolve": True, "retry": RetryPolicy(), "sleep": sleep, "random": lambda: 0.0}
    credentials = credentials_of(values, by_token="token" in roles)
    with open_caller(client_kind, **SETTINGS | settings | {"credentials": credentials}) as caller:
        return play(caller, values)


@cache
def usual(client_kind: str, *, by_token: bool) -> dict[str, list[object]]:
    return played(client_kind, ORDINARY, ("token",) if by_token else ())


@pytest.mark.parametrize("secret", HOSTILE, ids=repr)
def test_a_hostile_secret_changes_no_outcome(client_kind: str, secret: str) -> None:
    """Laws 3 and 5: the client decides on unmasked replies. Client has each secret alone, AsyncClient all at once."""
    for roles in ALONE if client_kind == "sync" else TOGETHER:
        assert played(client_kind, secret, roles) == usual(client_kind, by_token="token" in roles)


@pytest.mark.parametrize("pin", ["73552", "Cancelled", "event"])
def test_a_journal_is_found_again(mock_server: MockServer, tmp_path: Path, pin: str) -> None:
    """Laws 5 and 12: ids, outcomes and the journal's own names are written unmasked, and can be read again."""
    run, journal = Command(mock_server), tmp_path / "journal"
    (tmp_path / "orders.csv").write_text("account_id,order_id\n6303,73552\n6303,73562\n", encoding="utf-8")
    command = ("orders", tmp_path / "orders.csv", "--journal", journal, "--json", "--quiet")
    first, again = (run(*command, AUTOSHARES_PIN_CODE=pin) for _ in range(2))
    assert outcomes(first.stdout) == outcomes(again.stdout) == {73552: "Cancelled", 73562: "OrderConflict"}
    assert {item["from_journal"] for item in objects(again.stdout)} == {True}
    assert {item["account_id"] for item in objects(again.stdout)} == {6303}


@pytest.mark.parametrize("pin", ["73552", "6303", "735"])
def test_the_command_line_names_the_ids_that_it_was_given(mock_server: MockServer, pin: str) -> None:
    """Law 5: an id that the caller gave is never masked, even if a secret equals it or a part of it."""
    run = Command(mock_server)
    lines = run("order", 6303, 73552, 73553, AUTOSHARES_PIN_CODE=pin).stdout.splitlines()
    assert [line.partition("  ")[0] for line in lines] == ["73552", "73553"]
    refused = run("order", 1, 73552, "--json", AUTOSHARES_PIN_CODE=pin)
    assert [(item["account_id"], item["order_id"]) for item in objects(refused.stdout)] == [(1, 73552)]
    listed = objects(run("all", 6303, "--dry-run", "--json", AUTOSHARES_PIN_CODE=pin).stdout)
    assert [item["order_id"] for item in listed] == [*range(73554, 73562), 73563]
    assert {(item["account_id"], item["quantity"]) for item in listed} == {(6303, "100")}
