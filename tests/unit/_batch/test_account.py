"""Open orders of an account: the events of a listing, and the options of the batches of a sweep."""

import json
from typing import Any

import pytest
from attrs import evolve
from conftest import MakeCaller
from support.clients import TLS
from support.fake_backend import ACCOUNT, GONE, SETTINGS, FakeBackend

from autoshares_cancel import AttemptEvent, Client, ConfigurationError, NoReply, Outcome, RetryPolicy
from autoshares_cancel._batch.account import cancel_all
from autoshares_cancel._batch.options import BatchOptions
from autoshares_cancel._engine.engine import Engine
from autoshares_cancel._engine.run import run
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._values.evidence import Evidence, Reply

OPTIONS = BatchOptions(concurrency=7, rate=None, confirm=True, venue=True, on_progress=print)


class Books:
    """Lists one open order twice, and then none."""

    def __init__(self) -> None:
        self._left = 2

    def __call__(self, _: HttpRequest) -> Evidence:
        listed = [{"Id": 1, "AccountId": ACCOUNT, "Status": "New"}] if self._left > 0 else []
        self._left -= 1
        return Reply(status_code=200, body=json.dumps({"Result": listed, "NextPageLink": ""}).encode())


def test_every_batch_has_the_options_of_the_sweep() -> None:
    """Batches get the caller's options and the remaining time; orders with unknown outcomes are in doubt."""
    asked = list[BatchOptions]()
    unknown = NoReply(account_id=ACCOUNT, order_id=1)

    async def cancel(_: Engine, orders: list[tuple[int, int]], options: BatchOptions) -> dict[int, Outcome]:
        assert orders == [(ACCOUNT, 1)]
        asked.append(options)
        return {1: unknown}

    settings: dict[str, Any] = {**SETTINGS, "verify": TLS, "sleep": lambda _: None, "random": lambda: 0.0}
    with Client(**settings) as client:
        FakeBackend(client, Books())
        run(cancel_all(client._engine, ACCOUNT, 60.0, held=False, options=OPTIONS, cancel_batch=cancel))
    assert [evolve(each, batch_deadline=None, in_doubt=None) for each in asked] == [OPTIONS, OPTIONS]
    assert [each.in_doubt((ACCOUNT, 1)) for each in asked if each.in_doubt] == [False, unknown]
    assert all(0 < (each.batch_deadline or 0) <= 60 for each in asked)


def test_what_no_batch_can_do_is_refused_before_anything_is_listed() -> None:
    """A wrong argument raises ConfigurationError before any I/O, not in the middle of a sweep."""
    with Client(**SETTINGS, verify=TLS) as client:
        backend = FakeBackend(client, lambda _: GONE)
        with pytest.raises(ConfigurationError, match="held must be"):
            client.cancel_all(account_id=ACCOUNT, held="no")  # type: ignore[arg-type]  # the mistake
        with pytest.raises(ConfigurationError, match="concurrency must be"):
            client.cancel_all(account_id=ACCOUNT, concurrency=0)
    assert backend.at_once_at_most == 0


def test_an_attempt_to_list_is_about_no_order(make_caller: MakeCaller) -> None:
    """Each attempt to list makes an AttemptEvent with order_id 0, numbered per page, and no OutcomeEvent."""
    events = list[Any]()
    pages = [
        Reply(status_code=500),
        Reply(status_code=200, body=b'{"Result": [{"Id": 1, "Status": "New"}], "TotalCount": 2}'),
        Reply(status_code=200, body=b'{"Result": [{"Id": 2, "Status": "New"}], "NextPageLink": ""}'),
    ]
    patient = RetryPolicy(attempts=2, base=0.001, cap=0.001)
    caller = make_caller(**SETTINGS, on_attempt=events.append, on_outcome=events.append, retry=patient)
    FakeBackend(caller.client, lambda _: pages.pop(0))
    listed: Any = caller.open_orders(ACCOUNT)
    assert [order.order_id for order in listed] == [1, 2]
    assert all(isinstance(event, AttemptEvent) for event in events)
    assert [(event.account_id, event.order_id, event.number) for event in events] == [
        (ACCOUNT, 0, 1),
        (ACCOUNT, 0, 2),
        (ACCOUNT, 0, 1),
    ]
    assert [event.attempt.what for event in events] == ["list"] * 3
