"""The calculations of `make bench` with given figures; no time is measured, and no peer is needed."""

from pathlib import Path

import pytest
from bench.__main__ import main, verdict
from bench.bars import Bar, bars
from bench.contest import Contest, Entrant
from bench.figures import CALLS, MEGABYTES, SECONDS, AbsentError, Figures, Middle, Pair, Result, Row, Target, WrongError
from bench.history import record, recorded, release_of
from bench.measuring import complaint, judged
from bench.table import summary, table

OURS, PEER = "ours", "peer"


def entrant(name: str, figure: str, *values: float, rounds: int | None = None) -> Entrant:
    """An entrant with given figures."""
    given = iter(values)
    return Entrant(name, lambda: {figure: next(given)}, rounds)


def failing(name: str, error: Exception, *, after: int = 0) -> Entrant:
    """An entrant that fails after some good rounds."""
    good = iter(range(after))

    def measure() -> Figures:
        if next(good, None) is None:
            raise error
        return {CALLS: 1.0}

    return Entrant(name, measure)


def play(*entrants: Entrant, figure: str = CALLS, rounds: int = 3, target: Target | None = None) -> tuple[Result, Row]:
    """A contest with one pair of entrants: its result and its row."""
    pair = Pair(ours=OURS, peer=PEER, figure=figure, target=target)
    result, rows = Contest(title="a contest", rounds=rounds, entrants=entrants, pairs=[pair]).play()
    return result, rows[0]


def test_entrants_are_measured_in_turn() -> None:
    """Entrants alternate, so that a slow phase affects both; an entrant with fewer rounds ends sooner."""
    order: list[str] = []

    def noting(name: str, rounds: int | None = None) -> Entrant:
        def measure() -> Figures:
            order.append(name)
            return {CALLS: 1.0}

        return Entrant(name, measure, rounds)

    Contest(title="a contest", rounds=3, entrants=[noting("A"), noting("B", rounds=2)], pairs=[]).play()
    assert "".join(order) == "ABABA"


def test_the_ratio_is_the_median_of_those_of_the_rounds() -> None:
    """The value is the median of the rounds' ratios, and the range is from the lowest to the highest ratio."""
    _, row = play(entrant(OURS, CALLS, 100, 10, 300), entrant(PEER, CALLS, 50, 10, 100))
    assert (row.value, row.lowest, row.highest) == (2.0, 1.0, 3.0)
    assert (row.ours, row.peer) == (Middle(median=100, spread=2.0), Middle(median=50, spread=1.0))


def test_medians_are_compared_where_rounds_differ() -> None:
    """An entrant with one round is compared with the median of the other."""
    _, row = play(entrant(OURS, SECONDS, 6, rounds=1), entrant(PEER, SECONDS, 9, 2, 3), figure=SECONDS)
    assert (row.value, row.lowest, row.highest) == (2.0, 2.0, 2.0)


def test_differences_are_ours_less_the_peers() -> None:
    """A difference is ours minus the peer's, has a target in its own unit, and no bar in the chart."""
    pair = Pair(ours=OURS, peer=PEER, figure=MEGABYTES, target=Target("≤", 20.0), by="difference")
    entrants = [entrant(OURS, MEGABYTES, 60), entrant(PEER, MEGABYTES, 39.5)]
    _, [row] = Contest(title="", rounds=1, entrants=entrants, pairs=[pair]).play()
    assert (row.value, row.is_met, row.times_as_good) == (20.5, False, None)
    assert bars([row]) == []


@pytest.mark.parametrize(
    ("target", "value", "is_met"),
    [
        (Target("≥", 1.0), 1.0, True),
        (Target("≥", 1.0), 0.99, False),
        (Target("≤", 1.15), 1.15, True),
        (Target("≤", 1.15), 1.16, False),
        (None, 1.0, None),
    ],
)
def test_a_target_is_met_up_to_its_bound(target: Target | None, value: float, is_met: object) -> None:
    """A figure equal to the bound meets the target; without a target nothing is met or missed."""
    _, row = play(entrant(OURS, CALLS, value), entrant(PEER, CALLS, 1), rounds=1, target=target)
    assert row.is_met is is_met


def test_a_missed_target_is_no_failure() -> None:
    """A missed target is shown, but does not change the exit code."""
    result, row = play(entrant(OURS, CALLS, 1), entrant(PEER, CALLS, 2), rounds=1, target=Target("≥", 1.0))
    assert row.is_met is False
    assert verdict([result]) == 0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"seconds": 1.0, "count": 99, "good": 99, "peak_mb": 1}', "of 100 calls 99 came out, 99 of them"),
        ('{"seconds": 1.0, "count": 101, "good": 101, "peak_mb": 1}', "of 100 calls 101 came out"),
        ('{"seconds": 1.0, "count": 100, "good": 99, "peak_mb": 1}', "99 of them as they had to"),
        ('{"seconds": 0.0, "count": 100, "good": 100, "peak_mb": 1}', "took 0.0 s"),
        ('{"seconds": 1.0, "count": 100}', "in place of figures"),
        ("7", "in place of figures"),
        ("", "in place of figures"),
    ],
)
def test_a_peer_that_reports_wrong_counts_is_wrong(line: str, why: str) -> None:
    """A peer that did not make every call exactly once, or got a wrong reply, has no figures."""
    with pytest.raises(WrongError, match=why):
        judged(line, 100)


