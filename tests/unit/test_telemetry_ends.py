"""Telemetry of interrupted calls, broken telemetry, and missing telemetry."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from conftest import MakeCaller
from opentelemetry.metrics import NoOpMeter, NoOpMeterProvider
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import StatusCode, get_current_span
from support.clients import BACKENDS, TLS
from support.raw_server import RawServer, nothing, raw_server, says
from support.recorded import Recorded, attributes_of

from autoshares_cancel import AsyncClient, Cancelled, Client, ConfigurationError, NotSent, TokenCredentials
from autoshares_cancel.telemetry import Telemetry

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"
Interrupted = Callable[[RawServer, TokenCredentials, Recorded, str], None]


def by_ctrl_c(server: RawServer, token: TokenCredentials, recorded: Recorded, method: str) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    main = threading.main_thread().ident or 0
    server._answer = lambda *_: signal.pthread_kill(main, signal.SIGINT)
    try:
        with (
            Client(base_url=server.base_url, credentials=token, telemetry=recorded.telemetry, verify=TLS) as client,
            pytest.raises(KeyboardInterrupt),
        ):
            getattr(client, method)(account_id=6303, order_id=73552, deadline=5.0)
    finally:
        signal.signal(signal.SIGINT, before)


def by_cancellation(backend: str, options: dict[str, Any]) -> Interrupted:
    """Cancel the task of a call after its request has arrived."""

    def interrupt(server: RawServer, token: TokenCredentials, recorded: Recorded, method: str) -> None:
        arrived = threading.Event()
        server._answer = lambda *_: arrived.set()

        async def run() -> None:
            async with (
                AsyncClient(
                    base_url=server.base_url, credentials=token, telemetry=recorded.telemetry, verify=TLS
                ) as client,
                anyio.create_task_group() as tasks,
            ):
                tasks.start_soon(lambda: getattr(client, method)(account_id=6303, order_id=73552))
                assert await anyio.to_thread.run_sync(arrived.wait, 60.0)
                tasks.cancel_scope.cancel()

        anyio.run(run, backend=backend, backend_options=options)

    return interrupt


WAYS = [
    pytest.param(by_ctrl_c, id="sync"),
    *(pytest.param(by_cancellation(*backend), id=name) for name, backend in BACKENDS.items()),
]


@pytest.mark.parametrize("interrupt", WAYS)
def test_an_interrupted_cancel_ends_its_spans(interrupt: Interrupted, token: TokenCredentials) -> None:
    """Law 4: the span has the outcome that on_outcome gets and no exception, and no span of the call stays current."""
    recorded = Recorded()
    with raw_server(nothing) as server:
        interrupt(server, token, recorded, "cancel_order")
    (sent,) = recorded.requests
    assert attributes_of(sent)["error.type"] == "interrupted"
    wanted = {"autoshares.outcome": "NoReply", "error.type": "NoReply", "autoshares.attempts": 0}
    assert attributes_of(recorded.call).items() >= wanted.items()
    assert {span.status.status_code for span in recorded.spans} == {StatusCode.ERROR}
    assert [span.events for span in recorded.spans] == [(), ()]
    assert not get_current_span().get_span_context().is_valid
    (counted,) = recorded.points("autoshares_cancel.outcomes")
    assert (dict(counted.attributes), counted.value) == ({"autoshares.outcome": "NoReply"}, 1)


@pytest.mark.parametrize("interrupt", WAYS)
def test_an_interrupted_reading_ends_its_spans(interrupt: Interrupted, token: TokenCredentials) -> None:
    """An interrupted read has no outcome, and no outcome is counted."""
    recorded = Recorded()
    with raw_server(nothing) as server:
        interrupt(server, token, recorded, "read_order")
    ids = {"autoshares.account_id": 6303, "autoshares.order_id": 73552}
    assert attributes_of(recorded.call) == {**ids, "error.type": "interrupted"}
    assert [attributes_of(span)["error.type"] for span in recorded.requests] == ["interrupted"]
    assert recorded.points("autoshares_cancel.outcomes") == []


class Broken(SpanProcessor):
    """Raises when a span starts or ends."""

    def __init__(self, when: str) -> None:
        self._when = when

    def on_start(self, *_: object, **__: object) -> None:
        if self._when == "start":
            raise OSError("full disk")

    def on_end(self, *_: object, **__: object) -> None:
        if self._when == "end":
            raise OSError("full disk")


@pytest.mark.parametrize("when", ["start", "end"])
def test_a_span_processor_that_raises_changes_nothing(
    make_caller: MakeCaller, token: TokenCredentials, caplog: pytest.LogCaptureFixture, when: str
) -> None:
    """Law 3: the outcome is unchanged, the log has the error, and the metrics are recorded."""
    recorded = Recorded(Broken(when))
    with raw_server(says(GONE)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, telemetry=recorded.telemetry)
        assert type(caller.cancel(6303, 73552)) is Cancelled
    assert caplog.text.count("telemetry raised OSError, which changes nothing") == 2
    assert [point.value for point in recorded.points("autoshares_cancel.outcomes")] == [1]
    assert [point.count for point in recorded.points("http.client.request.duration")] == [1]


class BrokenMeters(NoOpMeterProvider):
    """Returns instruments that raise."""

    def get_meter(self, *_: object, **__: object) -> NoOpMeter:
        meter: Any = NoOpMeter("broken")
        meter.create_histogram = meter.create_counter = lambda *_, **__: object()
        return meter  # type: ignore[no-any-return]  # Any, to put other methods in


def test_a_meter_that_raises_changes_nothing(
    make_caller: MakeCaller, token: TokenCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Law 3: the outcome and the spans are unchanged."""
    recorded = Recorded()
    telemetry = Telemetry(recorded.tracers, BrokenMeters())
    with raw_server(says(GONE)) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, telemetry=telemetry)
        assert type(caller.cancel(6303, 73552)) is Cancelled
    assert caplog.text.count("telemetry raised AttributeError, which changes nothing") == 3
    assert len(recorded.spans) == 2


