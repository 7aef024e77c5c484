"""The lines of a journal: what they leave out, and which lines are refused."""

import json
from decimal import Decimal
from typing import Any

import pytest

from autoshares_cancel import (
    Attempt,
    Cancelled,
    InvalidRequest,
    NoReply,
    NotSent,
    Order,
    OrderConflict,
    Outcome,
    RateLimited,
    TokenUnavailable,
)
from autoshares_cancel._cli.report import as_object
from autoshares_cancel._cli.run.journal_lines import (
    DERIVED,
    HEAD,
    LONGEST_LINE,
    TYPES,
    USUAL,
    WrongEntry,
    begun,
    ended,
    entry_of,
    head,
    may_be_torn,
)

AT = 1_764_117_975_123
IDS: dict[str, Any] = {"account_id": -6303, "order_id": 73552}
ORDER = (-6303, 73552)
ATTEMPT = Attempt(status_code=204, evidence="204", seconds=0.1)
READ = Order(order_id=73552, account_id=-6303, status="Canceled", executed_quantity=Decimal("40.5"))


def limited() -> RateLimited:
    """A 429 with a Retry-After."""
    outcome = RateLimited(**IDS, status_code=429)
    outcome.retry_after = 2.5
    return outcome


FINALS: list[Outcome] = [
    Cancelled(**IDS, status_code=204, attempts=(ATTEMPT,)),
    Cancelled(**IDS, status_code=200, detail="sø\ud800\n", attempts=(ATTEMPT, ATTEMPT)),
    Cancelled(**IDS, status_code=None, confirmed=True, order=READ),
    OrderConflict(**IDS, status_code=409, attempts=(ATTEMPT,)),
    OrderConflict(**IDS, status_code=409, detail="filled", order=READ),
]
OTHERS: list[Outcome] = [
    NoReply(**IDS),
    NotSent(**IDS, detail="no"),
    InvalidRequest(**IDS, status_code=422),
    limited(),
    TokenUnavailable(detail="no"),
]


def name_of(outcome: Any) -> str:
    return f"{type(outcome).__name__} {outcome.status_code} {'and a detail' if outcome.detail else ''}"


@pytest.mark.parametrize("outcome", FINALS, ids=name_of)
def test_a_final_outcome_is_read_as_it_was_written(outcome: Outcome) -> None:
    """Law 12: values that a line leaves out are restored, so an order is printed again exactly as it ended."""
    values = as_object(*ORDER, outcome)
    entry = entry_of(ended(values, AT))
    assert (entry.order, entry.outcome) == (ORDER, values["outcome"])
    assert entry.as_object() == values
    assert list(entry.as_object()) == list(values)


@pytest.mark.parametrize("outcome", FINALS + OTHERS, ids=name_of)
def test_a_line_has_what_is_unusual(outcome: Outcome) -> None:
    """No key of an outcome is lost: its value is recorded, or the usual one, or it follows from the outcome's name."""
    values = as_object(*ORDER, outcome)
    assert values.keys() == DERIVED | TYPES.keys()
    assert TYPES.keys() == USUAL.keys() | {"status_code"}
    line = json.loads(ended(values, AT))
    assert (line.pop("ended"), line.pop("at"), line.pop("outcome")) == ([*ORDER], AT, values["outcome"])
    assert {**USUAL, **line} == {key: values[key] for key in TYPES}


def test_the_usual_order_takes_few_bytes() -> None:
    """The two lines of an order have its ids, two times, the outcome and the status, and nothing that follows."""
    assert begun((6303, 73552), AT) == b'{"begun":[6303,73552],"at":1764117975123}\n'
    values = as_object(6303, 73552, Cancelled(account_id=6303, order_id=73552, status_code=204, attempts=(ATTEMPT,)))
    line = ended(values, AT)
    assert line == b'{"ended":[6303,73552],"at":1764117975123,"outcome":"Cancelled","status_code":204}\n'
    assert entry_of(begun(ORDER, AT)).order == ORDER


def test_a_line_is_never_too_long_to_be_read() -> None:
    """Law 12: an outcome can be read again even if a value from the server is very long."""
    values = as_object(*ORDER, FINALS[2]) | {"executed_quantity": "9" * LONGEST_LINE}
    entry = entry_of(ended(values, AT))
    assert (entry.order, entry.outcome) == (ORDER, "Cancelled")


