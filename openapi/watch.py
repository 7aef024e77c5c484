"""Compares pages of the vendor with their kept facts and with the specification. `make watch PAGE=…` runs it.

Prints one line for each difference, with the line of the specification that it concerns. Exit code 0: nothing differs.
1: something differs. 2: a page, or a file of kept facts, can't be read; the message says where. Text outside of the
tables of a page is listed, and not compared.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from contract_facts.changes import Change, as_on_a_page, diff
from contract_facts.model import Facts, FactsError
from contract_facts.page import Page, facts_of_page
from contract_facts.ratings import rating_of
from contract_facts.specification import read_specification
from contract_facts.vendor import Kept, kept_facts

OPENAPI = Path(__file__).resolve().parent
NEXT = "what to do now: CONTRIBUTING.md, When the vendor changes something"
STANDARD_INPUT = "-"


@frozen(kw_only=True)
class Known:
    """The kept facts and the specification, with which a page is compared."""

    kept: Kept
    specification: Facts

    def differences(self, page: Page) -> dict[Change, list[str]]:
        """Return the changes that a page has, each with the sources that it differs from."""
        keys = set(page.facts.by_key())
        new = {each.heading for each in page.facts.operations} if keys - self.kept.facts.by_key().keys() else set[str]()
        keys |= {each.key for each in self.kept.facts.operations if each.heading in new}  # its method or path is new
        found: dict[Change, list[str]] = {}
        for change in diff(self.kept.facts.of(keys), page.facts):
            found.setdefault(change, []).append("kept facts")
        for change in diff(as_on_a_page(self.specification.of(keys)), as_on_a_page(page.facts)):
            if str(change) not in self.kept.chosen:
                found.setdefault(change, []).append("specification")
        return found

    def line_of(self, change: Change) -> int:
        """Return the line of the specification that a change concerns; for a missing part, the line of its parent."""
        operation = self.specification.by_key().get(change.key or ("", ""))
        if operation is None:
            return self.specification.line
        if isinstance(change.part, str):
            reply = operation.replies_by_status().get(change.part)
            return reply.line if reply else operation.replies_line
        if change.part is not None:
            parameter = operation.parameters_on_the_wire().get(change.part)
            return parameter.line if parameter else operation.parameters_line
        return operation.line


def report(page: Page, source: str, known: Known) -> Iterator[str]:
    """Yield one line for each difference."""
    for change, sources in known.differences(page).items():
        where = f"openapi/autoshares.yaml:{known.line_of(change)}"
        yield printable(f"{where}: {change} [{rating_of(change)}; not as in {' and '.join(sources)}; {source}]")


def printable(text: str) -> str:
    """Replace characters that control a terminal by question marks."""
    return "".join(character if character.isprintable() else "?" for character in text)


def watch(source: str, known: Known) -> int:
    """Compare one page, print the differences, and return the exit code."""
    try:
        text = sys.stdin.read() if source == STANDARD_INPUT else Path(source).read_text(encoding="utf-8")
        page = facts_of_page(text, source)
    except (FactsError, OSError, UnicodeDecodeError) as error:
        print(printable(f"not understood: {error}"), file=sys.stderr)
        return 2
    for title, line in page.ignored:
        print(printable(f"{source}:{line}: not compared: {title or 'text before the first heading'}"))
    lines = list(report(page, source, known))
    print("\n".join(lines) if lines else printable(f"{source}: nothing differs"))
    return 1 if lines else 0


def main() -> int:
    """Compare every page, and return the highest exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", metavar="PAGE", help=f"Markdown; {STANDARD_INPUT} is standard input")
    pages: list[str] = parser.parse_args().pages
    try:
        known = Known(kept=kept_facts(), specification=read_specification(OPENAPI / "autoshares.yaml"))
    except FactsError as error:
        print(error, file=sys.stderr)
        return 2
    code = max(watch(page, known) for page in pages)
    if code == 1:
        print(NEXT, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