class Refusing:
    """A telemetry object that raises in one of its methods."""

    def __init__(self, where: str) -> None:
        self._where = where

    def _do(self, what: str) -> "Refusing":
        if what == self._where:
            raise OSError("full disk")
        return self

    def begin_call(self, *_: object) -> "Refusing":
        return self._do("begin_call")

    def begin_request(self, *_: object) -> "Refusing":
        return self._do("begin_request")

    def end(self, *_: object, **__: object) -> None:
        self._do("end")


@pytest.mark.parametrize(("where", "times"), [("begin_call", 1), ("begin_request", 1), ("end", 2), ("nowhere", 0)])
def test_telemetry_that_raises_changes_nothing(
    make_caller: MakeCaller, caplog: pytest.LogCaptureFixture, token: TokenCredentials, where: str, times: int
) -> None:
    """Law 3: telemetry that raises anywhere changes no outcome."""
    caller = make_caller(base_url="http://127.0.0.1:1", credentials=token, telemetry=Refusing(where))
    assert type(caller.cancel(6303, 73552)) is NotSent
    assert caplog.text.count("telemetry raised OSError, which changes nothing") == times


@pytest.mark.parametrize("wrong", [Telemetry, "on", True, object()], ids=["class", "word", "flag", "object"])
def test_what_is_no_telemetry_is_refused(token: TokenCredentials, wrong: Any) -> None:
    """Any other object, and the class in place of an instance, is refused before any I/O."""
    with pytest.raises(ConfigurationError, match=r"telemetry must be Telemetry\(\.\.\.\)"):
        Client(base_url="http://127.0.0.1:1", credentials=token, telemetry=wrong)


def output_of(script: str) -> str:
    """Run a script in a new process, and return what it prints."""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return run.stdout.strip()


CALL = """
from autoshares_cancel import Client, NotSent, RetryPolicy, TokenCredentials
credentials = TokenCredentials(app_key="key", token="token")
options = {"base_url": "http://127.0.0.1:1", "credentials": credentials, "retry": RetryPolicy(attempts=1)}
def call(**more):
    with Client(**options, **more) as client:
        try:
            client.cancel_order(account_id=1, order_id=1)
        except NotSent:
            pass
"""


def test_without_telemetry_nothing_of_it_is_imported() -> None:
    """A program without telemetry does not load the module."""
    found = f"{CALL}call()\nimport sys\nprint([name for name in sys.modules if 'telemetry' in name])"
    assert output_of(found) == "[]"


def test_without_the_extra_it_says_what_to_install() -> None:
    """The import error names the extra, and the package works without it."""
    missing = "try:\n    import autoshares_cancel.telemetry\nexcept ImportError as error:\n    print(error)"
    assert output_of(f"import sys\nsys.modules['opentelemetry'] = None\n{CALL}call()\n{missing}") == (
        "telemetry needs opentelemetry-api, which is not installed: pip install 'autoshares-cancel[otel]'"
    )


def test_what_else_can_t_be_imported_is_not_taken_for_the_extra() -> None:
    """Another missing module is reported by its own name, without advice about the extra."""
    hidden = "import sys, autoshares_cancel\nsys.modules['autoshares_cancel._engine.tracing'] = None\n"
    code = f"{hidden}try:\n    import autoshares_cancel.telemetry\nexcept ImportError as error:\n    print(error.name)"
    assert output_of(code) == "autoshares_cancel._engine.tracing"


GLOBAL = """
from opentelemetry import metrics, trace
from support.recorded import Recorded
from autoshares_cancel.telemetry import Telemetry
recorded = Recorded()
trace.set_tracer_provider(recorded.tracers)
metrics.set_meter_provider(recorded.meters)
call(telemetry=Telemetry())
print([span.name for span in recorded.spans][-1], len(recorded.metrics))
"""


def test_the_programs_own_providers_are_used_where_none_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telemetry() uses the global providers of OpenTelemetry."""
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    assert output_of(CALL + GLOBAL) == "cancel_order 3"
