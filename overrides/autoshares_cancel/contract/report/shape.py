"""The shape of report.json, which scripts may rely on."""

from typing import Literal, TypedDict

State = Literal["green", "red", "pending", "accepted", "noted", "not shown"]
STATES: tuple[State, ...] = ("green", "red", "pending", "accepted", "noted", "not shown")


class CellReport(TypedDict):
    """One cell: its place, its state, the notes of its tests, the reasons for gaps, and the ids of the tests."""

    section: str
    row: str
    column: str
    state: State
    notes: list[str]
    reasons: list[str]
    tests: list[str]


class FindingReport(TypedDict):
    """A finding in one line, its reproduction as client code and with curl (empty if there is none), and its tests."""

    what: str  # long numbers and targets are shortened; `client` and `curl` are complete
    client: str
    curl: str
    rule: str  # place and complaint; the same for all cases of one rule
    tests: list[str]


class PendingReport(FindingReport):
    """A finding of a check that is new in the release `since`; it counts from the next minor release on."""

    since: str


class RemarkReport(TypedDict):
    """A deviation that is no finding: the contract leaves it open, or it is accepted for `reason`."""

    what: str
    reason: str  # empty: the contract leaves it open
    rule: str  # as in a finding
    tests: list[str]


class AcceptedEntry(TypedDict):
    """An entry of `[[accepted]]` in the file of scenarios; an empty `check` or `rule` matches any."""

    check: str
    rule: str
    reason: str


class Report(TypedDict):
    """The whole report. `schema` increases when a program for the older schema would misread the new one."""

    schema: Literal[3]
    conforms: bool  # at least one cell is green or noted, none is red, and the run finished
    verdict: str  # the result in words, with the totals
    server: str | None  # base URL; null for the mock of the tests
    started: str  # ISO 8601, UTC
    seconds: float
    seed: str | None  # Hypothesis's seed; null if none was given
    finished: bool  # false if the run was broken off, or failed outside of any test
    totals: dict[State, int]  # of cells
    cells: list[CellReport]
    findings: list[FindingReport]
    pending: list[PendingReport]
    remarks: list[RemarkReport]
    unneeded: list[AcceptedEntry]  # entries that no finding needed; empty if the run did not finish
