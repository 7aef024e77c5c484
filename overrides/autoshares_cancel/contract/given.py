"""Other sources than the file for the orders that a run may cancel: a variable, a command, or the account itself."""

import os
import shlex
import subprocess
from pathlib import Path
from typing import Final

from attrs import frozen

from autoshares_cancel import ConfigurationError
from autoshares_cancel._validation import check_base_url, shortened
from autoshares_cancel.contract.report.masking import Mask
from autoshares_cancel.contract.server.newest import newest_open
from autoshares_cancel.contract.server.preflight import check
from autoshares_cancel.contract.server.sacrifices import VARIABLE, read_numbers, replace_open
from autoshares_cancel.contract.server.scenario_table import TableError, read_table
from autoshares_cancel.contract.server.target import Target, TargetError, find_target, variables

SECONDS: Final = 60.0
"""Default time limit of the command of --orders-from."""


@frozen(kw_only=True)
class Given:
    """The options that name the orders which one run may cancel. CONTRACT_OPEN_ORDERS comes from the environment."""

    command: str | None = None
    """A command that prints the order numbers."""
    newest: int | None = None
    """How many of the newest open orders of the account may be cancelled; at least 1."""

    def numbers(self, base_url: str, scenarios: Path | None, *, seconds: float = SECONDS) -> list[int]:
        """Return the order numbers from the variable or the command; empty if the file or the account names the orders.

        Checks everything else first, then runs the command for at most `seconds`. Raises TargetError.
        """
        try:
            check_base_url(base_url)
            name = self._source()
            if name:
                replace_open(read_table(scenarios) if scenarios else None, (), name)
            if self.command is not None:
                return read_numbers("what --orders-from prints", _printed(_split(self.command), seconds))
            return read_numbers(VARIABLE, os.environ[VARIABLE]) if name == VARIABLE else []
        except (ConfigurationError, TableError) as problem:
            raise TargetError(str(problem)) from problem

    def prepare(self, base_url: str, *, scenarios: Path | None, numbers: list[int]) -> Target:
        """Find the server, choose the orders, and check that each has the status that the table names. Cancels nothing.

        Raises TargetError or PreflightError.
        """
        chosen = {"CONTRACT_BASE_URL": base_url, "CONTRACT_SCENARIOS": str(scenarios or "")}
        target = find_target(variables(**chosen, **{VARIABLE: ",".join(map(str, numbers))}))
        base_url = target.base_url or base_url
        if self.newest is not None:
            target = target.sacrificing(newest_open(target.aim(base_url), self.newest))
        check(target.aim(base_url))
        return target

    def _source(self) -> str:
        """Return the name of the source that is set; empty for none. Raises ConfigurationError for several."""
        used = {
            VARIABLE: bool(os.environ.get(VARIABLE)),
            "--orders-from": self.command is not None,
            "--cancel-listed": self.newest is not None,
        }
        names = [name for name, is_used in used.items() if is_used]
        if len(names) > 1:
            raise ConfigurationError(f"{' and '.join(names)} name the orders to cancel: give one of them")
        return "".join(names)


FILE: Final = Given()
"""No option is set: the orders come from the variable if it is set, otherwise from the file."""


def _split(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as problem:
        raise ConfigurationError(f"--orders-from must be a command: {problem}") from None
    if not words:
        raise ConfigurationError("--orders-from must be a command, and is empty")
    return words


def _printed(words: list[str], seconds: float) -> str:
    """Run a command without a shell and return its output. It inherits the environment and gets no input."""
    try:
        ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"the command of --orders-from did not end within {seconds:g} seconds") from None
    except OSError as problem:
        raise ConfigurationError(f"the command of --orders-from can't be run: {problem.strerror}") from None
    if ended.returncode:
        lines = Mask()(ended.stderr.decode("utf-8", "replace")).split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "it printed no reason")
        raise ConfigurationError(f"the command of --orders-from ended with {ended.returncode}: {shortened(last)}")
    return ended.stdout.decode("utf-8", "replace")
