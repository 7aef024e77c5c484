"""Rates what changed in the specification since a base, for a client that must handle every status.

Run by `make compat`, with BASE=… for a file, a folder like those of
openapi/released/, or a commit. Exit code 0: version and changelog are as the rating asks.
1: one of them is too small, or a person has to decide. 2: there is nothing to compare.
"""

import argparse
import sys
from pathlib import Path

from contract_facts.bases import SPECIFICATION, Base, find_base, shown, version_of
from contract_facts.changes import Change, diff
from contract_facts.model import FactsError
from contract_facts.ratings import Rating, rating_of
from contract_facts.specification import read_specification
from contract_facts.vendor import kept_facts
from contract_facts.verdict import Verdict, verdict

ROOT = Path(__file__).resolve().parents[1]


def rewordings(base: Base, known: set[str]) -> list[Change]:
    """What the vendor has reworded, where the specification's words have stayed."""
    if base.kept is None:
        return []
    changes = diff(base.kept, kept_facts().facts)
    wordings = [each for each in changes if each.kind == "reworded" or each.name == "description"]
    recorded = [change for change in wordings if not change.detail.startswith("nothing ->")]  # the first time
    return [change for change in recorded if change.text not in known]


def compare(base: Base) -> Verdict:
    """Print each change with its rating, and hold version and changelog against all of them."""
    changes = diff(base.facts, read_specification(ROOT / "openapi" / SPECIFICATION))
    changes += rewordings(base, {change.text for change in changes})
    version = version_of((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for change in sorted(changes, key=rating_of, reverse=True):
        print(f"{rating_of(change)!s:<8}{change}")
    return verdict(changes, base.version, version, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def main() -> int:
    """Compare, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "base",
        nargs="?",
        default="",
        help="default: the last release",
    )
    try:
        base = find_base(ROOT, parser.parse_args().base)
        found = compare(base)
    except (FactsError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    since = f"since {base.name}" + (f" (version {shown(base.version)})" if base.version else ", of no known version")
    if found.rating is Rating.NONE:
        print(f"nothing changed in the specification {since}")
    else:
        print(f"rating: {found.rating}, {since}")
    for sentence in found.missing:
        print(sentence, file=sys.stderr)
    return 1 if found.missing else 0


if __name__ == "__main__":
    sys.exit(main())
