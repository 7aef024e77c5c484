"""OpenTelemetry: spans and metrics of a client's calls, for `Client(..., telemetry=Telemetry())`.

    from autoshares_cancel import Client
    from autoshares_cancel.telemetry import Telemetry

    client = Client.from_env(telemetry=Telemetry())

1. Each call of `cancel_order`, `cancel_all`, `read_order`, `open_orders` and `warm_up` has one INTERNAL span of that
   name. It is the current span while the call lasts. It has `autoshares.account_id`, `autoshares.order_id` and
   `autoshares.reference`, and from its end `autoshares.outcome` (the class), `autoshares.attempts` (requests about the
   order) and `autoshares.confirmed` where they apply. Each order of a batch is a `cancel_order`. A ConfigurationError
   before the call begins has no span.
2. A span has the status ERROR, and the class as `error.type`, if the caller has something to fix or to look up.
   Cancelled is no error, and neither is OrderConflict: the market was faster. An interrupted call has the outcome that
   `on_outcome` gets; an interrupted read has no outcome, and its `error.type` is `interrupted`.
3. Each HTTP request, also to /token, has one CLIENT span by the stable semantic conventions for HTTP. `error.type` is
   the status from 400 on, or `not_sent`, `no_reply`, `interrupted`. `http.request.resend_count` counts the repeats of a
   method and path within the call, polls and the steps of a log-in included.
4. The histogram `http.client.request.duration` has the attributes that the conventions require. The histogram
   `autoshares_cancel.call.duration` has `autoshares.call`, `autoshares.outcome` and `error.type`. The counter
   `autoshares_cancel.outcomes` counts the outcomes of `cancel_order`, as `on_outcome` gets them. Both histograms are in
   seconds.
5. The span of a request about orders has the headers that an `Attempt` has, and Date, as `http.response.header.<name>`
   in lower case, without secrets. Spans and metrics contain no other words of the server and no secret: they have no
   events and no status descriptions.
6. The client sends no `traceparent` to the broker, which gets only what the contract asks for. Other instrumentation of
   HTTP libraries in the same program may still send one.

It needs the extra `otel` (`pip install 'autoshares-cancel[otel]'`), and an SDK that the program sets up. With a span
processor that exports at once (SimpleSpanProcessor) every call waits for the export; BatchSpanProcessor avoids that.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._engine.tracing import call_safely
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel.errors import AutosharesError, OrderConflict

try:
    from opentelemetry import context, metrics, trace
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "opentelemetry":
        raise
    raise ImportError(
        "telemetry needs opentelemetry-api, which is not installed: pip install 'autoshares-cancel[otel]'",
        name=missing.name,
    ) from missing

__all__ = ["Telemetry"]

Attributes = dict[str, str | int | bool | tuple[str, ...]]

SCOPE: Final = "autoshares_cancel"
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Boundaries in seconds, from the conventions for the durations of HTTP requests."""
NUMBERED: Final = re.compile(r"/v[0-9.]+/accounts/-?[0-9]+(/[a-z]+)(/-?[0-9]+)?$")
ACCOUNT: Final = "/v{version}/accounts/{account_id}"
ORDER: Final = "/{order_id}"
LOWEST_ERROR: Final = 400
PORTS: Final = {"http": 80, "https": 443}
WORDS: Final[Mapping[type[Evidence] | type[None], str]] = {
    NotWritten: "not_sent",
    NoResponse: "no_reply",
    type(None): "interrupted",
}


class Telemetry:
    """Makes spans and metrics of every client that has it. Clients, threads and tasks may share it. Does no I/O itself.

    Args:
        tracer_provider: Gets the spans; None is the global one.
        meter_provider: Gets the metrics; None is the global one.
    """

    def __init__(
        self,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
    ) -> None:
        self._instruments = _Instruments(
            trace.get_tracer(SCOPE, tracer_provider=tracer_provider),
            metrics.get_meter(SCOPE, meter_provider=meter_provider),
        )

    def begin_call(self, name: str, ids: Mapping[str, int | str]) -> "_Call":
        """Begin the span of a call. The client calls this."""
        return _Call(self._instruments, name, ids)


class _Instruments:
    """The tracer, the histograms and the counter."""

    def __init__(self, tracer: trace.Tracer, meter: metrics.Meter) -> None:
        self.tracer = tracer
        duration = partial(meter.create_histogram, unit="s", explicit_bucket_boundaries_advisory=BUCKETS)
        self.requests = duration("http.client.request.duration", description="Duration of HTTP client requests.")
        self.calls = duration("autoshares_cancel.call.duration", description="Duration of whole calls.")
        self.outcomes = meter.create_counter(
            "autoshares_cancel.outcomes", unit="{call}", description="Outcomes of cancel_order."
        )


