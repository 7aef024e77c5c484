"""The figures of each release, in tests/bench/history/: one file per release. `make bench RECORD=1` writes it.

The chart of the trend shows them, and the run itself as the last point.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypedDict

from bench.bars import Bar

FOLDER: Final = Path(__file__).with_suffix("")
THIS_RUN: Final = "this run"


class Release(TypedDict):
    """The ratios of one release, and where and when they were measured."""

    name: str
    """The version."""
    date: str
    """YYYY-MM-DD, in UTC."""
    machine: Mapping[str, Any]
    bars: Sequence[Bar]
    """The ratios that have a target."""


def release_of(name: str, machine: Mapping[str, Any], bars: Sequence[Bar]) -> Release:
    """The release with the ratios that a run has measured."""
    today = datetime.now(UTC).date().isoformat()
    return Release(name=name, date=today, machine=machine, bars=[bar for bar in bars if bar["target"] is not None])


def record(release: Release, folder: Path = FOLDER) -> Path:
    """Write the file of a release. The last run of a version counts."""
    file = folder / f"{release['name']}.json"
    file.write_text(json.dumps(release, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def recorded(folder: Path = FOLDER) -> list[Release]:
    """All releases, the oldest first."""
    releases: list[Release] = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")]
    return sorted(releases, key=lambda release: (release["date"], release["name"]))
