"""The surfaces that could show a secret, and the search for secrets in them."""

import copy
import json
import logging
import pickle
import pprint
import string
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from attrs import frozen
from conftest import MakeCaller
from rich.pretty import pretty_repr
from rich.traceback import Traceback
from support.raw_server import raw_server
from support.recorded import Recorded
from support.secret_provocations import (
    SECRETS,
    Provocation,
)

from autoshares_cancel._cli.report import EXIT_CODES, as_object, line


@frozen
class Left:
    """Everything that remains of a call."""

    client: Any
    outcome: Any
    records: list[logging.LogRecord]
    events: list[object]
    sent: bytes
    """All secrets that the server has received."""
    warned: list[Any]
    recorded: Recorded
    """Spans and metrics."""

    @property
    def raised(self) -> BaseException:
        """The outcome if it is an exception, with its frames; otherwise a new exception."""
        return self.outcome if isinstance(self.outcome, BaseException) else LookupError("nothing was raised")


def rich_locals(left: Left) -> str:
    """The traceback of rich, without its slow boxes and colours."""
    shown: Any = {"show_locals": True, "locals_max_length": 1000, "locals_max_string": 10_000}
    trace = Traceback.extract(type(left.raised), left.raised, left.raised.__traceback__, **shown)
    nodes = [node for stack in trace.stacks for frame in stack.frames for node in (frame.locals or {}).values()]
    return "\n".join(
        [*(str(node) for node in nodes), *(f"{stack.exc_type}: {stack.exc_value}" for stack in trace.stacks)]
    )


def all_locals(left: Left) -> str:
    """The fields of the package's objects in the frames, as debuggers and error trackers show them."""
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(left.raised.__traceback__)]
    values = [value for names in frames for value in names.values()]
    return repr([fields_of(value) for value in values if "autoshares_cancel" in type(value).__module__])


def fields_of(value: Any) -> dict[str, object]:
    if attrs.has(type(value)):
        return {item.name: getattr(value, item.name, None) for item in attrs.fields(type(value)) if item.repr}
    return vars(value) if hasattr(value, "__dict__") else {}


def parts_of(client: Any) -> list[object]:
    """A client, and its inner objects."""
    engine = client._engine
    return [client, engine, engine.tokens, engine.backend]


def shown(value: Any) -> str:
    """An attrs object, and its raw fields."""
    return f"{value!r} {attrs.asdict(value, recurse=False)}"


def formatted(left: Left) -> str:
    return "".join(logging.Formatter("%(message)s %(args)s").format(record) for record in left.records)


SURFACES: dict[str, Callable[[Left], object]] = {
    "repr": lambda left: repr(left.outcome),
    "str": lambda left: str(left.outcome),
    "f-string": lambda left: f"{left.outcome} {left.outcome!r} {left.outcome!a}",
    "percent": lambda left: "%s %r %a" % (left.outcome, left.outcome, left.outcome),  # noqa: UP031  # the surface under test
    "format": lambda left: "{} {!r}".format(left.outcome, left.outcome),  # noqa: UP032  # the surface under test
    "template": lambda left: string.Template("$it").substitute(it=left.outcome),
    "ascii": lambda left: ascii(left.outcome),
    "pprint": lambda left: pprint.pformat(left.outcome),
    "rich.pretty": lambda left: pretty_repr(left.outcome),
    "vars": lambda left: vars(left.raised),
    "args": lambda left: left.raised.args,
    "attributes": lambda left: [getattr(left.outcome, name, None) for name in dir(left.outcome) if name[0] != "_"],
    "asdict": lambda left: attrs.asdict(left.outcome) if attrs.has(type(left.outcome)) else None,
    "attempts": lambda left: [attrs.asdict(attempt) for attempt in getattr(left.outcome, "attempts", ())],
    "order": lambda left: attrs.asdict(left.outcome.order) if getattr(left.outcome, "order", None) else None,
    "pickle": lambda left: pickle.dumps(left.outcome, protocol=0).decode("latin-1"),
    "unpickled": lambda left: repr(pickle.loads(pickle.dumps(left.outcome))),
    "copy": lambda left: repr(copy.copy(left.outcome)),
    "deepcopy": lambda left: repr(copy.deepcopy(left.outcome)),
    "json line": lambda left: as_object(1, 1, left.outcome) if type(left.outcome) in EXIT_CODES else None,
    "line": lambda left: line(1, left.outcome) if type(left.outcome) in EXIT_CODES else None,
    "traceback": lambda left: "".join(traceback.format_exception(left.raised)),
    "traceback with locals": lambda left: "".join(
        traceback.TracebackException.from_exception(left.raised, capture_locals=True).format()
    ),
    "rich traceback with locals": rich_locals,
    "locals": all_locals,
    "cause": lambda left: repr(left.raised.__cause__),
    "context": lambda left: repr(left.raised.__context__),
    "notes": lambda left: getattr(left.raised, "__notes__", None),
    "log": formatted,
    "log records": lambda left: [vars(record) for record in left.records],
    "observers": lambda left: [attrs.asdict(event) for event in left.events],  # type: ignore[arg-type]  # all are attrs
    "OpenTelemetry attributes": lambda left: left.recorded.everything,
    "warnings": lambda left: [str(warning.message) for warning in left.warned],
    "client": lambda left: f"{left.client} {left.client!r} {pretty_repr(left.client)}",
    "vars of the client": lambda left: [vars(each) for each in parts_of(left.client)],
    "settings": lambda left: [shown(left.client._engine.settings)],
    "credentials": lambda left: (
        f"{left.client._engine.settings.credentials} {attrs.asdict(left.client._engine.settings.credentials)}"
    ),
    "token cache": lambda left: [shown(left.client._engine.tokens.cache)],
}


NOT_PLANTED = {
    "asdict",
    "context",
    "warnings",
    "client",
    "vars of the client",
    "settings",
    "credentials",
    "token cache",
}
"""Surfaces without a planted leak: the planted outcome is an exception, which is no attrs class and sets no context."""


def spellings(secret: str) -> set[str]:
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], repr(repr(secret))[2:-2], repr(secret.encode())[2:-1]}


def shown_in(text: str) -> list[str]:
    return [name for name, secret in SECRETS.items() if any(spelling in text for spelling in spellings(secret))]


def leaks(left: Left) -> list[str]:
    """The surfaces that show a secret, with the secret."""
    shown = {surface: shown_in(str(show(left))) for surface, show in SURFACES.items()}
    sent = {name for name, secret in SECRETS.items() if secret.encode() in left.sent}
    return [f"{surface} shows the {name}" for surface, names in shown.items() for name in names if name in sent]


def provoke(make_caller: MakeCaller, case: Provocation, caplog: pytest.LogCaptureFixture) -> Left:
    caplog.set_level(logging.DEBUG)
    events, recorded = list[Any](), Recorded()
    with raw_server(case.answer) as server, warnings.catch_warnings(record=True) as warned:
        settings = {"base_url": server.base_url, "on_attempt": events.append, "on_outcome": events.append}
        caller = make_caller(credentials=case.who, telemetry=recorded.telemetry, **settings | case.settings)
        outcome = (caller.read if case.reads else caller.cancel)(1, case.order_id)
        sent = b"".join(server.requests) + (SECRETS["interim token"].encode() if server.requests else b"")
    return Left(caller.client, outcome, caplog.records, events, sent, warned, recorded)
