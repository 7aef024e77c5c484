"""`autoshares-cancel contract --plan` prints the requests of a run and sends none of them."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from support.command import invoke
from support.honest_stranger import KEY, honest_stranger

from autoshares_cancel.contract import EXAMPLE
from autoshares_cancel.contract.plan import LONGEST
from autoshares_cancel.contract.report.masking import Mask
from autoshares_cancel.contract.server.scenario_table import UNKNOWN
from autoshares_cancel.contract.server.target import TargetError
from autoshares_cancel.contract.supposed import Supposed, serving

USER = {"AUTOSHARES_APP_KEY": KEY, "AUTOSHARES_USERNAME": "trader", "AUTOSHARES_PASSWORD": "correct-horse"}
TABLE = ["--scenarios", str(EXAMPLE)]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.tools
@pytest.mark.parametrize("scenarios", [TABLE, pytest.param([], marks=pytest.mark.table)], ids=["a table", "no table"])
def test_a_run_sends_what_its_plan_names(scenarios: list[str], tmp_path: Path) -> None:
    """Law 1: the plan has exactly the requests that a correct server gets; it sends none and writes no file."""
    with honest_stranger() as (base_url, exchange):
        planned = invoke(["contract", base_url, *scenarios, "--plan"], USER)
        assert (planned.exit_code, planned.stderr, exchange.seen) == (0, "", [])
        assert list(tmp_path.iterdir()) == []
        *lines, total = planned.stdout.splitlines()
        judged = invoke(["contract", base_url, *scenarios], USER)
    assert judged.exit_code == 0, judged.stdout
    origin = base_url.removesuffix("/api")
    mask = Mask({"AUTOSHARES_TOKEN": "stranger-token", **USER})
    shown = [re.sub(r"(stranger-token)-\d+", r"\1", request) for request in exchange.seen]
    sent = {f"{method} {origin}{mask(target)}" for method, target in map(str.split, shown)}
    assert {line.partition(" x ")[2] for line in lines} == {request[: LONGEST - len("   1 x ")] for request in sent}
    named = total.partition("orders that would be cancelled: ")[2]
    assert named == (", ".join(map(str, sorted(exchange.cancelled))) or "none")


@pytest.mark.parametrize(
    ("words", "variables", "complaint"),
    [
        (["https://broker.example/api"], {}, "AUTOSHARES_USERNAME is not set"),
        (["http://broker.example/api"], USER, "https"),
        (["https://broker.example/api", "--scenarios", "nowhere.toml"], USER, "nowhere.toml"),
    ],
)
def test_a_plan_that_is_not_possible_is_one_line(words: list[str], variables: dict[str, str], complaint: str) -> None:
    """A plan of a run that is not possible gives one line and exit code 2, as the run does."""
    ended = invoke(["contract", *words, "--plan"], variables)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert complaint in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_plan_that_fails_leaves_no_server_behind() -> None:
    """A failed plan ends its server's thread, which could use a later socket with the same number."""
    before = set(threading.enumerate())
    with pytest.raises(TargetError), serving(Supposed(UNKNOWN, {}), "/api"):
        raise TargetError("not to be judged")
    assert set(threading.enumerate()) <= before
