"""The interface between a client and its telemetry. It does not depend on OpenTelemetry.

1. A traced call has a CallTrace, and each of its requests a RequestTrace. Both are context managers, so their end is
   always reported. A call that is not traced has None, and costs one comparison.
2. Telemetry gets only names, numbers, URLs, outcomes, evidence, and the reference that the caller gave: no sent header,
   no sent body, no credential. The kept headers of a reply are masked; its body is not.
3. An exception that telemetry raises is logged without its traceback, and changes nothing, as with observers.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Final, Protocol, Self, TypeVar, runtime_checkable

from autoshares_cancel._cancel.outcomes import Outcome
from autoshares_cancel._engine.events import LOG
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel.errors import AutosharesError

T = TypeVar("T")


class TracksRequest(Protocol):
    """Records one request."""

    def end(self, evidence: Evidence | None) -> None:
        """Record the end of the request; `evidence` is None if it was interrupted."""
        ...


class TracksCall(Protocol):
    """Records one call."""

    def begin_request(self, method: str, url: str) -> TracksRequest:
        """Record the beginning of a request, possibly in a thread or task that the call has started."""
        ...

    def end(self, ended: Outcome | AutosharesError | None, *, interrupted: bool) -> None:
        """Record the end of the call: its outcome or error; None if it has neither, or was interrupted."""
        ...


@runtime_checkable
class Tracks(Protocol):
    """The type of a client's argument `telemetry`, such as autoshares_cancel.telemetry.Telemetry."""

    def begin_call(self, name: str, ids: Mapping[str, int | str]) -> TracksCall:
        """Record the beginning of a call of this method. `ids` has its account_id, order_id and reference, if any."""
        ...


UNTRACED: Final[AbstractContextManager[None]] = nullcontext()
"""The context manager of a call that is not traced."""


def call_safely(do: Callable[[], T]) -> T | None:
    """Call this and return its result; log an exception and return None."""
    try:
        return do()
    except Exception as error:  # noqa: BLE001  # the call goes on without telemetry
        # Without the traceback, as in events.notify: its frames may hold secrets.
        LOG.error("telemetry raised %s, which changes nothing", type(error).__name__)
        return None


class RequestTrace:
    """A context manager around one request. Set `evidence` before it ends."""

    evidence: Evidence | None = None

    def __init__(self, begin: Callable[[], TracksRequest] | None) -> None:
        self._begin = begin

    def __enter__(self) -> Self:
        self._request = None if self._begin is None else call_safely(self._begin)
        return self

    def __exit__(self, *_: object) -> None:
        if self._request is not None:
            call_safely(partial(self._request.end, self.evidence))


class CallTrace:
    """A context manager around one call. Set `outcome` if the call has one."""

    outcome: Outcome | None = None

    def __init__(self, begin: Callable[[], TracksCall]) -> None:
        self._begin = begin

    def __enter__(self) -> None:
        self._call = call_safely(self._begin)

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._call is None:
            return
        failure = error if isinstance(error, AutosharesError) else None
        interrupted = error is not None and failure is None
        call_safely(partial(self._call.end, self.outcome or failure, interrupted=interrupted))

    def request(self, method: str, url: str) -> RequestTrace:
        """Begin the trace of the next request of this call."""
        return RequestTrace(None if self._call is None else partial(self._call.begin_request, method, url))
