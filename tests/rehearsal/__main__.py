"""Rehearse every change of the vendor's, and show for each what was printed. Run by `make rehearse`."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rehearsal.edits import REHEARSED, Rehearsed
from rehearsal.walk import Walk, led_to, walk


def problems(rehearsed: Rehearsed, seen: Walk) -> Iterator[str]:
    """What went otherwise than expected."""
    if sorted(seen.found()) != sorted(rehearsed.watched) or seen.watch_code != 1:
        yield f"make watch found {seen.found()}, with exit code {seen.watch_code}"
    if seen.code_after_edits:
        yield f"after all edits make watch has exit code {seen.code_after_edits}"
    if (seen.rating, seen.compat_code) != (rehearsed.rating, 1):
        yield f"make compat rates it {seen.rating}, with exit code {seen.compat_code}"


def main() -> int:
    """Rehearse all of them; exit code 1 if one goes wrong."""
    wrong = 0
    for rehearsed in REHEARSED:
        with tempfile.TemporaryDirectory() as folder:
            seen = walk(rehearsed, Path(folder))
            places = led_to(Path(folder))
        print(f"{rehearsed.what}: {rehearsed.rating}")
        print(*(f"    watch   {line}" for line in seen.watched), sep="\n")
        print(*(f"    compat  {line}" for line in seen.rated), sep="\n")
        print(*(f"    types   {line}" for line in places), sep="\n", flush=True)
        for problem in problems(rehearsed, seen):
            print(f"    WRONG   {problem}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
