"""The command line under test, in this process or in its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from attrs import frozen
from click.testing import CliRunner

from autoshares_cancel._cli.app import app
from autoshares_cancel.mock import MockServer

COMMAND: Final = [sys.executable, "-m", "autoshares_cancel"]
TOKEN_ONLY: Final = {"AUTOSHARES_TOKEN": "token", "AUTOSHARES_USERNAME": "", "AUTOSHARES_PASSWORD": ""}


def environment(base_url: str, **changes: str) -> dict[str, str]:
    """The environment variables of the mock's user, without empty ones."""
    values = {
        **{name: value for name, value in os.environ.items() if name != "FORCE_COLOR"},
        "AUTOSHARES_BASE_URL": base_url,
        "AUTOSHARES_APP_KEY": "demo-app-key",
        "AUTOSHARES_USERNAME": "trader",
        "AUTOSHARES_PASSWORD": "correct-horse",
        **changes,
    }
    return {name: value for name, value in values.items() if value}


def invoke(words: Sequence[str], variables: Mapping[str, str], given: str | bytes | None = None) -> Any:
    """Run the command in this process, and restore the handler of SIGINT, which the command replaces."""
    before = signal.getsignal(signal.SIGINT)
    try:
        return CliRunner().invoke(app, words, env=variables, prog_name="autoshares-cancel", input=given)
    finally:
        signal.signal(signal.SIGINT, before)


@frozen
class Command:
    """Runs the command in this process against the mock."""

    server: MockServer

    def __call__(self, *arguments: object, given: str | bytes | None = None, **changes: str) -> Any:
        words = [str(argument) for argument in arguments]
        variables = environment(self.server.base_url, **changes)
        return invoke(words, variables, given)

    @property
    def cancels(self) -> list[int]:
        """The order ids of all cancels that the mock received."""
        return [int(seen.path.rpartition("/")[2]) for seen in self.requests if seen.method == "DELETE"]

    @property
    def requests(self) -> list[Any]:
        """All requests that the mock received."""
        return list(self.server._app.state.traffic.requests)


@contextmanager
def process(
    base_url: str, *arguments: object, has_token: bool = False, **options: Any
) -> "Generator[subprocess.Popen[str]]":
    """The command in its own process, which is killed if the test fails."""
    words = [str(argument) for argument in arguments]
    variables = environment(base_url, **(TOKEN_ONLY if has_token else {}))
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with subprocess.Popen([*COMMAND, *words], env=variables, text=True, **pipes) as running:
        try:
            yield running
        except BaseException:
            running.kill()
            raise


def objects(text: str) -> list[dict[str, Any]]:
    """The objects in JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def outcomes(text: str) -> dict[int, str]:
    """The outcome of each order in JSON lines. Asserts one line per order."""
    lines = objects(text)
    assert len({item["order_id"] for item in lines}) == len(lines)
    return {item["order_id"]: item["outcome"] for item in lines}
