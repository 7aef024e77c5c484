"""OpenTelemetry: what a client's calls become as spans and metrics, for `Client(..., telemetry=Telemetry())`.

    from autoshares_cancel import Client
    from autoshares_cancel.telemetry import Telemetry

    client = Client.from_env(telemetry=Telemetry())

1. One INTERNAL span for each call of `cancel_order`, `cancel_all`, `read_order`, `open_orders` and `warm_up`, by that
   name, current while the call lasts, with `autoshares.account_id` and `autoshares.order_id`; at its end with
   `autoshares.outcome` (the class), `autoshares.attempts` (requests about the order) and `autoshares.confirmed`, where
   there are any. Each order of a batch is a `cancel_order`. What is refused with ConfigurationError before the call has
   begun is no call.
2. Its status is ERROR, and `error.type` the class, for whatever leaves something to mend or to look up. A Cancelled is
   no error, and neither is an OrderConflict: the market was faster, and everything works. A call that is interrupted
   ends with the outcome that observers are told; one that has none (a reading) with `error.type` interrupted.
3. One CLIENT span for each HTTP request, those to /token included, by the stable semantic conventions for HTTP.
   `error.type` is the status from 400 on, or `not_sent`, `no_reply`, `interrupted`. `http.request.resend_count` counts
   repeats of a method and path within the call, also where an order is polled or a log-in takes several steps.
4. The histogram `http.client.request.duration` has what the conventions require; `autoshares_cancel.call.duration` is
   by `autoshares.call`, `autoshares.outcome` and `error.type`; the counter `autoshares_cancel.outcomes` counts what
   `cancel_order` came to, as often as observers are told. Both histograms are in seconds.
5. No secret is in any of it, and no words of the server's: neither events nor status descriptions are written.
6. The broker is sent no `traceparent`: nothing goes there but the contract, and whose calls belong together is nobody's
   business. What else is installed to instrument HTTP libraries is not known here, and may do otherwise.

It needs the extra `otel`: `pip install 'autoshares-cancel[otel]'`; and an SDK, which the program sets up as it likes.
A span processor that exports at once (SimpleSpanProcessor) makes every call wait for that; BatchSpanProcessor does not.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._engine.tracing import quietly
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

Attributes = dict[str, str | int | bool]

SCOPE: Final = "autoshares_cancel"
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Boundaries in seconds, as the conventions advise for the durations of HTTP requests."""
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
    """Spans and metrics of every client that it is given to. Safe to share between clients, threads and tasks.

    Args:
        tracer_provider: Where spans go; the global one where None.
        meter_provider: Where metrics go; the global one where None.
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

    def begin_call(self, name: str, ids: Mapping[str, int]) -> "_Call":
        """For the client, when a call begins."""
        return _Call(self._instruments, name, ids)


class _Instruments:
    """Where everything is told."""

    def __init__(self, tracer: trace.Tracer, meter: metrics.Meter) -> None:
        self.tracer = tracer
        duration = partial(meter.create_histogram, unit="s", explicit_bucket_boundaries_advisory=BUCKETS)
        self.requests = duration("http.client.request.duration", description="Duration of HTTP client requests.")
        self.calls = duration("autoshares_cancel.call.duration", description="Duration of whole calls.")
        self.outcomes = meter.create_counter(
            "autoshares_cancel.outcomes", unit="{call}", description="What cancel_order came to."
        )


class _Span:
    """A span that is current until it ends."""

    def __init__(
        self, tracer: trace.Tracer, name: str, kind: trace.SpanKind, attributes: Attributes, parent: context.Context
    ) -> None:
        start = partial(tracer.start_span, name, context=parent, kind=kind, attributes=attributes)
        # Without a span the metrics are still worth having.
        self._span = quietly(start) or trace.get_current_span(parent)
        self._is_ours = self._span is not trace.get_current_span(parent)
        self.context = trace.set_span_in_context(self._span, parent)
        self._token = context.attach(self.context)
        self._began_at = perf_counter()

    def end(self, attributes: Attributes) -> float:
        """How many seconds it took. It failed where it has an error.type."""
        seconds = perf_counter() - self._began_at
        context.detach(self._token)
        if self._is_ours:
            quietly(partial(self._finish, attributes))
        return seconds

    def _finish(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)
        if "error.type" in attributes:
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


class _Call:
    """A call under way."""

    def __init__(self, tell: _Instruments, name: str, ids: Mapping[str, int]) -> None:
        self._tell, self._name = tell, name
        self._sent = Counter[tuple[str, str]]()
        attributes: Attributes = {f"autoshares.{key}": number for key, number in ids.items()}
        self._span = _Span(tell.tracer, name, trace.SpanKind.INTERNAL, attributes, context.get_current())

    def begin_request(self, method: str, url: str) -> "_Request":
        """A request begins; its span is a child of the call's also in another thread."""
        repeats = self._sent[method, url]
        if method != "OPTIONS":  # each is to open a connection of its own, and repeats none
            self._sent[method, url] += 1
        return _Request(self._tell, self._span.context, method, url, repeats)

    def end(self, ended: Outcome | AutosharesError | None, *, interrupted: bool) -> None:
        """The call has ended."""
        result = _result_of(ended, interrupted=interrupted)
        seconds = self._span.end(result | _extent_of(ended))
        measured = {"autoshares.call": self._name, **result}
        quietly(lambda: self._tell.calls.record(seconds, measured))
        if self._name == "cancel_order" and ended is not None:
            outcome = {"autoshares.outcome": type(ended).__name__}
            quietly(lambda: self._tell.outcomes.add(1, outcome))


class _Request:
    """A request under way."""

    def __init__(self, tell: _Instruments, parent: context.Context, method: str, url: str, repeats: int) -> None:
        self._tell = tell
        parts = urlsplit(url)
        self._required: Attributes = {
            "http.request.method": method,
            "server.address": parts.hostname or "",
            "server.port": parts.port or PORTS[parts.scheme],
        }
        template = _template_of(parts.path)
        attributes: Attributes = {**self._required, "url.full": url, "url.template": template}
        if repeats:
            attributes["http.request.resend_count"] = repeats
        self._span = _Span(tell.tracer, f"{method} {template}", trace.SpanKind.CLIENT, attributes, parent)

    def end(self, evidence: Evidence | None) -> None:
        """The request has ended."""
        result = _reply_of(evidence)
        seconds = self._span.end(result)
        quietly(lambda: self._tell.requests.record(seconds, self._required | result))


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
