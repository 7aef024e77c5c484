"""Control of a mock from Python: the same as under /_mock/, without a request."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from support.http_caller import HttpCaller

from autoshares_cancel.mock import MockServer, Order, TokenAnswer, User
from autoshares_cancel.mock.exchange.orders import ConflictError


def test_orders_are_placed_seeded_filled_and_shown() -> None:
    """The methods for orders work before the server is entered, too."""
    server = MockServer()
    placed = server.place(quantity=7)
    server.seed(
        Order(order_id=5, account_id=77, status="Held"), users=[User(username="u", password="p", accounts=(77,))]
    )
    assert (server.order(placed.order_id), server.order(5).status) == (placed, "Held")
    assert server.place(account_id=77, order_id=6).account_id == 77
    assert server.fill(6, 40).executed_quantity == 40
    assert [event.order_id for event in server.ledger] == [placed.order_id, 6, 6]


def test_the_clock_tokens_and_settings(caller: HttpCaller) -> None:
    """advance, revoke_tokens and configure take effect, and reset undoes all of them."""
    server, headers = caller.server, caller.log_in()
    assert server.configure(cancel_delay=2.0, status_form="number").cancel_delay == 2.0
    assert caller.cancel(73552, headers).status_code == 204
    before = server.now
    server.advance(2)
    assert server.now >= before + 2
    assert caller.read(73552, headers).json()["Status"] == 4
    server.revoke_tokens()
    assert caller.read(73552, headers).status_code == 401
    server.configure(token_answer=TokenAnswer(status=500))
    assert caller.ask_token({"Et-App-Key": "demo-app-key"}).status_code == 500
    assert server.counters["token_requests"] == 2
    server.reset()
    assert (server.settings.cancel_delay, server.ledger, server.requests) == (0, (), [])


def test_fills_race_with_cancels(caller: HttpCaller) -> None:
    """A second race does not replace the first."""
    caller.server.configure(cancel_delay=1)
    caller.server.race(73552)
    caller.server.race(73553, quantity=30, when="after")
    headers = caller.log_in()
    assert [caller.cancel(order, headers).status_code for order in (73552, 73553)] == [409, 204]
    assert caller.server.order(73553).executed_quantity == 30


def test_faults_at_random_and_of_connections(caller: HttpCaller) -> None:
    """A rate of 1 strikes every request of the method, 0 none; connections are reset as often as armed."""
    headers = caller.log_in()
    caller.server.random_faults(1, seed=3, faults=["close"], methods=["GET"])
    assert caller.cancel(73552, headers).status_code == 204
    with pytest.raises(httpx.TransportError):
        caller.read(73552, headers)
    caller.server.random_faults(0)
    assert caller.read(73552, headers).status_code == 200
    caller.server.reset_connections()
    with httpx.Client(trust_env=False) as client:
        with pytest.raises(httpx.TransportError):
            client.get(f"{caller.server.origin}/_mock/state")
        assert client.get(f"{caller.server.origin}/_mock/state").status_code == 200


REFUSED: dict[str, tuple[Callable[[MockServer], object], str]] = {
    "an order twice": (lambda it: it.place(order_id=73552), "order 73552 is already there"),
    "an account without an owner": (lambda it: it.place(account_id=1), "is of account 1, which no user owns"),
    "no order": (lambda it: it.order(1), "there is no order 1"),
    "a clock that goes back": (lambda it: it.advance(-1), "seconds must be a number of seconds, zero or more, not -1"),
    "a setting": (lambda it: it.configure(cancel_delay=-1), "cancel_delay must be a number of seconds, zero or more"),
    "a race": (lambda it: it.race(73552, when="after"), "a race after the cancel needs a cancel that takes time"),
    "a rate": (lambda it: it.random_faults(2), "rate must be a number from 0 to 1, not 2"),
    "a method": (lambda it: it.random_faults(1, methods=["PUT"]), "methods must name DELETE, GET or both"),
    "no connection": (lambda it: it.reset_connections(0), "times must be a number from 1 to"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused(case: str) -> None:
    """A wrong argument raises ValueError with the reason, and changes nothing."""
    give, sentence = REFUSED[case]
    server = MockServer()
    with pytest.raises(ValueError, match=sentence):
        give(server)
    assert (server.ledger, server.exchange.races, server.settings.cancel_delay) == ((), (), 0)
    assert (server._state.faults.armed, server._state.faults.random_faults) == ([], None)


def test_unused_races_and_connection_resets_are_reported() -> None:
    """Unused races and connection resets raise AssertionError, unless they are optional or disarmed."""
    server = MockServer()
    server.race(73552)
    server.race(73553, optional=True)
    server.reset_connections(2)
    server.reset_connections(optional=True)
    with pytest.raises(AssertionError) as caught:
        server.assert_all_used()
    assert str(caught.value).splitlines() == [
        "armed and not used:",
        "  reset_connections(2)",
        "  race(73552, when='before')",
        "no request was seen",
    ]
    server.disarm()
    server.assert_all_used()
    assert server.exchange.races == ()


def test_what_is_done_can_not_be_filled() -> None:
    """A fill of a filled order raises ConflictError, as in the exchange."""
    with pytest.raises(ConflictError):
        MockServer().fill(73562)
