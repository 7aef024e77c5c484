"""The steps of a release and their commands: how they end, and how the tree is restored."""

import fcntl
import os
import signal
import sys
from pathlib import Path

import pytest

from releasing.commands import run_logged
from releasing.steps import Interrupted, Step, Stopped, run_steps


class Restored:
    """A tree that gets a signal while it is restored."""

    times = 0

    def restore(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        self.times += 1


def test_the_way_back_and_the_last_step_are_not_interrupted() -> None:
    """A signal interrupts neither the restore nor the last step, which would leave half a tree or release."""
    tree = Restored()

    def interrupt() -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        return ""

    lines: list[str] = []
    assert run_steps([Step("first", interrupt), Step("last", str)], tree, say=lines.append) == 130
    assert run_steps([Step("first", str), Step("last", interrupt)], tree, say=lines.append) == 0
    assert tree.times == 1


def test_a_bug_of_the_release_restores_the_tree_and_is_raised() -> None:
    """A bug in the release script restores the tree and is raised, not reported as a problem of the release."""
    tree = Restored()

    def fail() -> str:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        run_steps([Step("first", fail)], tree, say=lambda _: None)
    assert tree.times == 1


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("words", "\x1b[31mthe reason\x1b[0m", "make: *** [Makefile:1: lint] Error 1"), "the reason"),
        (("ARG002 Unused argument", " --> a.py:1:2", "Found 1 error."), "ARG002 Unused argument"),
        (("a.py:1: error: Wrong type", "Found 1 error in 1 file"), "a.py:1: error: Wrong type"),
        (
            ("=== FAILURES ===", "FAILED tests/test_a.py::test - x", "1 failed, 9 passed"),
            "FAILED tests/test_a.py::test - x",
        ),
        ((), "it printed nothing"),
    ],
)
def test_a_command_that_fails_is_one_line(lines: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    """A failed command gives its first finding, or else its last line, and the path of the log file."""
    code = f"print({chr(10).join(lines)!r}); raise SystemExit(3)"
    with pytest.raises(Stopped) as stopped:
        run_logged(tmp_path)("lint", [sys.executable, "-c", code], cwd=tmp_path)
    log = tmp_path / "lint.log"
    assert str(stopped.value) == f"lint failed with exit code 3: {reason} ({os.path.relpath(log)})"
    assert log.read_text(encoding="utf-8").splitlines() == [*lines] or not lines


def test_a_command_inherits_nothing_that_changes_its_meaning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command gets no variable that would change the server, the archive's time or pytest's options."""
    for name in ("BASE_URL", "SOURCE_DATE_EPOCH", "PYTEST_ADDOPTS", "HARMLESS"):
        monkeypatch.setenv(name, "1")
    code = "import os; print(*(name for name in os.environ if os.environ[name] == '1'))"
    printed = run_logged(tmp_path)("env", [sys.executable, "-c", code], cwd=tmp_path, GIVEN="1")
    names = set(printed.split())
    assert {"HARMLESS", "GIVEN"} <= names
    assert names.isdisjoint({"BASE_URL", "SOURCE_DATE_EPOCH", "PYTEST_ADDOPTS"})


def test_a_command_ends_with_all_that_it_has_started_before_the_tree_is_restored(tmp_path: Path) -> None:
    """An interrupted command ends with all its child processes, before the tree is restored."""
    holder = """
import fcntl, pathlib, signal
signal.signal(signal.SIGALRM, lambda *_: pathlib.Path("late").touch())
held = open("held", "w")
fcntl.flock(held, fcntl.LOCK_EX)
print("it holds", flush=True)
signal.alarm(20)
signal.pause()
"""
    program = f"""
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {holder!r}], stdout=subprocess.PIPE)
child.stdout.readline()
os.kill(os.getppid(), signal.SIGINT)
signal.pause()
"""

    def run() -> str:
        return run_logged(tmp_path)("test", [sys.executable, "-c", program], cwd=tmp_path)

    lines: list[str] = []
    assert run_steps([Step("test", run), Step("last", str)], Restored(), say=lines.append) == 130
    with (tmp_path / "held").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # waits until the holder has ended
    assert not (tmp_path / "late").exists()


def test_interruptions_are_no_exceptions_that_a_step_could_catch() -> None:
    """Interrupted is no subclass of Exception, as KeyboardInterrupt is none."""
    assert not issubclass(Interrupted, Exception)