class _Span:
    """A span that is current until it ends."""

    def __init__(
        self, tracer: trace.Tracer, name: str, kind: trace.SpanKind, attributes: Attributes, parent: context.Context
    ) -> None:
        start = partial(tracer.start_span, name, context=parent, kind=kind, attributes=attributes)
        # If the tracer fails, the metrics are still useful.
        self._span = call_safely(start) or trace.get_current_span(parent)
        self._is_ours = self._span is not trace.get_current_span(parent)
        self.context = trace.set_span_in_context(self._span, parent)
        self._token = context.attach(self.context)
        self._began_at = perf_counter()

    def end(self, attributes: Attributes) -> float:
        """End the span, with status ERROR if there is an `error.type`. Returns its seconds."""
        seconds = perf_counter() - self._began_at
        context.detach(self._token)
        if self._is_ours:
            call_safely(partial(self._finish, attributes))
        return seconds

    def _finish(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)
        if "error.type" in attributes:
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


class _Call:
    """A call under way."""

    def __init__(self, instruments: _Instruments, name: str, ids: Mapping[str, int | str]) -> None:
        self._instruments, self._name = instruments, name
        self._sent = Counter[tuple[str, str]]()
        attributes: Attributes = {f"autoshares.{key}": value for key, value in ids.items()}
        self._span = _Span(instruments.tracer, name, trace.SpanKind.INTERNAL, attributes, context.get_current())

    def begin_request(self, method: str, url: str) -> "_Request":
        """Begin the span of a request. It is a child of the call's span, also in another thread."""
        repeats = self._sent[method, url]
        if method != "OPTIONS":  # warm_up sends one on each new connection, and none is a repeat
            self._sent[method, url] += 1
        return _Request(self._instruments, self._span.context, method, url, repeats)

    def end(self, ended: Outcome | AutosharesError | None, *, interrupted: bool) -> None:
        """End the span of the call, and count its outcome."""
        result = _result_of(ended, interrupted=interrupted)
        seconds = self._span.end(result | _extent_of(ended))
        measured = {"autoshares.call": self._name, **result}
        call_safely(lambda: self._instruments.calls.record(seconds, measured))
        if self._name == "cancel_order" and ended is not None:
            outcome = {"autoshares.outcome": type(ended).__name__}
            call_safely(lambda: self._instruments.outcomes.add(1, outcome))


class _Request:
    """A request under way."""

    def __init__(self, instruments: _Instruments, parent: context.Context, method: str, url: str, repeats: int) -> None:
        self._instruments = instruments
        parts = urlsplit(url)
        self._required: Attributes = {
            "http.request.method": method,
            "server.address": parts.hostname or "",
            "server.port": parts.port or PORTS[parts.scheme],
        }
        template = _template_of(parts.path)
        # A reply to a log-in may repeat a token that masking does not know yet.
        self._has_shown_headers = template != parts.path
        attributes: Attributes = {**self._required, "url.full": url, "url.template": template}
        if repeats:
            attributes["http.request.resend_count"] = repeats
        self._span = _Span(instruments.tracer, f"{method} {template}", trace.SpanKind.CLIENT, attributes, parent)

    def end(self, evidence: Evidence | None) -> None:
        """End the span of the request."""
        result = _reply_of(evidence)
        seconds = self._span.end(result | (_headers_of(evidence) if self._has_shown_headers else {}))
        call_safely(lambda: self._instruments.requests.record(seconds, self._required | result))


def _template_of(path: str) -> str:
    numbered = NUMBERED.search(path)
    if numbered is None:
        return path
    collection, order = numbered.groups()
    return path[: numbered.start()] + ACCOUNT + collection + (ORDER if order else "")


def _reply_of(evidence: Evidence | None) -> Attributes:
    if not isinstance(evidence, Reply):
        return {"error.type": WORDS[type(evidence)]}
    status: Attributes = {"http.response.status_code": evidence.status_code}
    failed: Attributes = {"error.type": str(evidence.status_code)} if evidence.status_code >= LOWEST_ERROR else {}
    return status | failed


def _headers_of(evidence: Evidence | None) -> Attributes:
    headers = evidence.headers.items() if isinstance(evidence, Reply) else ()
    return {f"http.response.header.{name.lower()}": (value,) for name, value in headers}


def _result_of(ended: Outcome | AutosharesError | None, *, interrupted: bool) -> Attributes:
    if ended is None:
        return {"error.type": WORDS[type(None)]} if interrupted else {}
    name = type(ended).__name__
    failed: Attributes = {} if isinstance(ended, Cancelled | OrderConflict) else {"error.type": name}
    return {"autoshares.outcome": name, **failed}


def _extent_of(ended: Outcome | AutosharesError | None) -> Attributes:
    attempts = getattr(ended, "attempts", None)
    extent: Attributes = {} if attempts is None else {"autoshares.attempts": len(attempts)}
    return extent | ({"autoshares.confirmed": ended.confirmed} if isinstance(ended, Cancelled) else {})
