"""`make bench`: compares this package with its peers in one run. Prints a table; JSON and charts go to .cache/bench/.

    make bench
    make bench ONLY=one,many
    make bench QUICK=1
    make bench RECORD=1

Exit code 0: everything was measured, whatever the figures are. 1: an entrant crashed, or a reply was wrong. 2: there is
no such part. 3: an entrant could not be measured, because it is absent and could not be installed.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from attrs import asdict, define, field
from bench import overrun
from bench.bars import bars
from bench.chart import chart
from bench.contests import PARTS
from bench.figures import AbsentError, Result, Row, WrongError
from bench.history import THIS_RUN, record, recorded, release_of
from bench.measuring import PEER_PATHS, output_of
from bench.peer_environment import CACHE, DEFAULT_VERSION, machine, python, python_or_own
from bench.program import Program
from bench.servers import Servers
from bench.table import summary, table
from bench.versions import versions

COMPLETE, WRONG, USAGE, INCOMPLETE = range(4)
CHART, TREND = CACHE / "bench.svg", CACHE / "trend.svg"
STOCK_NOTE = (
    "The stock client is made from the specification without one line, the default of its version, of which the stock\n"
    f"templates make invalid Python: {DEFAULT_VERSION.strip()}"
)


@define
class Run:
    """One run of the selected parts."""

    names: list[str]
    is_quick: bool
    started_at: float = field(factory=time.monotonic)
    results: list[Result] = field(factory=list[Result])
    rows: list[Row] = field(factory=list[Row])

    def measure(self) -> None:
        """Run all contests."""
        with Servers() as servers:
            program = Program(servers, self.is_quick)
            for contest in chain.from_iterable(PARTS[name](program) for name in self.names):
                self.say(f"{contest.title}: {', '.join(entrant.name for entrant in contest.entrants)}")
                result, rows = contest.play()
                self.results.append(result)
                self.rows += rows

    def say(self, what: str) -> None:
        print(f"[{self.seconds():4.0f} s] {what}", flush=True)

    def seconds(self) -> float:
        return time.monotonic() - self.started_at

    def report(self) -> dict[str, Any]:
        """All figures of this run and of the releases, for bench.json."""
        where, drawn = machine(), bars(self.rows)
        return {
            "machine": where,
            "versions": versions(),
            "quick": self.is_quick,
            "seconds": self.seconds(),
            "results": [asdict(result) for result in self.results],
            "rows": [asdict(row) | {"is_met": row.is_met} for row in self.rows],
            "bars": drawn,
            "history": [*recorded(), release_of(THIS_RUN, where, drawn)],
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report. The exit code says whether the figures are complete and reliable."""
    options = parser().parse_args(arguments)
    names: list[str] = options.only.split(",") if options.only else list(PARTS)
    if unknown := sorted(set(names) - set(PARTS)):
        print(f"make bench: there is no {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return USAGE
    if options.record and (options.only or options.quick):
        print("make bench: only a complete run can be recorded: leave ONLY and QUICK out", file=sys.stderr)
        return USAGE
    CACHE.mkdir(parents=True, exist_ok=True)
    run = Run(names, options.quick)
    prepare(run)
    run.measure()
    report = run.report()
    codes = [verdict(run.results), publish(report, run.rows)]
    if options.record and gravest(codes) == COMPLETE:
        print(f"recorded: {record(release_of(version('autoshares-cancel'), report['machine'], report['bars']))}")
    if not options.only and not options.quick:
        print(late(run))
    print(f"{run.seconds():.0f} s in all")
    return gravest(codes)


def parser() -> argparse.ArgumentParser:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help=f"some of {','.join(PARTS)}, with commas between")
    parser.add_argument("--quick", action="store_true", help="fewer calls and two rounds, to see that it works")
    parser.add_argument("--record", action="store_true", help="keep the figures as those of this version")
    return parser


def prepare(run: Run) -> None:
    """Make the environment of the peers; if that fails, continue with what is installed."""
    run.say("making the environment of the peers, where it is not there yet")
    try:
        python()
    except AbsentError as absent:
        run.say(f"it can't be made, so that some peers are not measured: {absent}")


def publish(report: dict[str, Any], rows: Sequence[Row]) -> int:
    """Print the table; write JSON and chart to files."""
    print(*table(rows), "", STOCK_NOTE, *facts(report), summary(rows), sep="\n")
    figures = CACHE / "bench.json"
    figures.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"figures: {figures}")
    CHART.write_text(chart(report["bars"], report["machine"]), encoding="utf-8")
    print(f"chart: {CHART}")
    return draw_trend(figures)


def draw_trend(figures: Path) -> int:
    """Draw how the ratios of the releases have developed."""
    try:
        output_of(str(python_or_own()), "-m", "bench.peers.draw_trend", str(figures), str(TREND), settings=PEER_PATHS)
    except (AbsentError, WrongError) as problem:
        TREND.unlink(missing_ok=True)  # an older chart would look like one of this run
        print(f"no chart: {problem}", file=sys.stderr)
        return WRONG if isinstance(problem, WrongError) else INCOMPLETE
    print(f"chart: {TREND}")
    return COMPLETE


def facts(report: dict[str, Any]) -> Iterable[str]:
    """The machine and the versions that the figures depend on."""
    machine = report["machine"]
    yield f"{machine['cores']} cores, Python {machine['python']}, {machine['system']}"
    yield ", ".join(f"{name} {version}" for name, version in sorted(report["versions"].items()))


def verdict(results: Iterable[Result]) -> int:
    """The exit code: whether everything was measured, without errors. A missed target is no failure."""
    return gravest(WRONG if result.wrong else INCOMPLETE if result.absent else COMPLETE for result in results)


def gravest(codes: Iterable[int]) -> int:
    """The worst of these exit codes: an error before an absence."""
    found = set(codes)
    return WRONG if WRONG in found else max(found, default=COMPLETE)


def late(run: Run) -> str:
    """Measure the largest overrun of a deadline; like the other targets, it depends on a machine that may be busy."""
    run.say("how far calls go beyond their deadlines")
    return f"overrun of deadlines: {'MISSED' if overrun.main([]) else 'met'}"


if __name__ == "__main__":
    sys.exit(main())
