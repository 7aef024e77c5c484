"""A signal ends a run; the run still writes its report, which does not claim conformance."""

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from support.command import COMMAND, environment
from support.honest_stranger import KEY, honest_stranger
from support.tables import mainly

from autoshares_cancel.contract import EXAMPLE

SECONDS = 120
SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs the signals of POSIX")
@pytest.mark.parametrize("number", mainly(SIGNALS[0], SIGNALS))
def test_a_signal_ends_a_run_with_a_report(number: signal.Signals, tmp_path: Path) -> None:
    """A run that a signal ends gives exit code 2 and writes a report that is marked as unfinished."""
    reached, release = threading.Event(), threading.Event()

    def hold(method: str) -> None:
        if method == "DELETE":
            reached.set()
            release.wait(SECONDS)

    with honest_stranger() as (base_url, exchange):
        exchange.on_request = hold
        words = [*COMMAND, "contract", base_url, "--scenarios", str(EXAMPLE), "--report", str(tmp_path)]
        variables = environment(base_url, AUTOSHARES_APP_KEY=KEY)
        with subprocess.Popen(words, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            assert reached.wait(SECONDS)
            run.send_signal(number)
            _, errors = run.communicate(timeout=SECONDS)
        release.set()
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (run.returncode, report["finished"], report["conforms"]) == (2, False, False), errors
    assert errors.startswith("Error: the run showed nothing, or did not end well")
