"""Records the orders of a run in its journal, if there is one, until that can't be written."""

from typing import Any

from attrs import define

from autoshares_cancel._cli.run.journal import Journal


@define
class Recorder:
    """The journal of a run. Its methods raise nothing: after a failure `trouble` says why, and nothing is recorded."""

    journal: Journal | None
    trouble: str | None = None
    """Why the journal can't be written, as a sentence; None if it can."""

    def begins(self, order: tuple[int, int]) -> None:
        """Record that the request of an order may leave from now on."""
        if self.journal is not None:
            try:
                self.journal.begins(order)
            except OSError as problem:
                self._fail(problem)

    def ends(self, *outcomes: dict[str, Any]) -> None:
        """Record the outcomes of orders, with one write; as_object makes the values of each."""
        if self.journal is not None:
            try:
                self.journal.ends(*outcomes)
            except OSError as problem:
                self._fail(problem)

    def _fail(self, problem: OSError) -> None:
        self.trouble = f"the journal can't be written: {problem.strerror or problem}."
