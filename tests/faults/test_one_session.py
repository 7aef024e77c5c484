"""Several processes that share one session, at an exchange where a new log-in ends the old token."""

import stat
from collections import Counter
from pathlib import Path

import pytest
from faults.one_session import KilledLogIn, OneSession
from faults.sharing import KINDS


def test_several_processes_share_each_log_in(tmp_path: Path) -> None:
    """Law 6: all processes together log in once at the start and once for each expiry; every order is cancelled."""
    session = OneSession(processes=len(KINDS), orders=80, expiries=3)
    session.run(tmp_path / "tokens")
    assert session.outcomes == Counter(Cancelled=session.total)
    assert (session.cancelled, session.log_ins, session.log_ins_at_once) == (400, 4, 1)
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "tokens").iterdir()}
    assert modes == {".json": 0o600, ".lock": 0o600}


@pytest.mark.tools
def test_a_process_that_is_killed_while_it_logs_in_blocks_no_other_one(tmp_path: Path) -> None:
    """If the process that logs in is killed, one of the waiting processes logs in, and all continue."""
    killed = KilledLogIn()
    killed.run(tmp_path / "tokens")
    assert (killed.outcomes, killed.log_ins) == (Counter(Cancelled=len(KINDS)), 1)
