"""Makes a release: rates the changes, raises the version, runs all checks, builds twice, and tags.

`make release` runs it. BUMP=major, minor or patch overrides the rating. DRY=1 does everything but the tag, and restores
the tree. Exit code 0: released, or a complete dry run. 1: a step failed; the last line names it. 130: interrupted. The
tree is as it was after 1 and 130.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from python_face.face import face_of_tree
from releasing.commands import run_logged
from releasing.rated import rate
from releasing.release import Release
from releasing.steps import run_steps
from releasing.tree import Tree
from releasing.versions import PARTS

ROOT = Path(__file__).resolve().parents[2]


def say(line: str) -> None:
    """Print a line with the time."""
    print(f"{datetime.now(UTC):%H:%M:%S}  {line}", flush=True)


def main() -> int:
    """Run the release, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bump", choices=PARTS, default="", help="default: what the rating requires")
    parser.add_argument("--dry-run", action="store_true", help="tag nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        release = Release(
            tree=Tree(ROOT),
            run=run_logged(ROOT / ".cache" / "release"),
            rate=rate,
            face=face_of_tree,
            work=Path(work),
            day=datetime.now(UTC).date(),
            say=say,
            bump=arguments.bump,
            is_dry=arguments.dry_run,
        )
        return run_steps(release.steps(), release, is_dry=arguments.dry_run, say=say)


if __name__ == "__main__":
    sys.exit(main())
