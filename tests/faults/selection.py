"""The choice of trials: those that a change touches, or one part of several.

1. A trial is touched when its file, its judges or its entry in the catalogue differ.
2. Any other file in tests/ or of the contract suite may be imported by any test, so it touches every trial.
3. A part depends only on the list. Parts don't overlap, and together they have all trials.
"""

import subprocess
import tomllib
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Final

from attrs import frozen
from faults.client_mutants import KIND, client_entries
from faults.trials import FOLDER, TRIALS, Trial, entries_of

CATALOGUES: Final = {kind: f"{FOLDER}/{kind}.toml" for kind in (*TRIALS, KIND)}
SHARED: Final = ("pyproject.toml", "requirements")
TESTS: Final = ("tests", "overrides/autoshares_cancel/contract")
ALONE: Final = "tests/bench"
"""A folder of tests/ that judges no mutant."""


class SinceError(Exception):
    """Git cannot list the changes."""


@frozen
class Shard:
    """One part of several, counted from 1."""

    number: int
    of: int


def shard(text: str) -> Shard:
    """Read a part that is given as k/n."""
    number, _, of = text.partition("/")
    if not (_is_count(number) and _is_count(of) and int(number) <= int(of)):
        raise ArgumentTypeError(f"{text}: not a part such as 1/8, the first of eight")
    return Shard(int(number), int(of))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) > 0


def part(trials: Sequence[Trial], shard: Shard) -> list[Trial]:
    """The trials of a part; the parts have about equal shares of each kind, by size."""
    chosen: set[str] = set()
    for _, of_kind in groupby(sorted(trials, key=lambda trial: trial.kind), key=lambda trial: trial.kind):
        loads = [0] * shard.of
        for trial in sorted(of_kind, key=lambda trial: -trial.size):
            least = loads.index(min(loads))
            loads[least] += trial.size
            if least == shard.number - 1:
                chosen.add(trial.key)
    return [trial for trial in trials if trial.key in chosen]


def touched(trials: Sequence[Trial], tree: Path, ref: str) -> tuple[list[Trial], str | None]:
    """The trials that the changes since a commit touch, and the file that touches all, if there is one."""
    commit = _git(tree, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        raise SinceError(f"{ref}: git knows no such commit, or this is no work tree of git")
    commit = commit.strip()
    changed = _changed(tree, commit)
    shared = next((path for path in changed if _is_shared(path)), None)
    if shared is not None:
        return list(trials), shared
    old = {entry for kind, path in CATALOGUES.items() if path in changed for entry in _old_entries(tree, commit, kind)}
    return [trial for trial in trials if _is_touched(trial, changed, old)], None


def _changed(tree: Path, commit: str) -> list[str]:
    differing = _git(tree, "diff", "--name-only", "--no-renames", "--relative", "-z", commit, "--")
    new = _git(tree, "ls-files", "--others", "--exclude-standard", "-z")
    if differing is None or new is None:
        raise SinceError(f"{commit}: git does not say what has changed")
    return sorted({*differing.split("\0"), *new.split("\0")} - {""})


def _is_shared(path: str) -> bool:
    if path in CATALOGUES.values() or _is_in(path, ALONE):
        return False
    is_test = PurePosixPath(path).name.startswith("test_")
    return any(_is_in(path, each) for each in SHARED) or (any(_is_in(path, each) for each in TESTS) and not is_test)


def _is_touched(trial: Trial, changed: Sequence[str], old: set[str]) -> bool:
    is_new = CATALOGUES[trial.kind] in changed and trial.entry not in old
    return is_new or any(_is_in(path, file) for path in changed for file in trial.files)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _old_entries(tree: Path, commit: str, kind: str) -> Iterator[str]:
    text = _git(tree, "show", f"{commit}:./{CATALOGUES[kind]}")
    try:
        yield from () if text is None else client_entries(text) if kind == KIND else entries_of(kind, text)
    except (tomllib.TOMLDecodeError, KeyError, TypeError):  # it had another form: all entries are new
        return


def _git(tree: Path, *arguments: str) -> str | None:
    try:
        run = subprocess.run(["git", *arguments], cwd=tree, capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return run.stdout.decode(errors="surrogateescape") if run.returncode == 0 else None
