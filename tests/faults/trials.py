"""Which mutants are tried, and who judges each.

1. A planted fault: the tests that it names.
2. A server's fault: the contract suite that is aimed at servers.
3. A changed specification: whatever a maintainer meets.

What judges a mutant must first pass the sound tree, or it would notice everything.
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
"""Looks at a copy of the tree; what complained, or None."""

FOLDER = "tests/faults"
SERVER_SUITE = ("tests/contract/server",)


@frozen(kw_only=True)
class Trial:
    """What is tried at one go: a mutant, all mutants of a module, or the tree as it is."""

    kind: str
    what: str
    """As reports call it."""
    key: str
    """As records call it: another mutant or other judges, another key."""
    entry: str = ""
    """The whole entry of the catalogue; it may differ where the key does not."""
    files: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    """Files and folders: what is changed, and what judges."""
    size: int = 1
    """Compared with others of its kind."""
    needs: tuple["Trial", ...] = field(default=(), converter=tuple["Trial", ...])
    """Trials of the sound tree that must pass, or this one says nothing."""
    is_lasting: bool = True
    """Whether a later run may take its result over."""
    attempt: Callable[[Path], list[Result]]
    """Try it in a copy of the tree; RunError where that gives no verdict."""
    explained: Callable[[Sequence[Result]], list[Result]] = list
    """The results with the reasons of survivors, as they are given today."""


def sound_trial(kind: str, name: str, judge: Judge) -> Trial:
    """The tree without any mutant: no result when it passes, RunError when something complains."""

    def attempt(tree: Path) -> list[Result]:
        complaint = judge(tree)
        if complaint is not None:
            raise RunError(f"without any mutant, this complains: {complaint}")
        return []

    return Trial(kind=kind, what=f"the sound tree before {name}", key=f"{kind}: sound: {name}", attempt=attempt)


def patch_trial(kind: str, patch: Patch, judge: Judge, judges: Sequence[str], needs: Sequence[Trial]) -> Trial:
    """One patch, before one judge."""

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
    """Each fault before the tests that it names; the sound tree before each of them."""
    trials: list[Trial] = []
    for patch in patches:
        needs = [sound_trial("planted", test, partial(first_failure, tests=[test])) for test in patch.tests]
        judge = partial(first_failure, tests=patch.tests, options=("-k", patch.only) if patch.only else ())
        trials.append(patch_trial("planted", patch, judge, [test.partition("::")[0] for test in patch.tests], needs))
    return trials


def server_trials(patches: Sequence[Patch]) -> list[Trial]:
    """Each before the contract suite alone: what the mock's own tests say is no proof of the suite's strength."""
    judge = partial(first_failure, tests=SERVER_SUITE)
    needs = [sound_trial("server", SERVER_SUITE[0], judge)]
    return [patch_trial("server", patch, judge, SERVER_SUITE, needs) for patch in patches]


def specification_trials(patches: Sequence[Patch]) -> list[Trial]:
    """Each before what a maintainer meets."""
    needs = [sound_trial("specification", "what a maintainer meets", what_stops)]
    judges = ("openapi", "generated", *CHEAP, *SUITE)
    return [patch_trial("specification", patch, what_stops, judges, needs) for patch in patches]


TRIALS = {"specification": specification_trials, "planted": planted_trials, "server": server_trials}
"""The kinds that are patches, those with the longest trials first."""


def trials_of(kind: str, tree: Path, *, quick: bool) -> list[Trial]:
    """All trials of a kind, or the quick ones; raises MisfitError when a patch does not fit the tree.

    The quick ones do without the sound tree: CI runs the suite beside them.
    """
    patches = read_patches(tree / FOLDER / f"{kind}.toml", tree)
    trials = TRIALS[kind]([patch for patch in patches if patch.quick or not quick])
    return [evolve(trial, needs=()) for trial in trials] if quick else trials


def entries_of(kind: str, text: str) -> set[str]:
    """The entries of a catalogue, as trials have them."""
    return {entry_of(kind, patch) for patch in parse_patches(text)}


def entry_of(kind: str, patch: Patch) -> str:
    """Everything that the catalogue says of a patch."""
    return f"{kind}: {json.dumps(asdict(patch))}"


def key_of(kind: str, patch: Patch) -> str:
    """What a patch does and who judges it; its words may change."""
    fields = evolve(patch, what="", law=None, quick=False, reason=None)
    return f"{kind}: {sha256(json.dumps(asdict(fields)).encode()).hexdigest()[:16]}"
