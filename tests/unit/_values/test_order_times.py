"""The vendor's times, which are UTC or None."""

from datetime import UTC, datetime

import pytest

from autoshares_cancel._values.order import utc


@pytest.mark.parametrize(
    ("text", "hour"),
    {
        "2026-01-02T03:04:05": 3,
        "2026-01-02T03:04:05Z": 3,
        "2026-01-02T03:04:05+02:00": 1,
        "2026-01-02 03:04:05-0100": 4,
    }.items(),
)
def test_times_are_utc(text: str, hour: int) -> None:
    """A time without a zone is UTC, as the vendor's page documents; one with a zone is converted."""
    time = utc(text)
    assert time == datetime(2026, 1, 2, hour, 4, 5, tzinfo=UTC)
    assert time is not None
    assert time.tzinfo is UTC


@pytest.mark.parametrize("text", [None, "", "today", "2026-13-01", "1767323045", "0000-00-00T00:00:00"])
def test_what_is_no_time_is_none(text: str | None) -> None:
    """A text that is no time is None."""
    assert utc(text) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_time_before_or_after_all_times_is_none(text: str) -> None:
    """Law 3: a time that Python can't convert to UTC is None, as .NET's first moment in a zone east of Greenwich."""
    assert utc(text) is None


def test_only_the_first_year_stands_for_none() -> None:
    """A time in the year 1 is None, because the vendor writes 0001-01-01 where there is no time."""
    assert utc("0001-12-31T23:59:59Z") is None
    assert utc("0002-01-01T00:00:00Z") == datetime(2, 1, 1, tzinfo=UTC)
