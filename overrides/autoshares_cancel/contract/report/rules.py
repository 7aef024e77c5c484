"""Groups findings by the rule that they break, so that one complaint about forty orders is printed once.

1. A rule is a place of the report and a complaint: `credentials · wrong token: 409, not 401`.
2. The place is section and row of the cell that the test decides. In INPUTS each row is one more input for the same
   rule, so the section is the place.
3. The complaint is the text behind the subject, which ends at the first colon. It has "…" in place of each number that
   is no status, and has each part once.
4. A test that broke off before it could report has no place, so that a server that stops answering breaks one rule.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

from autoshares_cancel.contract.report.shape import FindingReport, RemarkReport

INPUTS: Final = ("requests",)
_REQUEST: Final = re.compile(r"\b[A-Z]{3,7} /\S*")
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")
_STATUS: Final = re.compile(r"[1-5]\d\d")
_KEYS: Final = ("rule", "reason", "since")
_LONGEST: Final = 400

Found = TypeVar("Found", bound=FindingReport | RemarkReport)


@frozen
class Group(Generic[Found]):
    """The cases of one rule; at least one."""

    cases: list[Found]

    @property
    def title(self) -> str:
        """One line: the rule and the number of its cases, or the text of a single case that has each complaint once."""
        what, rule, count = self.cases[0]["what"], self.cases[0]["rule"], len(self.cases)
        if count > 1:
            rule = f"{rule} ({count} cases)"
        elif what.count("; ") == rule.count("; "):
            rule = what
        return shortened(rule)


def rule_of(what: str, test: str, cell: Mapping[str, Any]) -> str:
    """Derive the rule of a finding from its text, its test and the cell that the test decides."""
    failure = what.removeprefix(f"{test}: ")
    if failure != what:
        return _complaint(_REQUEST.sub("a request", failure))
    place = cell["section"] if cell["section"] in INPUTS else f"{cell['section']} · {cell['row']}"
    subject, _, rest = what.partition(": ")
    return f"{place}: {_complaint(rest or subject)}"


def grouped(found: Iterable[Found]) -> list[Group[Found]]:
    """Group cases by rule, reason and release, in the order of their first cases.

    A case that client code reproduces comes first in its group, because the terminal shows the first case.
    """
    groups: dict[tuple[object, ...], list[Found]] = {}
    for each in found:
        groups.setdefault(tuple(each.get(name) for name in _KEYS), []).append(each)
    return [Group(sorted(cases, key=_lacks_code)) for cases in groups.values()]


def shortened(line: str) -> str:
    """Cut a line at 400 characters."""
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"


def _lacks_code(found: FindingReport | RemarkReport) -> bool:
    return not str(found.get("client")).startswith("import ")


def _complaint(text: str) -> str:
    parts = [_NUMBER.sub(lambda found: found[0] if _STATUS.fullmatch(found[0]) else "…", it) for it in text.split("; ")]
    return "; ".join(dict.fromkeys(parts))
