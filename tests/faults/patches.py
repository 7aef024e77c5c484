"""A mutant as a patch: read from TOML, checked to fit, planted into a copy of the tree and removed again."""

import itertools
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import field, frozen

_MOMENTS = itertools.count(1)


class MisfitError(Exception):
    """A patch does not fit the tree: its text is missing, or occurs in another number of places."""


@frozen(kw_only=True)
class Patch:
    """A replacement of one text by another in one file."""

    what: str
    """The mutant in a few words."""
    file: str
    old: str
    new: str
    times: int = 1
    """How often the old text occurs: 2 if both clients have it."""
    first: bool = False
    """Whether only the first of several places is replaced."""
    law: int | None = None
    """The law of the house that it breaks, if it breaks one."""
    tests: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    """The tests that must notice the mutant; empty if its kind has one judge for all mutants."""
    only: str = ""
    """An expression for pytest's -k that chooses enough of these tests, to be quicker."""
    quick: bool = False
    """Whether the mutant is in the quick subset."""
    reason: str | None = None
    """Why the mutant is equivalent to the original, if it is."""

    @property
    def label(self) -> str:
        """The mutant's name in reports."""
        return self.what if self.law is None else f"law {self.law}: {self.what}"


def read_patches(path: Path, tree: Path) -> tuple[Patch, ...]:
    """Read all patches of a file; raises MisfitError unless each of them fits the tree."""
    patches = parse_patches(path.read_text(encoding="utf-8"))
    misfits = [problem for patch in patches if (problem := _misfit(patch, tree))]
    if misfits:
        raise MisfitError("\n".join(misfits))
    return patches


def parse_patches(text: str) -> tuple[Patch, ...]:
    """The patches that a text describes, without a check whether they fit."""
    return tuple(Patch(**entry) for entry in tomllib.loads(text)["mutant"])


def _misfit(patch: Patch, tree: Path) -> str | None:
    missing = [name for name in (patch.file, *patch.tests) if not (tree / name.partition("::")[0]).exists()]
    if missing:
        return f"{', '.join(missing)}: not there, so this mutant does not fit: {patch.label}"
    found = (tree / patch.file).read_text(encoding="utf-8").count(patch.old)
    fits = found >= 1 if patch.first else found == patch.times
    if fits and patch.old != patch.new:
        return None
    return f"{patch.file}: {found} places in place of {patch.times}, so this mutant does not fit: {patch.label}"


@contextmanager
def planted(patch: Patch, tree: Path) -> Iterator[None]:
    """Plant this mutant in the tree for the time of the block."""
    path = tree / patch.file
    sound, before = path.read_bytes(), path.stat()
    most = 1 if patch.first else -1
    path.write_text(sound.decode("utf-8").replace(patch.old, patch.new, most), encoding="utf-8")
    # The caches of Python and mypy take a file of the same size and second as unchanged.
    moment = next(_MOMENTS)
    os.utime(path, (moment, moment))
    try:
        yield
    finally:
        path.write_bytes(sound)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
