"""How the three commands end after SIGTERM: a table of commands and of what is under way.

Laws 4 and 12: every order that a request was sent for is named once, and is not `NotSent`.
"""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from support.command import Command, objects, process
from support.control import tell
from support.fake_backend import until
from support.mock_orders import KNOWN, OWN
from support.tables import crossed

from autoshares_cancel._cli.exit_codes import GRAVITY
from autoshares_cancel.mock import MockServer

COMMANDS: Final = ("order", "orders", "all")
Fault = dict[str, Any]
FAULTS: Final[dict[str, list[Fault]]] = {
    "the log-in": [{"fault": "stall", "when": "before", "endpoint": "token"}],
    "a wait that the server asks for": [
        {"fault": "429-in-a-second", "order_id": number, "method": "DELETE", "times": 100} for number in KNOWN
    ],
    "a cancel that was carried out": [
        {"fault": "stall", "when": "after", "order_id": number, "method": "DELETE"} for number in KNOWN
    ],
    "reading it back": [
        *(
            {"fault": "close-without-reply", "when": "after", "order_id": number, "method": "DELETE"}
            for number in KNOWN
        ),
        *({"fault": "stall", "when": "before", "order_id": number, "method": "GET"} for number in KNOWN),
    ],
    "a list": [{"fault": "stall", "when": "before", "endpoint": "list"}],
}
"""The faults that keep a command waiting when the signal arrives."""
OUTCOMES: Final = {
    "the log-in": {"NotSent", "TokenUnavailable"},
    "a wait that the server asks for": {"NotSent", "RateLimited"},
    "a cancel that was carried out": {"NotSent", "NoReply"},
    "reading it back": {"NotSent", "OutcomeUnknown"},
    "a list": set[str](),
}
ANY: Final = crossed(COMMANDS, [what for what in FAULTS if what != "a list"])


@pytest.fixture
def run(mock_server: MockServer) -> Command:
    """The command and its mock, which records the requests."""
    return Command(mock_server)


def arguments(command: str, folder: Path) -> list[str]:
    """The arguments that cancel the open orders of the account with this command, four at a time if it can."""
    options = ["--json", "--grace", "0.2"]
    if command == "order":
        return ["order", str(OWN), *map(str, sorted(KNOWN)), *options]
    if command == "all":
        return ["all", str(OWN), "--yes", "--quiet", "--concurrency", "4", *options]
    file = folder / "orders.csv"
    file.write_text("account_id,order_id\n" + "".join(f"{OWN},{number}\n" for number in KNOWN), encoding="utf-8")
    return ["orders", str(file), "--quiet", "--concurrency", "4", *options]


def is_under_way(run: Command, what: str, at_once: int) -> Callable[[], bool]:
    """A check whether the command waits for this."""
    if what == "a wait that the server asks for":
        return lambda: len(run.cancels) >= 1
    return lambda: len(run.server._app.state.traffic.silent) >= at_once


@pytest.mark.parametrize(("command", "what"), [*ANY, ("all", "a list")])
def test_after_the_grace_every_order_has_its_outcome(run: Command, command: str, what: str, tmp_path: Path) -> None:
    """After the grace, every order has an outcome that the caller can know, and no row is graver than the exit code."""
    tell(run.server, "settings", fault_pause=60)
    tell(run.server, "faults", faults=FAULTS[what])
    at_once = 1 if command == "order" or what in {"the log-in", "a list"} else 4
    with process(run.server.base_url, *arguments(command, tmp_path)) as running:
        until(is_under_way(run, what, at_once))
        running.send_signal(signal.SIGTERM)
        output, errors = running.communicate(timeout=60)
    rows = [row for row in objects(output) if row["order_id"] is not None]
    outcomes = {row["order_id"]: row["outcome"] for row in rows}
    sent = {int(seen.path.rpartition("/")[2]) for seen in run.requests if seen.method == "DELETE"}
    assert len(outcomes) == len(rows)
    assert sent <= outcomes.keys()
    assert {*outcomes.values()} <= OUTCOMES[what]
    assert not [number for number in sent if outcomes[number] == "NotSent"]
    gravest = max((GRAVITY.index(row["exit_code"]) for row in objects(output)), default=0)
    assert GRAVITY.index(running.returncode) >= gravest
    assert running.returncode in {5, 6, 7}
    assert "Traceback" not in errors + output
    assert not any(word in errors for word in ("KeyboardInterrupt", "CancelledError", "Exception", "Errno"))