BEGUN: dict[str, Any] = json.loads(begun(ORDER, AT))
ENDED: dict[str, Any] = json.loads(ended(as_object(*ORDER, FINALS[1]), AT))
RIGHT_TYPES = {
    "status_code": (409, None),
    "detail": ("x",),
    "attempts": (0, 7),
    "confirmed": (True,),
    "order_status": ("New",),
    "executed_quantity": ("1.5",),
    "retry_after": (1, 0.5),
}
WRONG_VALUES: tuple[Any, ...] = (None, True, "5", 5, 5.0, [], {}, [5])
WRONG_IDS: tuple[Any, ...] = (
    *(None, 5, "ab", [1], [1, 2, 3], {"1": 1, "2": 2}),
    *([1, "2"], [1, True], [1.0, 2], [1, 2**31], [-(2**31) - 1, 2], [[1], 2]),
)
WRONG_OUTCOMES: tuple[Any, ...] = (None, "cancelled", "", 0, [], {}, "Repeated", "OrderUnreadable")


def other_values(key: str) -> list[Any]:
    """Values of every type that the key may not have."""
    return [value for value in WRONG_VALUES if type(value) not in TYPES[key]]


@pytest.mark.parametrize(
    "line",
    [
        *({key: BEGUN[key] for key in BEGUN if key != left_out} for left_out in BEGUN),
        *(
            {key: ENDED[key] for key in ENDED if key != left_out}
            for left_out in ("ended", "at", "outcome", "status_code")
        ),
        *({**ENDED, key: value} for key in TYPES for value in other_values(key)),
        *({**BEGUN, "at": value} for value in (None, True, "5", 5.0)),
        *({**BEGUN, "begun": value} for value in WRONG_IDS),
        *({**ENDED, "outcome": value} for value in WRONG_OUTCOMES),
        {**BEGUN, "line": 2},
        {**BEGUN, "outcome": "Cancelled"},
        {**BEGUN, "ended": [1, 2]},
        {**ENDED, "exit_code": 0},
        {**ENDED, "advice": "x"},
        {**ENDED, "begun": [1, 2]},
        {"event": "begun", "at": "2026-01-01T00:00:00.000+00:00", "account_id": 6303, "order_id": 1, "line": 2},
        {},
    ],
)
def test_a_line_of_another_shape_is_refused(line: dict[str, Any]) -> None:
    """Law 12: a missing or unknown key, or a value of another type, makes a line unreadable; it is never guessed."""
    with pytest.raises(WrongEntry):
        entry_of(json.dumps(line).encode())


@pytest.mark.parametrize(("key", "value"), [(key, value) for key in RIGHT_TYPES for value in RIGHT_TYPES[key]])
def test_every_right_type_can_be_read(key: str, value: Any) -> None:
    """Each value that an outcome may have is accepted, also with blanks between the JSON tokens."""
    assert entry_of(json.dumps({**ENDED, key: value}).encode()).values[key] == value


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"\0\0",
        b"\xff",
        b"{",
        b"[]",
        b"null",
        b"5",
        b"[" * 60_000,
        begun(ORDER, AT)[:-8],
        begun(ORDER, AT)[8:],
        begun(ORDER, AT)[:20] + begun(ORDER, AT),
        begun(ORDER, AT).rstrip() * 2,
        b'{"begun":[1,2],"at":5,"at":6}',
        b'{"begun":[1,2],"begun":[1,3],"at":5}',
        b'{"begun":[1,2],"at":NaN}',
    ],
    ids=lambda line: repr(line)[:60],
)
def test_what_is_no_line_is_refused(line: bytes) -> None:
    """Law 12: half a line, two lines in one, and a line with a key twice are refused."""
    with pytest.raises(WrongEntry):
        entry_of(line)


def test_a_torn_line_is_the_beginning_of_one() -> None:
    """Every beginning of a line may be a torn line, also with zeros behind it; a whole object may not."""
    for line in (begun(ORDER, AT), ended(as_object(*ORDER, FINALS[1]), AT)):
        for length in range(1, len(line) - 1):
            assert may_be_torn(line[:length])
            assert may_be_torn(line[:length] + b"\0" * 7)
    assert may_be_torn(b"\0\0")
    for other in (b"x", b'{"x', b'{"begun":[1,2],"at":5,"line":1}', b"[1", b" {", b"{}"):
        assert not may_be_torn(other)


def test_the_head_begins_as_no_other_file() -> None:
    """The first line has the version and the base URL, and begins as no other file."""
    assert head("https://broker.example/api") == b'{"journal":2,"base_url":"https://broker.example/api"}\n'
    assert head("").startswith(HEAD)
