"""Telemetry that is recorded in memory."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from autoshares_cancel.telemetry import Telemetry


class Recorded:
    """A Telemetry with the spans and metrics that it has recorded."""

    def __init__(self, *processors: SpanProcessor) -> None:
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        for processor in (*processors, SimpleSpanProcessor(self._exporter)):
            self.tracers.add_span_processor(processor)
        self.meters = MeterProvider([self._reader], shutdown_on_exit=False)
        self.telemetry = Telemetry(self.tracers, self.meters)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """The ended spans, the first to end first."""
        return self._exporter.get_finished_spans()

    @property
    def call(self) -> ReadableSpan:
        """The span of the last call."""
        return [span for span in self.spans if span.kind.name == "INTERNAL"][-1]

    @property
    def requests(self) -> list[ReadableSpan]:
        """The spans of the requests in the last call."""
        return [span for span in self.spans if span.parent and span.parent.span_id == id_of(self.call)]

    def points(self, metric: str) -> list[Any]:
        """The data points of a metric, or none if it was not recorded."""
        return [point for found in self.metrics if found.name == metric for point in found.data.data_points]

    @property
    def metrics(self) -> list[Any]:
        """All recorded metrics."""
        data = self._reader.get_metrics_data()
        resources = [] if data is None else data.resource_metrics
        return [metric for each in resources for scope in each.scope_metrics for metric in scope.metrics]

    @property
    def everything(self) -> str:
        """All text of spans and metrics."""
        spans = [f"{span.to_json()} {span.events!r} {span.status.description}" for span in self.spans]
        return " ".join([*spans, *(metric.to_json() for metric in self.metrics)])


def id_of(span: ReadableSpan) -> int:
    """The id that child spans have as their parent."""
    context = span.get_span_context()
    assert context is not None
    return int(context.span_id)


def attributes_of(span: ReadableSpan) -> dict[str, object]:
    """The attributes as a plain dict."""
    return dict(span.attributes or {})
