"""Which mutants are tried, and the judge of each.

1. A planted fault: the tests that it names.
2. A server's fault: the contract suite for servers.
3. A changed specification: whatever a maintainer meets.

A judge must first pass the sound tree, or it would notice everything.
"""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

from attrs import asdict, evolve, field, frozen
from faults.copies import RunError, first_failure
from faults.patches import Patch, parse_patches, planted, read_patches
from faults.results import Result
from faults.specification_trials import CHEAP, SUITE, what_stops

Judge = Callable[[Path], str | None]
"""Judges a copy of the tree; gives the complaint, or None."""

FOLDER = "tests/faults"
SERVER_SUITE = ("overrides/autoshares_cancel/contract/server",)


@frozen(kw_only=True)
class Trial:
    """One trial: a mutant, all mutants of a module, or the unchanged tree."""

    kind: str
    what: str
    """Its name in reports."""
    key: str
    """Its name in records: another mutant or other judges have another key."""
    entry: str = ""
    """The whole entry of the catalogue; it may differ where the key does not."""
    files: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    """Files and folders: the changed ones and the judges."""
    size: int = 1
    """Its size, relative to others of its kind."""
    needs: tuple["Trial", ...] = field(default=(), converter=tuple["Trial", ...])
    """Trials of the sound tree that must pass before this one has a verdict."""
    is_lasting: bool = True
    """Whether a later run may take its result over."""
    attempt: Callable[[Path], list[Result]]
    """Try it in a copy of the tree; RunError if that gives no verdict."""
    explained: Callable[[Sequence[Result]], list[Result]] = list
    """The results with the current reasons of survivors."""


def sound_trial(kind: str, name: str, judge: Judge) -> Trial:
    """The tree without any mutant: no result when it passes, RunError when a judge complains."""

    def attempt(tree: Path) -> list[Result]:
        complaint = judge(tree)
        if complaint is not None:
            raise RunError(f"without any mutant, this complains: {complaint}")
        return []

    return Trial(kind=kind, what=f"the sound tree before {name}", key=f"{kind}: sound: {name}", attempt=attempt)


def patch_trial(kind: str, patch: Patch, judge: Judge, judges: Sequence[str], needs: Sequence[Trial]) -> Trial:
    """One patch with one judge."""

    def attempt(tree: Path) -> list[Result]:
        started = time.monotonic()
        with planted(patch, tree):
            killed_by = judge(tree)
        return [Result(kind=kind, what=patch.label, killed_by=killed_by, seconds=time.monotonic() - started)]

    def explained(results: Sequence[Result]) -> list[Result]:
        return [evolve(result, what=patch.label, reason=patch.reason) for result in results]

    return Trial(
        kind=kind,
        what=patch.label,
        key=key_of(kind, patch),
        entry=entry_of(kind, patch),
        files=(patch.file, *judges),
        needs=needs,
        attempt=attempt,
        explained=explained,
    )


def planted_trials(patches: Sequence[Patch]) -> list[Trial]:
    """Each fault with the tests that it names; the sound tree before each of them."""
    trials: list[Trial] = []
    for patch in patches:
        needs = [sound_trial("planted", test, partial(first_failure, tests=[test])) for test in patch.tests]
        judge = partial(first_failure, tests=patch.tests, options=("-k", patch.only) if patch.only else ())
        trials.append(patch_trial("planted", patch, judge, [test.partition("::")[0] for test in patch.tests], needs))
    return trials


def server_trials(patches: Sequence[Patch]) -> list[Trial]:
    """Each with the contract suite alone: the mock's own tests prove nothing about the suite."""
    judge = partial(first_failure, tests=SERVER_SUITE)
    needs = [sound_trial("server", SERVER_SUITE[0], judge)]
    return [patch_trial("server", patch, judge, SERVER_SUITE, needs) for patch in patches]


def specification_trials(patches: Sequence[Patch]) -> list[Trial]:
    """Each with the judges that a maintainer meets."""
    needs = [sound_trial("specification", "what a maintainer meets", what_stops)]
    judges = ("openapi", "generated", *CHEAP, *SUITE)
    return [patch_trial("specification", patch, what_stops, judges, needs) for patch in patches]


TRIALS = {"specification": specification_trials, "planted": planted_trials, "server": server_trials}
"""The kinds that are patches, those with the longest trials first."""


def trials_of(kind: str, tree: Path, *, quick: bool) -> list[Trial]:
    """All trials of a kind, or the quick ones; raises MisfitError when a patch does not fit the tree.

    The quick ones leave out the sound tree, since CI runs the suite, too.
    """
    patches = read_patches(tree / FOLDER / f"{kind}.toml", tree)
    trials = TRIALS[kind]([patch for patch in patches if patch.quick or not quick])
    return [evolve(trial, needs=()) for trial in trials] if quick else trials


def entries_of(kind: str, text: str) -> set[str]:
    """The entries of a catalogue, as trials have them."""
    return {entry_of(kind, patch) for patch in parse_patches(text)}


def entry_of(kind: str, patch: Patch) -> str:
    """The whole entry of a patch in the catalogue."""
    return f"{kind}: {json.dumps(asdict(patch))}"


def key_of(kind: str, patch: Patch) -> str:
    """The change of a patch and its judges; its description may change."""
    fields = evolve(patch, what="", law=None, quick=False, reason=None)
    return f"{kind}: {sha256(json.dumps(asdict(fields)).encode()).hexdigest()[:16]}"
