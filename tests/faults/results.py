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
    """Why a survivor is equivalent: that nobody could tell it from the original."""
    seconds: float

    @property
    def is_unexplained(self) -> bool:
        """Whether nothing noticed the mutant, and nobody has said why that is all right."""
        return self.killed_by is None and self.reason is None
