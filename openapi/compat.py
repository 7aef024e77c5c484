"""Rates the changes of the specification and of the Python interface since a base, and prints a report.

`make compat` runs it. BASE=… is a file, a folder like those in openapi/released/, or a commit. Exit code 0: version and
changelog fit the rating. 1: one of them does not, or a maintainer has to decide. 2: there is nothing to compare.
"""

import argparse
import sys
from pathlib import Path

from attrs import frozen

from contract_facts.bases import SPECIFICATION, Base, find_base, shown, version_of
from contract_facts.changes import Change, diff
from contract_facts.model import FactsError
from contract_facts.ratings import Rating, rating_of
from contract_facts.specification import read_specification
from contract_facts.vendor import kept_facts
from contract_facts.verdict import Verdict, verdict
from python_face.changes import diff_faces
from python_face.face import face_of_base, face_of_tree

ROOT = Path(__file__).resolve().parents[1]


def rewordings(base: Base, vendor: Path, known: set[str]) -> list[Change]:
    """Return the vendor's rewordings that the specification has not followed."""
    if base.kept is None:
        return []
    changes = diff(base.kept, kept_facts(vendor).facts)
    wordings = [each for each in changes if each.kind == "reworded" or each.name == "description"]
    recorded = [change for change in wordings if not change.detail.startswith("nothing ->")]  # first recording
    return [change for change in recorded if change.text not in known]


@frozen(kw_only=True)
class Compared:
    """The changes since a base, the subjects that were compared, and a line about what was not compared."""

    changes: tuple[Change, ...]
    subjects: str = "the specification and the Python interface"
    lacking: str = ""


def compare(base: Base, root: Path = ROOT) -> Compared:
    """Compare the specification and the Python interface of a tree with a base. Raises FactsError."""
    changes = diff(base.facts, read_specification(root / "openapi" / SPECIFICATION))
    changes += rewordings(base, root / "openapi" / "vendor", {change.text for change in changes})
    after = face_of_tree(root)
    before = None if after is None else face_of_base(root, base)
    if before is None or after is None:
        lacking = "" if after is None else f"not compared: the Python interface, of which {base.name} has nothing"
        return Compared(changes=tuple(changes), subjects="the specification", lacking=lacking)
    return Compared(changes=(*changes, *diff_faces(before, after)))


def report(compared: Compared, base: Base) -> Verdict:
    """Print each change with its rating, and check version and changelog against the ratings."""
    version = version_of((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for change in sorted(compared.changes, key=rating_of, reverse=True):
        print(f"{rating_of(change)!s:<8}{change}")
    return verdict(compared.changes, base.version, version, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def main() -> int:
    """Run the command, and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "base",
        nargs="?",
        default="",
        help="default: the last release",
    )
    try:
        base = find_base(ROOT, parser.parse_args().base)
        compared = compare(base)
        found = report(compared, base)
    except (FactsError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    since = f"since {base.name}" + (f" (version {shown(base.version)})" if base.version else ", of no known version")
    if found.rating is Rating.NONE:
        print(f"nothing changed in {compared.subjects} {since}")
    else:
        print(f"rating: {found.rating}, {since}")
    if compared.lacking:
        print(compared.lacking)
    for sentence in found.missing:
        print(sentence, file=sys.stderr)
    return 1 if found.missing else 0


if __name__ == "__main__":
    sys.exit(main())
