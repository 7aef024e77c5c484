"""Arms replies and faults for the requests of one operation, call by call."""

from __future__ import annotations

import json as json_format
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any, ClassVar, Self, TypedDict, Unpack

from attrs import define

from autoshares_cancel.mock._checks import check_seconds
from autoshares_cancel.mock._replies import guide_document, is_bodiless
from autoshares_cancel.mock._settings import Answer
from autoshares_cancel.mock._state import ServerState
from autoshares_cancel.mock.api.token import example
from autoshares_cancel.mock.exchange.fates import Fate
from autoshares_cancel.mock.faults.armed import Armed, Chosen, choose
from autoshares_cancel.mock.faults.fault import Fault, When
from autoshares_cancel.mock.faults.of_scripts import scripted, unchanged
from autoshares_cancel.mock.script.fault_names import FaultName, full_name
from autoshares_cancel.mock.script.operations import ENDPOINT_AND_METHOD, Operation, check_documented
from autoshares_cancel.mock.script.step import Step, shown

LONGEST_DELAY_SECONDS = 60
SUCCESSES = range(200, 300)


class ReplyOptions(TypedDict, total=False):
    """The options of a reply. Without `json` and `text` the body is the mock's usual one for this status.

    `delay` is in seconds, 60 at most. `times` is the number of calls that get the reply, 1 by default; with None every
    call gets it. A reply that is used less often fails the test at its end, unless it is `optional`. A status that is
    not documented for the operation needs `undocumented`.
    """

    json: Any
    text: str
    headers: dict[str, str]
    delay: float
    times: int | None
    optional: bool
    undocumented: bool


@define(kw_only=True)
class Arming:
    """Arms faults for one operation. The first unused step serves the next call.

    Once all steps are used up, the exchange answers again.
    """

    state: ServerState
    operation: Operation
    name: str
    """The call that made this object, for messages."""
    order_id: int | None = None
    owner: int | str | None = None
    keep: Callable[[Step], None]
    """Keeps a step for the check at the end of the test."""

    known_options: ClassVar[Collection[str]] = ReplyOptions.__annotations__

    def fault(
        self, name: FaultName, *, when: When | None = None, times: int | None = 1, optional: bool = False
    ) -> Self:
        """Arm this fault for the next call: the reply is lost `after` the request was carried out, or `before`.

        By default `when` is the first of the fault's entry in the catalogue. Raises ValueError if the fault is unknown
        or can't strike at that time, or if the mock has no port.
        """
        if not self.state.has_wire:
            raise ValueError(f"{name} needs a wire: enter the MockServer and use its base_url, or use respond()")
        chosen = choose(full_name(name), when)
        if chosen.fault.moment == "accept":
            raise ValueError(f"{name} strikes connections, whose requests are not known yet: use reset_connections()")
        options: dict[str, object] = {} if when is None else {"when": when}
        return self._arm(chosen, shown("fault", name, **options), times, optional=optional)

    def pass_through(self, times: int = 1) -> Self:
        """Leave the next calls to the exchange: `pass_through(2).respond(500)` arms the third call."""
        chosen = Chosen(fault=unchanged("pass-through", "the reply as it is"), when="after")
        return self._arm(chosen, shown("pass_through", times), times, optional=True)

    def _respond(self, method: str, status: int, when: When, options: ReplyOptions, fate: Fate | None = None) -> Self:
        for name in options.keys() - set(self.known_options):
            raise TypeError(f"{method}() got an unexpected keyword argument {name!r}")
        if not options.get("undocumented"):
            check_documented(self.operation, status)
        chosen = Chosen(fault=self._reply(status, options), when=when, fate=fate)
        written = {name: value for name, value in options.items() if name not in {"times", "optional", "undocumented"}}
        optional = options.get("optional", False)
        return self._arm(chosen, shown(method, status, **written), options.get("times", 1), optional=optional)

    def _reply(self, status: int, options: ReplyOptions) -> Fault:
        if "json" in options and "text" in options:
            raise ValueError("a reply has either json or text, not both")
        given = _json(options["json"]) if "json" in options else options.get("text")
        body = self._usual_body(status) if given is None else given
        answer = Answer(status=status, body=body or "", headers=options.get("headers", {}))
        delay = check_seconds("delay", options.get("delay", 0), LONGEST_DELAY_SECONDS)
        return scripted(answer, own_body=body is not None, delay=delay, honest=self.operation == "cancel")

    def _usual_body(self, status: int) -> str | None:
        """Return the body that the mock sends with this status; None if the body is that of the exchange's reply."""
        if is_bodiless(status):
            return ""
        if status == HTTPStatus.OK:
            return "{}" if self.operation == "cancel" else None
        document = example(status) if self.operation == "token" else None
        if document is None and self.state.settings.bodies == "guide":
            method = ENDPOINT_AND_METHOD[self.operation][1]
            document = guide_document(status, method=method, path="/api")
        return "" if document is None else json_format.dumps(document)

    def _arm(self, chosen: Chosen, call: str, times: int | None, *, optional: bool) -> Self:
        endpoint, method = ENDPOINT_AND_METHOD[self.operation]
        written = call if times == 1 else f"{call[:-1]}, times={times})"
        step = Step(text=f"{self.name}.{written}", times=times, optional=optional)
        armed = Armed(
            chosen=chosen,
            endpoint=endpoint,
            method=None if endpoint == "token" else method,
            order_id=self.order_id,
            times=step.armed_times,
            owner=self.owner,
            step=step,
        )
        self.state.faults.arm(armed)
        self.keep(step)
        return self


@define(kw_only=True)
class ReplyArming(Arming):
    """Arms replies and faults for readings, lists or log-ins."""

    def respond(self, status: int, **options: Unpack[ReplyOptions]) -> Self:
        """Answer the next call with this status, from 100 to 599; no I/O.

        A success is the reply of the exchange, with the given body if there is one. With any other status the request
        is not carried out. Raises ValueError for a reply that can't be sent, and for an undocumented status without
        `undocumented`.
        """
        return self._respond("respond", status, "after" if status in SUCCESSES else "before", options)

    def then(self, status: int, **options: Unpack[ReplyOptions]) -> Self:
        """Answer the calls that follow those armed already; works like `respond`."""
        return self._respond("then", status, "after" if status in SUCCESSES else "before", options)


def _json(value: object) -> str:
    try:
        return json_format.dumps(value)
    except (TypeError, ValueError, RecursionError) as problem:
        raise ValueError(f"json must be what JSON can hold: {problem}") from problem