def test_a_peers_figures_are_by_call() -> None:
    """A peer's figures are calls per second and microseconds per call: 100 in 0.2 s are 500/s at 2 ms each."""
    figures = judged('{"seconds": 0.2, "count": 100, "good": 100, "peak_mb": 40.5}', 100)
    assert figures == {CALLS: 500, "µs/order": 2000, MEGABYTES: 40.5, SECONDS: 0.2}


def test_an_entrant_that_is_wrong_once_fails_the_run() -> None:
    """An entrant that is wrong once loses its figures, is not measured again, and makes the exit code 1."""
    result, row = play(entrant(OURS, CALLS, 1, 1, 1), failing(PEER, WrongError("of 9 calls 8 came out"), after=1))
    assert row.reason == "peer: WRONG: of 9 calls 8 came out"
    assert PEER not in result.measured
    assert len(result.measured[OURS]) == 3
    assert verdict([Result("fine"), result]) == 1


def test_an_absent_peer_is_not_measured() -> None:
    """The row of an absent peer has the reason, and exit code 3 means that the figures are incomplete."""
    result, row = play(entrant(OURS, CALLS, 1, 1, 1), failing(PEER, AbsentError("nginx is not installed")))
    assert row.reason == "peer: not measured: nginx is not installed"
    assert verdict([result]) == 3
    other, _ = play(failing(OURS, WrongError("it crashed")), entrant(PEER, CALLS, 1, 1, 1))
    assert verdict([result, other]) == 1


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ("ModuleNotFoundError: No module named 'aiohttp'", AbsentError),
        ("ModuleNotFoundError: No module named 'autoshares_cancel._batch.state'", WrongError),
        ("ZeroDivisionError: division by zero", WrongError),
        ("", WrongError),
    ],
)
def test_only_a_foreign_library_may_be_missing(last: str, kind: type[Exception]) -> None:
    """A missing foreign library is an absence; a missing module of this package, or a crash, is an error."""
    assert isinstance(complaint(f"Traceback (most recent call last):\n{last}\n", 1), kind)


def test_a_release_keeps_what_has_a_target(tmp_path: Path) -> None:
    """A recorded release has only the ratios with a target, and releases are sorted by date."""
    drawn = [Bar(label="a", value=2.0, target=1.0, is_met=True), Bar(label="b", value=2.0, target=None, is_met=None)]
    for name, date in (("0.2.0", "2026-12-01"), ("0.10.0", "2027-01-01"), ("0.1.0", "2026-11-25")):
        record({**release_of(name, {"cores": 2}, drawn), "date": date}, tmp_path)
    releases = recorded(tmp_path)
    assert [release["name"] for release in releases] == ["0.1.0", "0.2.0", "0.10.0"]
    assert [bar["label"] for bar in releases[0]["bars"]] == ["a"]


@pytest.fixture
def rows() -> list[Row]:
    """A ratio of calls, one of seconds, and a missing one."""
    least, most = Target("≥", 1.0), Target("≤", 1.6)
    _, fast = play(entrant(OURS, CALLS, 1500), entrant(PEER, CALLS, 1000), rounds=1, target=least)
    _, slow = play(entrant(OURS, SECONDS, 4), entrant(PEER, SECONDS, 2), figure=SECONDS, rounds=1, target=most)
    _, none = play(entrant(OURS, CALLS, 1), failing(PEER, AbsentError("no network")), rounds=1, target=least)
    return [fast, slow, none]


def test_the_table_shows_every_row(rows: list[Row]) -> None:
    """A row has medians with spread and unit, the ratio and the target, or the reason for missing figures."""
    assert [" ".join(line.split()) for line in table(rows)] == [
        "a contest",
        "ours : peer 1,500 calls/s ±0% 1,000 calls/s ±0% 1.50 ≥ 1 met",
        "ours : peer 4.00 s ±0% 2.00 s ±0% 2.00 ≤ 1.6 MISSED",
        "ours : peer peer: not measured: no network",
    ]
    assert summary(rows) == "3 targets: 1 met, 1 missed, 1 not measured"


def test_the_chart_shows_every_ratio_so_that_more_is_better(rows: list[Row]) -> None:
    """Ratios of seconds and their targets are inverted, and a missing figure has no bar."""
    label = "a contest: ours : peer"
    assert bars(rows) == [
        {"label": label, "value": 1.5, "target": 1.0, "is_met": True},
        {"label": label, "value": 0.5, "target": 0.625, "is_met": False},
    ]


def test_an_unknown_part_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown part gives exit code 2 and the names of all parts, before anything is installed or measured."""
    assert main(["--only", "one,two"]) == 2
    assert (
        "there is no two; there are one, many, uvloop, trio, memory, import, order, orders, sweep, mock, generate"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("option", [["--quick"], ["--only", "one"]])
def test_a_part_of_a_run_is_not_recorded(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Recording a partial run gives exit code 2 before anything is measured."""
    assert main(["--record", *option]) == 2
    assert "only a complete run can be recorded" in capsys.readouterr().err
