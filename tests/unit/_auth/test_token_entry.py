"""An entry of a token store: its key and its text."""

import json
import math

import pytest

from autoshares_cancel._auth.token_entry import MOST_SKEW, key_of, text_of, token_in
from autoshares_cancel._values.secret import Secret

NOW = 1_700_000_000.0


@pytest.mark.parametrize(("since", "age"), [(0.0, 0.0), (3600.0, 3600.0), (-MOST_SKEW, 0.0), (10.0**9, 10.0**9)])
def test_an_entry_has_its_token_and_the_age_of_it(since: float, age: float) -> None:
    """The age counts from the log-in, and is never below 0."""
    found = token_in(text_of(Secret("t0ken"), NOW - since), NOW)
    assert found is not None
    assert (found.secret.reveal(), found.age) == ("t0ken", age)


@pytest.mark.parametrize("ahead", [MOST_SKEW + 1, 3600.0, 10.0**9])
def test_a_token_from_the_future_is_not_used(ahead: float) -> None:
    """A token from the future is not used, because its age is unknown if the clock was set back."""
    assert token_in(text_of(Secret("t0ken"), NOW + ahead), NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"token": "t0k',
        "[]",
        "null",
        '"t0ken"',
        json.dumps({"token": "t0ken"}),
        json.dumps({"asked_at": NOW}),
        json.dumps({"token": 5, "asked_at": NOW}),
        json.dumps({"token": "", "asked_at": NOW}),
        json.dumps({"token": "t0ken\r\nX-Other: 1", "asked_at": NOW}),
        json.dumps({"token": "t0ken", "asked_at": str(NOW)}),
        json.dumps({"token": "t0ken", "asked_at": None}),
        json.dumps({"token": "t0ken", "asked_at": True}),
        json.dumps({"token": "t0ken", "asked_at": math.nan}),
        json.dumps({"token": "t0ken", "asked_at": -math.inf}),
    ],
)
def test_anything_else_is_no_entry(text: str) -> None:
    """A token is used only if a header can carry it, and if the time of its log-in is known."""
    with pytest.raises(ValueError):  # noqa: PT011  # json raises it, too
        token_in(text, NOW)


def test_a_key_depends_on_each_part_and_shows_none() -> None:
    """Two clients share an entry only if all parts are equal, and the key shows no part."""
    parts = ("https", "broker.example", "443", "/api", "app-key", "user")
    others = [(*parts[:at], f"{part}x", *parts[at + 1 :]) for at, part in enumerate(parts)]
    keys = {key_of(*each) for each in (parts, *others, ("httpsbroker.example", "", *parts[2:]))}
    assert len(keys) == len(parts) + 2
    assert key_of(*parts) in keys
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)
