"""The streams of a command: nothing raises if one can't be written."""

import io
import sys

import pytest

from autoshares_cancel._cli.exit_codes import Exit
from autoshares_cancel._cli.output import Output


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, text: str) -> int:
        """Fail."""
        raise OSError(28, "No space left on device", text)


def test_rows_that_stdout_does_not_take_are_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Law 12: rows that stdout does not take are written to stderr, and the exit code says so."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Full())
        output = Output()
        assert output.exit_code() == Exit.CANCELLED
        output.row("first")
        output.row("second")
        output.report_losses()
    instead = "Rows that are on stderr instead, because of stdout (No space left on device): 2."
    assert capsys.readouterr().err.splitlines() == ["first", "second", instead]
    assert output.trouble == "the output can't be written: No space left on device."
    assert output.exit_code() is Exit.UNWRITTEN


def test_a_closed_stdout_is_known_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stdout that is closed from the start is reported before any row is written."""
    monkeypatch.setattr(sys, "stdout", None)
    assert Output().trouble == "the output can't be written: it is closed."


def test_a_note_that_is_lost_is_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that a full stderr loses sets the exit code; a stderr that the caller has closed does not."""
    monkeypatch.setattr(sys, "stderr", Full())
    lost = Output()
    lost.note("a note")
    monkeypatch.setattr(sys, "stderr", None)
    unwanted = Output()
    unwanted.note("a note")
    assert (lost.exit_code(), unwanted.exit_code()) == (Exit.UNWRITTEN, Exit.CANCELLED)


def test_what_the_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters that the encoding lacks are escaped, so no row is lost."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    output = Output()
    output.row("gelöscht \udcff")
    written = stream.detach()
    assert isinstance(written, io.BytesIO)
    assert (written.getvalue(), output.trouble) == (b"gel\\xf6scht \\udcff\n", None)


class Slow(io.StringIO):
    """A stream during whose writes `give_up` is called as often as given."""

    looks = 0

    def write(self, text: str) -> int:
        """Call `give_up`, then write."""
        for _ in range(self.looks):
            self.output.give_up()
        return super().write(text)

    def __init__(self) -> None:
        super().__init__()
        self.output = Output()


def test_only_a_write_that_lasts_from_one_look_to_the_next_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A write fails only at the second `give_up` during it; the first one, or one between writes, changes nothing."""
    slow = Slow()
    monkeypatch.setattr(sys, "stdout", slow)
    for looks, text in ((0, "none"), (1, "one"), (1, "one more"), (2, "two")):
        slow.looks = looks
        slow.output.give_up()
        slow.output.row(text)
    assert slow.getvalue().splitlines() == ["none", "one", "one more"]
    assert capsys.readouterr().err == "two\n"
    assert slow.output.trouble == "the output can't be written: nothing reads it."
