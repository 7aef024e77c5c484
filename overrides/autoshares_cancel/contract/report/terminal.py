"""The report as lines for a terminal."""

import textwrap
from collections.abc import Iterator

from autoshares_cancel.contract.report.abridging import abridged
from autoshares_cancel.contract.report.page import gaps, named
from autoshares_cancel.contract.report.rules import Group, grouped, shortened
from autoshares_cancel.contract.report.shape import FindingReport, PendingReport, Report


def terminal_lines(report: Report) -> Iterator[str]:
    """Yield a line for each broken rule with its first case below, for each remark, and for each reason of a gap."""
    for wrong in grouped(report["findings"]):
        yield from _reproduced("WRONG", wrong)
    noted, accepted = ([each for each in report["remarks"] if bool(each["reason"]) is known] for known in (False, True))
    yield from (f"NOTED: {group.title}" for group in grouped(noted))
    for new in grouped(report["pending"]):
        yield from _reproduced(f"PENDING, for the check is new in {new.cases[0]['since']}", new)
    yield from (f"ACCEPTED: {group.title}: {group.cases[0]['reason']}" for group in grouped(accepted))
    for entry in report["unneeded"]:
        yield f"NOT NEEDED: no finding needs [[accepted]] with {named(entry)}: remove it from the file of scenarios"
    for reason, (first, *others) in gaps(report).items():
        yield f"NOT SHOWN: {first}{f', and {len(others)} more' if others else ''}: {reason}"
    yield f"contract: {report['verdict']}"


def _reproduced(word: str, group: Group[FindingReport] | Group[PendingReport]) -> Iterator[str]:
    first = group.cases[0]
    yield f"{word}: {group.title}"
    below = [shortened(first["what"])] if group.title != shortened(first["what"]) else []
    for text in filter(None, (*below, first["client"], first["curl"])):
        yield from textwrap.indent(abridged(text), "    ").splitlines()
        if abridged(text) != text:
            yield "    (complete in report.json)"
