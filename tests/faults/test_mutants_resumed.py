"""Interrupted runs of mutants resume: no result is lost, and no outdated result is reused."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults.copies import ROOT
from faults.mutants import INTERRUPTED
from faults.records import Records
from faults.two_lines import ELSEWHERE, EXPLAINED, HALF, NOTICED, TEST, UNNOTICED, plant, plant_tree, run

QUICK = ["--quick"]
PATIENCE_SECONDS = 60


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # plugins take longer than these tests
    return plant_tree(tmp_path / "tree")


def interrupting(step: int) -> Callable[..., None]:
    """A Records.add that raises KeyboardInterrupt right after the given record."""
    add, steps = Records.add, iter(range(1, 100))

    def interrupted(*arguments: Any) -> None:
        add(*arguments)
        if next(steps) == step:
            raise KeyboardInterrupt

    return interrupted


@pytest.mark.parametrize("step", [1, 2])
def test_an_interrupted_run_goes_on(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """A run shows its results when it is interrupted; the next run reuses them, and its table is complete."""
    with monkeypatch.context() as patched:
        patched.setattr(Records, "add", interrupting(step))
        assert run(tree, NOTICED, ELSEWHERE, options=QUICK) == INTERRUPTED
    printed = capsys.readouterr().out
    assert f"{step} of    {step} noticed" in printed
    assert printed.endswith("interrupted: the same command resumes here\n")
    assert run(tree, NOTICED, ELSEWHERE, options=QUICK) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{2 - step} to try, {step} more taken over from earlier runs")
    assert "2 of    2 noticed" in printed
    assert "; with the runs whose results are taken over " in printed


def heard(pipe: int) -> bytes:
    """The bytes that arrive, or none when every writer has closed the pipe."""
    assert select.select([pipe], [], [], PATIENCE_SECONDS)[0]
    return os.read(pipe, 100)


@pytest.mark.tools
def test_ctrl_c_ends_what_is_running(tree: Path) -> None:
    """SIGINT ends the run and its running judge at once."""
    begun = tree.with_name("begun")
    os.mkfifo(begun)
    pipe = os.open(begun, os.O_RDONLY | os.O_NONBLOCK)
    # The judge keeps the pipe open until it is ended.
    hanging = f"    import time\n    with open({str(begun)!r}, 'w') as begun:\n"
    hanging += "        begun.write('begun')\n        begun.flush()\n        time.sleep(600)\n"
    (tree / "tests/test_app.py").write_text(TEST + hanging, encoding="utf-8")
    plant(tree, NOTICED)
    script = f"from faults.mutants import *; sys.exit(main(['--kind', 'planted'], Path({str(tree)!r})))"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert heard(pipe) == b"begun"
            process.send_signal(signal.SIGINT)
            assert heard(pipe) == b""
            printed, _ = process.communicate(timeout=PATIENCE_SECONDS)
        finally:
            process.kill()
            os.close(pipe)
    assert process.returncode == INTERRUPTED
    assert printed.endswith("interrupted: the same command resumes here\n")


@pytest.mark.tools
def test_a_changed_tree_is_tried_again(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change of the code, of a test, or of an untracked file means that no earlier result is reused."""
    assert run(tree, NOTICED, options=QUICK) == 0
    for file in ("app.py", "tests/test_app.py", "new.py"):
        with (tree / file).open("a", encoding="utf-8") as changed:
            changed.write("# another line\n")
        capsys.readouterr()
        assert run(tree, NOTICED, options=QUICK) == 0
        printed = capsys.readouterr().out
        assert printed.startswith("1 to try\nestimated from the times of earlier runs: ")


@pytest.mark.tools
def test_only_a_mutant_that_changed_is_tried_again(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mutant with a new description keeps its result; one that changes the code otherwise is tried again."""
    assert run(tree, NOTICED, ELSEWHERE, options=QUICK) == 0
    capsys.readouterr()
    other = ELSEWHERE.replace("0 *", "1 *")
    assert run(tree, NOTICED.replace("twice", "two times"), other, options=QUICK) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("1 to try, 1 more taken over")
    assert "\n  two times " in printed
    assert "2 of    2 noticed" in printed


@pytest.mark.tools
def test_survivors_are_tried_again(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A survivor is tried again and fails every run, until the catalogue explains it."""
    for _ in range(2):
        assert run(tree, UNNOTICED, NOTICED, options=QUICK) == 1
    printed = capsys.readouterr().out
    assert "1 to try, 1 more taken over" in printed
    assert printed.count("a true half: SURVIVED") == 2
    assert run(tree, EXPLAINED, NOTICED, options=QUICK) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("0 to try, 2 more taken over")
    assert "equivalent: only even numbers are halved" in printed


@pytest.mark.tools
def test_a_quick_run_is_no_proof_that_the_tree_is_sound(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A quick run leaves out the sound tree; a complete run tries it before it accepts the quick run's results."""
    (tree / "tests/test_app.py").write_text(TEST.replace("== 4", "== 5"), encoding="utf-8")
    assert run(tree, NOTICED, options=QUICK) == 0
    assert run(tree, NOTICED) == 2
    assert "not judged: without any mutant, this complains" in capsys.readouterr().out


@pytest.mark.tools
def test_fresh_takes_nothing_over(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --fresh every mutant is tried again, but the time is still estimated from earlier runs."""
    assert run(tree, NOTICED, options=QUICK) == 0
    capsys.readouterr()
    assert run(tree, NOTICED, options=[*QUICK, "--fresh"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("1 to try\n")
    assert "estimated from the times" in printed


@pytest.mark.tools
def test_an_incomplete_record_is_ignored(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An incomplete record is ignored, and only its mutant is tried again."""
    assert run(tree, NOTICED, options=QUICK) == 0
    (records,) = (tree / ".cache/mutants").iterdir()
    whole = records.read_bytes()
    records.write_bytes(whole[: len(whole) // 2])
    for tries in (1, 0):
        capsys.readouterr()
        assert run(tree, NOTICED, options=QUICK) == 0
        assert capsys.readouterr().out.startswith(f"{tries} to try")
    assert (tree / "app.py").read_text(encoding="utf-8") == HALF
