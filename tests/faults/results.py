"""What became of one mutant."""

from attrs import frozen


@frozen(kw_only=True)
class Result:
    """One mutant: planted, and noticed by something or by nothing."""

    kind: str
    """planted, server, specification or client."""
    what: str
    """The mutant in a few words, and where it is."""
    killed_by: str | None = None
    """The first test or tool that stopped it; None for a survivor."""
    reason: str | None = None
    """Why a survivor is equivalent: no test could tell it from the original."""
    problem: str | None = None
    """Why there is no verdict, if there is none."""
    seconds: float

    @property
    def is_unexplained(self) -> bool:
        """Whether nothing noticed the mutant, and no reason says why that is all right."""
        return self.killed_by is None and self.reason is None and self.problem is None

    @property
    def is_settled(self) -> bool:
        """Whether a later run may take this over: a survivor, and what has no verdict, is tried again."""
        return self.problem is None and not self.is_unexplained
