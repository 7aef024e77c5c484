"""Plant mutants into copies of the tree, and check whether a test notices each of them: `make mutants`.

Exit code 1 when a mutant survives without a reason, 2 when one has no verdict or no longer fits the tree, else 0.
Started again on the same tree, it resumes: results are recorded in .cache/mutants/ as they come.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from faults.client_mutants import KIND as CLIENT
from faults.client_mutants import client_trials
from faults.copies import ROOT, copy_tree, fingerprint
from faults.mutant_run import Run
from faults.patches import MisfitError
from faults.records import Records
from faults.results import Result
from faults.runner import AT_A_TIME
from faults.selection import CATALOGUES, SinceError, part, shard, touched
from faults.trials import TRIALS, Trial, trials_of
from faults.verdicts import table

KINDS = (*TRIALS, CLIENT)
RECORDS = ".cache/mutants"
INTERRUPTED = 128 + signal.SIGINT


def main(arguments: Sequence[str] | None = None, tree: Path = ROOT) -> int:
    """Try the mutants of a tree: print a line for each, then the table. Return the exit code."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        sound = Path(folder) / "sound"
        copy_tree(tree, sound)  # so that edits during a run don't change it
        try:
            everything = all_trials(options.kind or KINDS, sound, quick=False)
            chosen = _chosen(options, sound, tree)
        except (MisfitError, SinceError) as problem:
            print(problem, file=sys.stderr)
            return 2
        if not chosen:
            say("nothing to try: no mutant is chosen")
            return 0
        records = Records(tree / RECORDS, fingerprint(sound, without=[*CATALOGUES.values()]), fresh=options.fresh)
        run = Run(chosen, records, say)
        print(*run.begins(everything), sep="\n", flush=True)
        return _tried(run, sound)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, action="append", help="only mutants of this kind; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a fixed subset, for CI")
    parser.add_argument("--only", metavar="TEXT", default="", help="those with this in their description, or module")
    parser.add_argument("--since", metavar="REF", help="those that a change since this commit touches")
    parser.add_argument("--shard", metavar="K/N", type=shard, help="one part of several: 1/8 is the first of eight")
    parser.add_argument("--fresh", action="store_true", help="take nothing over from earlier runs")
    return parser


def all_trials(kinds: Sequence[str], tree: Path, *, quick: bool) -> list[Trial]:
    """All trials, or the quick ones, in the order of the catalogues."""
    patches = [trial for kind in kinds if kind in TRIALS for trial in trials_of(kind, tree, quick=quick)]
    return [*patches, *client_trials(tree, quick=quick)] if CLIENT in kinds else patches


def _chosen(options: argparse.Namespace, sound: Path, tree: Path) -> list[Trial]:
    trials = all_trials(options.kind or KINDS, sound, quick=options.quick)
    trials = [trial for trial in trials if options.only in trial.what]
    if options.since is not None:
        trials, shared = touched(trials, tree, options.since)
        if shared is not None:
            say(f"{shared} differs from {options.since}, and all may depend on it: every mutant is touched")
    return trials if options.shard is None else part(trials, options.shard)


def _tried(run: Run, sound: Path) -> int:
    interrupted = False
    try:
        copies = [sound.with_name(f"copy-{number}") for number in range(AT_A_TIME)]
        run.tries([*TRIALS], copies, lambda copy: copy_tree(sound, copy))
        run.tries([CLIENT], [sound.with_name(CLIENT)], Path.mkdir)
    except KeyboardInterrupt:
        interrupted = True
    results = [*run.results()]
    print(*table(results), run.ends(), sep="\n", flush=True)
    if interrupted:
        say("interrupted: the same command resumes here")
        return INTERRUPTED
    return _exit_code(results)


def _exit_code(results: Sequence[Result]) -> int:
    if any(result.is_unexplained for result in results):
        return 1
    return 2 if any(result.problem for result in results) else 0


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.default_int_handler)  # end as Ctrl-C does
    sys.exit(main())
