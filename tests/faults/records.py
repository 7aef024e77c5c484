"""Results are written to disk at once, so that an interrupted run resumes and the next run can estimate its time.

1. Each fingerprint of the tree has one file, so that no result of another tree is used.
2. One line of JSON for each trial that gave a verdict, written at once.
3. An unfinished line of a killed run is ignored.
"""

import json
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen
from faults.results import Result

KEPT: Final = 8
"""Files of other trees, of which only the times are used."""


@frozen(kw_only=True)
class Record:
    """The results of one trial, and when they came."""

    key: str
    run: str
    """The run that the trial belongs to."""
    after: float
    """Seconds since that run began."""
    seconds: float
    """Seconds that the trial took."""
    results: tuple[Result, ...]


class Records:
    """The results for this tree, and the times for all trees."""

    def __init__(self, folder: Path, fingerprint: str, *, fresh: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{fingerprint}.jsonl"
        if fresh and self._path.exists():
            self._path.replace(folder / f"{fingerprint}.before.jsonl")
        files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
        self.seconds = {record.key: record.seconds for path in files for record in _read(path)}
        """The seconds that each trial took the last time, on this or another tree."""
        self._records = {record.key: record for record in _read(self._path)}
        for path in [each for each in files if each != self._path][:-KEPT]:
            path.unlink(missing_ok=True)
        self._run, self._started = f"{time.time_ns()}-{os.getpid()}", time.monotonic()

    def results(self, key: str) -> tuple[Result, ...] | None:
        """The results of an earlier run on the same tree, or None."""
        return self._records[key].results if key in self._records else None

    def add(self, key: str, results: Collection[Result], seconds: float) -> None:
        """Record the results of one trial."""
        record = Record(key=key, run=self._run, after=self.elapsed(), seconds=seconds, results=tuple(results))
        # The empty line ends a line that a killed run may have left incomplete.
        line = f"\n{json.dumps(asdict(record))}\n".encode()
        with self._path.open("ab", buffering=0) as file:
            file.write(line)
        self.seconds[key] = seconds

    def elapsed(self) -> float:
        """The seconds since this run began."""
        return time.monotonic() - self._started

    def elapsed_before(self, keys: Collection[str]) -> float:
        """The seconds of the earlier runs that gave the results of these trials."""
        ends: dict[str, float] = {}
        for record in (self._records[key] for key in keys if key in self._records):
            ends[record.run] = max(record.after, ends.get(record.run, 0.0))
        return sum(ends.values())


def _read(path: Path) -> Iterator[Record]:
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            fields: dict[str, Any] = json.loads(line)
            results = tuple(Result(**result) for result in fields.pop("results"))
            record = Record(results=results, **fields)
        except (ValueError, TypeError, KeyError):  # half a line, or a line of an older runner
            continue
        yield record
