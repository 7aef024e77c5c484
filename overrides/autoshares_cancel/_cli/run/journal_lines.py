"""The lines of a journal: what they say, and what they leave out. Pure.

1. `{"begun":[account_id,order_id],"at":…}`: from now on the request of this order may leave. `{"ended":[…],"at":…,
   "outcome":…,"status_code":…}` is its outcome. `at` is in milliseconds since the UTC epoch.
2. An outcome has only those other keys of as_object that differ from USUAL. Advice and exit code follow from its name.
3. A line of any other shape is refused: a wrong type, a missing or an unknown key, a key that is there twice.
"""

import json
from contextlib import suppress
from types import NoneType
from typing import Any, Final, cast, get_args

from attrs import frozen

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._cli.report import as_object
from autoshares_cancel._cli.run.rows import unique_keys
from autoshares_cancel._cli.run.seen_orders import Standing
from autoshares_cancel._validation import check_id
from autoshares_cancel.errors import OrderConflict, OutcomeUnknown

VERSION: Final = 2
LONGEST_LINE: Final = 1 << 16
"""Bytes; longer lines are refused. Most lines are far shorter."""
HEAD: Final = b'{"journal":2,"base_url":'
STARTS: Final = (b'{"begun":[', b'{"ended":[')
KINDS: Final[dict[str, type]] = {kind.__name__: kind for kind in get_args(Outcome)}
FINAL: Final = {"Cancelled", "OrderConflict"}
USUAL: Final[dict[str, Any]] = {
    "detail": None,
    "attempts": 1,
    "confirmed": False,
    "order_status": None,
    "executed_quantity": None,
    "retry_after": None,
}
"""The keys of as_object that a line leaves out where they have these values."""
TYPES: Final[dict[str, tuple[type, ...]]] = {
    "status_code": (int, NoneType),
    "detail": (str,),
    "attempts": (int,),
    "confirmed": (bool,),
    "order_status": (str,),
    "executed_quantity": (str,),
    "retry_after": (int, float),
}
DERIVED: Final = {"account_id", "order_id", "outcome", "advice", "exit_code"}
"""The other keys of as_object."""
_dumps: Final = json.JSONEncoder(separators=(",", ":")).encode
_loads: Final = json.JSONDecoder(object_pairs_hook=unique_keys).decode


class WrongEntry(Exception):
    """The line has another shape than those that this module makes."""


@frozen
class Entry:
    """A line below the head."""

    order: tuple[int, int]
    """The pair of account_id and order_id."""
    outcome: str | None
    """The name of its class; None if the order was begun."""
    values: dict[str, Any]
    """The recorded keys of as_object: status_code, and what is not USUAL."""

    def as_object(self) -> dict[str, Any]:
        """The object that as_object made of this outcome, which is one of FINAL."""
        account_id, order_id = self.order
        values = {**USUAL, **self.values}
        fields: dict[str, Any] = {key: values[key] for key in ("status_code", "detail")}
        fields |= {"account_id": account_id, "order_id": order_id}
        if self.outcome == "Cancelled":
            outcome: Outcome = Cancelled(**fields, confirmed=values["confirmed"])
        else:
            outcome = OrderConflict(**fields)
        return as_object(account_id, order_id, outcome) | values


def head(base_url: str) -> bytes:
    """The first line."""
    return _line({"journal": VERSION, "base_url": base_url})


def begun(order: tuple[int, int], at: int) -> bytes:
    """The line of an order whose request may leave from now on."""
    return b'{"begun":[%d,%d],"at":%d}\n' % (*order, at)


def ended(values: dict[str, Any], at: int) -> bytes:
    """The line of an outcome; `values` is what as_object makes of it."""
    entry: dict[str, Any] = {"ended": [values["account_id"], values["order_id"]], "at": at}
    entry |= {"outcome": values["outcome"], "status_code": values["status_code"]}
    line = _line(entry | {key: values[key] for key, usual in USUAL.items() if values[key] != usual})
    return line if len(line) < LONGEST_LINE else _line(entry)  # a server may send a quantity of 100,000 digits


def entry_of(line: bytes) -> Entry:
    """Read a line, with or without its end. Raises WrongEntry for any other shape."""
    if len(line) >= LONGEST_LINE:
        raise WrongEntry
    try:
        entry = parsed(line)
        is_begun = "begun" in entry
        ids, at = entry.pop("begun" if is_begun else "ended"), entry.pop("at")
        outcome = None if is_begun else entry.pop("outcome")
        if type(at) is not int or type(ids) is not list or not (is_begun or outcome in KINDS):
            raise WrongEntry
        account_id, order_id = cast("list[object]", ids)
        order = check_id("account_id", account_id), check_id("order_id", order_id)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise WrongEntry from None
    has_right_keys = not entry if is_begun else "status_code" in entry and entry.keys() <= TYPES.keys()
    if not has_right_keys or any(type(value) not in TYPES[key] for key, value in entry.items()):
        raise WrongEntry
    return Entry(order, outcome, entry)


def may_be_torn(line: bytes) -> bool:
    """Whether this can be the beginning of a line below the head, with zeros behind it as a power cut leaves them."""
    with suppress(ValueError, RecursionError):
        parsed(line)
        return False
    begin = line.rstrip(b"\0")
    return len(line) < LONGEST_LINE and any(start.startswith(begin[: len(start)]) for start in STARTS)


def standing_after(standing: Standing, entry: Entry) -> Standing:
    """The standing of an order after this line."""
    is_sure = standing in {Standing.NEW, Standing.OPEN}
    if entry.outcome is None:
        return Standing.BEGUN if is_sure else Standing.DOUBT
    if entry.outcome in FINAL:
        return Standing.FINAL
    is_unknown = issubclass(KINDS[entry.outcome], OutcomeUnknown) or standing is Standing.DOUBT
    return Standing.DOUBT if is_unknown else Standing.OPEN


def parsed(line: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises ValueError, also for a key that is there twice, and RecursionError."""
    value: object = _loads(line.decode())
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004  # callers catch it like an error of json
    return cast("dict[str, Any]", value)


def _line(values: dict[str, Any]) -> bytes:
    return _dumps(values).encode() + b"\n"
