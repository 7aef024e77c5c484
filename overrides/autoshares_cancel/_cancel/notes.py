"""What the client adds to the words of the server, in the detail of an outcome. Pure."""

from collections.abc import Iterator
from http import HTTPStatus

from autoshares_cancel._cancel.terms import NO_TIME, THROTTLED, Conclusion
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.text import status_of
from autoshares_cancel.errors import NotAuthorized


def notes_on(conclusion: Conclusion, kind: type[object], secrets: tuple[Secret, ...]) -> Iterator[str | None]:
    """The reading of the order, the failed log-in, and why the reply is no proof: those that there are."""
    if conclusion.order is not None:
        yield _read_as(conclusion.order, secrets)
    if conclusion.reading is not None:
        yield _unread(conclusion.reading)
    if conclusion.failure is not None:
        yield f"the log-in failed: {conclusion.failure.detail}"
    if kind is NotAuthorized and conclusion.fresh_token:
        yield "a new token was refused; another log-in of the same user may have ended its session"
    yield conclusion.doubt


def _unread(reading: Evidence) -> str:
    """Why the last read did not show the order."""
    match reading:
        case Reply():
            shows_other = reading.status_code == HTTPStatus.OK and reading.is_whole
            return f"reading it brought {reading.status_code}" + (" without this order" if shows_other else "")
        case NoResponse():
            return "reading it brought no reply"
        case NotWritten():
            has_time = reading not in {NO_TIME, THROTTLED}
            return "the read could not be sent" if has_time else f"{reading.reason} to read it"


def _read_as(order: Order, secrets: tuple[Secret, ...]) -> str:
    words = f"the order reads {status_of(order, secrets)}"
    return f"{words}, and may live on under another number" if order.status == "Replaced" else words
