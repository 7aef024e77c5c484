"""The trials of mutants, and the judge of each kind.

1. A planted fault is judged by the tests that it names.
2. A fault of a server is judged by the contract suite for servers.
3. A changed specification is judged by the checks that a maintainer runs.

A judge must first pass the sound tree; otherwise it would notice every mutant.
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
"""Judges a copy of the tree; returns the complaint, or None."""

FOLDER = "tests/faults"
SERVER_SUITE = ("overrides/autoshares_cancel/contract/server",)


@frozen(kw_only=True)
class Trial:
    """One trial: a mutant, all mutants of a module, or the unchanged tree."""

    kind: str
    what: str
    """The name of the trial in reports."""
    key: str
    """The name of the trial in records: another mutant, or other judges, have another key."""
    entry: str = ""
    """The whole entry of the catalogue; it also has the parts that do not change the key."""
    files: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    """Files and folders: the changed ones and the judges."""
    size: int = 1
    """The size, relative to other trials of the kind."""
    needs: tuple["Trial", ...] = field(default=(), converter=tuple["Trial", ...])
    """Trials of the sound tree that must pass before this one has a verdict."""
    is_lasting: bool = True
    """Whether a later run may reuse the result."""
    attempt: Callable[[Path], list[Result]]
    """Try the mutant in a copy of the tree; raises RunError if that gives no verdict."""
    explained: Callable[[Sequence[Result]], list[Result]] = list
    """The results with the current reasons of survivors."""


def sound_trial(kind: str, name: str, judge: Judge) -> Trial:
    """A trial of the tree without any mutant: it has no result; RunError is raised if the judge complains."""

    def attempt(tree: Path) -> list[Result]:
        complaint = judge(tree)
        if complaint is not None:
            raise RunError(f"without any mutant, this complains: {complaint}")
        return []

    return Trial(kind=kind, what=f"the sound tree before {name}", key=f"{kind}: sound: {name}", attempt=attempt)


def patch_trial(kind: str, patch: Patch, judge: Judge, judges: Sequence[str], needs: Sequence[Trial]) -> Trial:
    """A trial of one patch with one judge."""

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
    """A trial of each fault with the tests that it names; they need a trial of the sound tree."""
    trials: list[Trial] = []
    for patch in patches:
        needs = [sound_trial("planted", test, partial(first_failure, tests=[test])) for test in patch.tests]
        judge = partial(first_failure, tests=patch.tests, options=("-k", patch.only) if patch.only else ())
        trials.append(patch_trial("planted", patch, judge, [test.partition("::")[0] for test in patch.tests], needs))
    return trials


def server_trials(patches: Sequence[Patch]) -> list[Trial]:
    """A trial of each fault with the contract suite only: the mock's own tests prove nothing about the suite."""
    judge = partial(first_failure, tests=SERVER_SUITE)
    needs = [sound_trial("server", SERVER_SUITE[0], judge)]
    return [patch_trial("server", patch, judge, SERVER_SUITE, needs) for patch in patches]


def specification_trials(patches: Sequence[Patch]) -> list[Trial]:
    """A trial of each patch with the checks that a maintainer runs."""
    needs = [sound_trial("specification", "what a maintainer meets", what_stops)]
    judges = ("openapi", "generated", *CHEAP, *SUITE)
    return [patch_trial("specification", patch, what_stops, judges, needs) for patch in patches]


TRIALS = {"specification": specification_trials, "planted": planted_trials, "server": server_trials}
"""The kinds that are patches, those with the longest trials first."""


def trials_of(kind: str, tree: Path, *, quick: bool) -> list[Trial]:
    """All trials of a kind, or the quick ones; raises MisfitError if a patch does not fit the tree.

    The quick trials leave out the sound tree, because CI runs the suite, too.
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
    """The key of a patch: its change and its judges, without its description."""
    fields = evolve(patch, what="", law=None, quick=False, reason=None)
    return f"{kind}: {sha256(json.dumps(asdict(fields)).encode()).hexdigest()[:16]}"
