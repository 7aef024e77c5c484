"""What telemetry is told of a call and of the requests in it. An interface, with nothing of OpenTelemetry in it.

1. A call that is traced has a CallTrace, and each request in it a RequestTrace; both are left, and so told as ended,
   however they end. A call that is not traced has None, and pays for looking whether it has.
2. Only names, numbers, URLs, outcomes and evidence are handed over: no header, no body that was sent, no credential.
3. What telemetry raises is logged without its frames, and changes nothing, as with observers.
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
    """A request under way."""

    def end(self, evidence: Evidence | None) -> None:
        """It has ended; None where it was interrupted."""
        ...


class TracksCall(Protocol):
    """A call under way."""

    def begin_request(self, method: str, url: str) -> TracksRequest:
        """A request of the call begins now, here or in a thread or task that the call has started."""
        ...

    def end(self, ended: Outcome | AutosharesError | None, *, interrupted: bool) -> None:
        """It has ended: in an outcome, in a failure, or well and with nothing more to tell, unless interrupted."""
        ...


@runtime_checkable
class Tracks(Protocol):
    """What a client takes as `telemetry`; autoshares_cancel.telemetry.Telemetry is one."""

    def begin_call(self, name: str, ids: Mapping[str, int]) -> TracksCall:
        """A call of the method with that name begins now, about what `ids` names (account_id, order_id)."""
        ...


UNTRACED: Final[AbstractContextManager[None]] = nullcontext()
"""Around a call that nobody traces."""


def call_safely(do: Callable[[], T]) -> T | None:
    """What it returns, or None where it raises."""
    try:
        return do()
    except Exception as error:  # noqa: BLE001  # whatever telemetry does, the call goes on
        # Without its frames, as in _events: they may hold anything.
        LOG.error("telemetry raised %s, which changes nothing", type(error).__name__)
        return None


class RequestTrace:
    """Around one request; `evidence` is to be set before it is left."""

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
    """Around one call; `outcome` is to be set where it has one."""

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
        """Another request of this call begins."""
        return RequestTrace(None if self._call is None else partial(self._call.begin_request, method, url))
