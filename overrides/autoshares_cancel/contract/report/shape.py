"""The shape of report.json, which scripts may rely on."""

from typing import Literal, TypedDict

State = Literal["green", "red", "pending", "accepted", "noted", "not shown"]
STATES: tuple[State, ...] = ("green", "red", "pending", "accepted", "noted", "not shown")


class CellReport(TypedDict):
    """One cell: where it stands, its state, what its tests reported, why some of them were not shown, and their ids."""

    section: str
    row: str
    column: str
    state: State
    notes: list[str]
    reasons: list[str]
    tests: list[str]


class FindingReport(TypedDict):
    """What is wrong in one line, how to see it as client code and with curl (empty: not known), and what found it."""

    what: str  # long numbers and targets are shortened; `client` and `curl` are complete
    client: str
    curl: str
    rule: str  # place and complaint; the same for all cases of one rule
    tests: list[str]


class PendingReport(FindingReport):
    """What a check has found that is new in the release `since`: it becomes a finding with the next minor release."""

    since: str


class RemarkReport(TypedDict):
    """What is no finding: a deviation that the contract leaves open, or one that is accepted for this reason."""

    what: str
    reason: str  # empty: the contract leaves it open
    rule: str  # as of a finding
    tests: list[str]


class AcceptedEntry(TypedDict):
    """An entry of `[[accepted]]` in the file of scenarios; `check` or `rule` may be empty, which is any."""

    check: str
    rule: str
    reason: str


class Report(TypedDict):
    """All of it. `schema` is increased when a reader of the older one would misunderstand the new one."""

    schema: Literal[3]
    conforms: bool  # something was shown, nothing is wrong, and the run came to its end
    verdict: str  # the same in words
    server: str | None  # base URL; null is the mock
    started: str  # ISO 8601, UTC
    seconds: float
    seed: str | None  # Hypothesis's; null where none was given
    finished: bool  # false where the run was broken off, or failed outside of any test
    totals: dict[State, int]  # of cells
    cells: list[CellReport]
    findings: list[FindingReport]
    pending: list[PendingReport]
    remarks: list[RemarkReport]
    unneeded: list[AcceptedEntry]  # no finding needed them; empty where the run did not come to its end
