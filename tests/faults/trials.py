"""Which mutants are tried, and who judges each.

1. A planted fault: the tests that it names.
2. A server's fault: the contract suite that is aimed at servers.
3. A changed specification: whatever a maintainer meets.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from attrs import frozen
from faults.copies import first_failure
from faults.patches import Patch, read_patches
from faults.specification import what_stops

Judge = Callable[[Path], str | None]
"""Looks at a copy of the tree; what complained, or None."""

FOLDER = "tests/faults"
SERVER_SUITE = ("tests/contract/server",)


@frozen(kw_only=True)
class Trial:
    """One mutant and its judge; without a patch, the tree as it is, which must pass."""

    kind: str
    patch: Patch | None
    judge: Judge


def planted_trials(patches: Sequence[Patch]) -> list[Trial]:
    """Each fault before the tests that it names, and the sound tree before each of them."""
    everything = sorted({test for patch in patches for test in patch.tests})
    trials = [Trial(kind="planted", patch=None, judge=partial(first_failure, tests=[test])) for test in everything]
    for patch in patches:
        judge = partial(first_failure, tests=patch.tests, options=("-k", patch.only) if patch.only else ())
        trials.append(Trial(kind="planted", patch=patch, judge=judge))
    return trials


def server_trials(patches: Sequence[Patch]) -> list[Trial]:
    """Each before the contract suite alone: what the mock's own tests say is no proof of the suite's strength."""
    judge = partial(first_failure, tests=SERVER_SUITE)
    return [Trial(kind="server", patch=patch, judge=judge) for patch in (None, *patches)]


def specification_trials(patches: Sequence[Patch]) -> list[Trial]:
    """Each before what a maintainer meets."""
    return [Trial(kind="specification", patch=patch, judge=what_stops) for patch in (None, *patches)]


TRIALS = {"specification": specification_trials, "planted": planted_trials, "server": server_trials}
"""The kinds that are patches, those with the longest trials first."""


def trials_of(kind: str, tree: Path, *, quick: bool) -> list[Trial]:
    """All trials of a kind, or the quick ones; raises MisfitError when a patch does not fit the tree.

    The quick ones leave out the sound tree: who runs them in CI runs the suite beside them.
    """
    patches = read_patches(tree / FOLDER / f"{kind}.toml", tree)
    trials = TRIALS[kind]([patch for patch in patches if patch.quick or not quick])
    return [trial for trial in trials if trial.patch is not None or not quick]
