"""The result of one mutant."""

from attrs import frozen


@frozen(kw_only=True)
class Result:
    """One planted mutant, and the test or tool that noticed it, if any."""

    kind: str
    """planted, server, specification or client."""
    what: str
    """The mutant in a few words, and where it is."""
    killed_by: str | None = None
    """The first test or tool that stopped it; None for a survivor."""
    reason: str | None = None
    """Why a survivor is equivalent to the original."""
    problem: str | None = None
    """The reason for a missing verdict."""
    seconds: float

    @property
    def is_unexplained(self) -> bool:
        """Whether no test noticed the mutant, and it has no reason."""
        return self.killed_by is None and self.reason is None and self.problem is None

    @property
    def is_settled(self) -> bool:
        """Whether a later run may reuse this result: survivors and mutants without a verdict are tried again."""
        return self.problem is None and not self.is_unexplained
