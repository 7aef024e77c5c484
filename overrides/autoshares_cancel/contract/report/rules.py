"""The rule that a finding breaks, so that people read the same complaint about forty orders once.

1. A rule is a place of the report and a complaint: `credentials · wrong token: 409, not 401`.
2. The place is section and row of the cell that the test decides. In INPUTS each row is one more input for the same
   rule, so the section is the place.
3. The complaint is the text behind the subject, which ends at the first colon. It has "…" for each number that is no
   status, and names each part once.
4. A test that broke off before it could report has no place: a server that stops answering breaks one rule.
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
    """The cases of one rule, of which there is at least one."""

    cases: list[Found]

    @property
    def title(self) -> str:
        """One line: the rule with the number of its cases, or the only case, if it has each complaint once."""
        what, rule, count = self.cases[0]["what"], self.cases[0]["rule"], len(self.cases)
        if count > 1:
            rule = f"{rule} ({count} cases)"
        elif what.count("; ") == rule.count("; "):
            rule = what
        return shortened(rule)


def rule_of(what: str, test: str, cell: Mapping[str, Any]) -> str:
    """The rule that this text is about, from the test and from the cell that it decides."""
    failure = what.removeprefix(f"{test}: ")
    if failure != what:
        return _complaint(_REQUEST.sub("a request", failure))
    place = cell["section"] if cell["section"] in INPUTS else f"{cell['section']} · {cell['row']}"
    subject, _, rest = what.partition(": ")
    return f"{place}: {_complaint(rest or subject)}"


def grouped(found: Iterable[Found]) -> list[Group[Found]]:
    """One group for each rule, in the order of their first cases; what is accepted for another reason is another.

    A case that client code reproduces comes first in its group: readers see the first one.
    """
    groups: dict[tuple[object, ...], list[Found]] = {}
    for each in found:
        groups.setdefault(tuple(each.get(name) for name in _KEYS), []).append(each)
    return [Group(sorted(cases, key=_lacks_code)) for cases in groups.values()]


def shortened(line: str) -> str:
    """A line as people read it: at most so many characters."""
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"


def _lacks_code(found: FindingReport | RemarkReport) -> bool:
    return not str(found.get("client")).startswith("import ")


def _complaint(text: str) -> str:
    parts = [_NUMBER.sub(lambda found: found[0] if _STATUS.fullmatch(found[0]) else "…", it) for it in text.split("; ")]
    return "; ".join(dict.fromkeys(parts))
