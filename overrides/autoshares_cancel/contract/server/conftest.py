"""Fixtures of the tests that judge a server."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import NoReturn

import pytest

from autoshares_cancel.contract.report.fixture_types import Finding, Remark
from autoshares_cancel.contract.report.shape import AcceptedEntry
from autoshares_cancel.contract.report.unneeded import ACCEPTED
from autoshares_cancel.contract.server.aim import Aim, not_shown
from autoshares_cancel.contract.server.chosen import TARGET
from autoshares_cancel.contract.server.raw import close_idle

pytest_plugins = ["autoshares_cancel.contract.report.plugin"]


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def pytest_configure(config: pytest.Config) -> None:
    """Store the accepted entries of the table for the report."""
    entries: list[AcceptedEntry] = [
        {"check": each.check, "rule": each.rule, "reason": each.reason} for each in TARGET.table.accepted
    ]
    config.stash[ACCEPTED] = entries


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw requests use no proxy, so clients use none either."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def _named() -> Iterator[Aim | None]:
    """The server at the given address, one object per session because its orders are used up; None without one."""
    yield None if TARGET.base_url is None else TARGET.aim(TARGET.base_url)
    close_idle()


@pytest.fixture
def aim(_named: Aim | None, request: pytest.FixtureRequest) -> Iterator[Aim]:
    """The server under test. A mock is reset before each test, or started for it."""
    if _named is None:
        yield TARGET.aim(request.getfixturevalue("mock_server").base_url)
        close_idle()
        return
    _named.fresh()
    yield _named


@pytest.fixture
def finding(finding: Finding, remark: Remark, request: pytest.FixtureRequest) -> Finding:
    """Fail this test with a finding; if the table accepts it, report its reason and skip the test instead."""

    def fail(what: str, *, client: str = "", curl: str = "") -> NoReturn:
        table = TARGET.table
        cells = [cell for name, cell in request.node.user_properties if name == "contract_cell"]
        places = [f"{each['section']} · {each['row']} · {each['column']}" for each in cells]
        needed = [table.accepted.index(each) for each in table.covering(places, what.split("; ")) if each]
        if needed:
            request.node.user_properties.append(("contract_accepted", {"entries": needed}))
        reason = table.why_accepted(places, what.split("; "))
        if reason:
            remark(what, reason=reason)
            pytest.skip(f"accepted: {reason}")
        finding(what, client=client, curl=curl)

    return fail


@pytest.fixture(params=TARGET.client_kinds)
def client_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of client for this server, in turn."""
    name: str = request.param
    if name in {"uvloop", "trio"} and find_spec(name) is None:
        not_shown(f"{name} is not installed")
    return name
