"""Rehearse every change of the vendor's, and show for each what was printed. Run by `make rehearse`.

pyright runs once for all of them, at the end.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rehearsal.checkers import generated, is_asked, mypy, pyright
from rehearsal.edits import REHEARSED, Rehearsed
from rehearsal.walk import Walk, walk


def problems(rehearsed: Rehearsed, seen: Walk) -> Iterator[str]:
    """What went otherwise than expected."""
    if sorted(seen.found()) != sorted(rehearsed.watched) or seen.watch_code != 1:
        yield f"make watch found {seen.found()}, with exit code {seen.watch_code}"
    if seen.code_after_edits:
        yield f"after all edits make watch has exit code {seen.code_after_edits}"
    if (seen.rating, seen.compat_code) != (rehearsed.rating, 1):
        yield f"make compat rates it {seen.rating}, with exit code {seen.compat_code}"


def show(name: str, lines: list[str]) -> None:
    """Print lines behind the name of what has printed them."""
    for line in lines:
        print(f"    {name:<9}{line}", flush=True)


def rehearse(rehearsed: Rehearsed, folder: Path) -> tuple[bool, list[str]]:
    """Walk as far as mypy. Returns whether that went as expected, and what mypy has found."""
    print(f"{rehearsed.what}: {rehearsed.rating}")
    seen = walk(rehearsed, folder)
    wrong = list(problems(rehearsed, seen))
    show("watch", [*seen.watched])
    show("compat", [*seen.rated])
    show("generate", generated(folder))
    found = mypy(folder) if is_asked(folder) else []
    if is_asked(folder):
        show("mypy", found or ["finds nothing"])
    show("WRONG", wrong)
    return not wrong, found


def main() -> int:
    """Rehearse all of them; exit code 1 if one goes wrong."""
    is_right = True
    with tempfile.TemporaryDirectory() as parent:
        folders = {Path(parent) / f"{number:02}": each for number, each in enumerate(REHEARSED, 1)}
        of_mypy: dict[Path, list[str]] = {}
        for folder, rehearsed in folders.items():
            folder.mkdir()
            went_well, of_mypy[folder] = rehearse(rehearsed, folder)
            is_right &= went_well
        for folder, found in pyright([each for each in folders if is_asked(each)]).items():
            print(folders[folder].what)
            show("pyright", found or ["finds nothing"])
            if bool(found) != bool(of_mypy[folder]):
                show("WRONG", ["only one of mypy and pyright finds something"])
                is_right = False
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
