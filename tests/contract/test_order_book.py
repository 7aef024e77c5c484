"""The order book as a state machine: Hypothesis trades, both clients cancel over TCP, a model predicts the outcomes."""

from contextlib import ExitStack
from itertools import product
from typing import ClassVar

import pytest
from contract.order_book_clients import Clients
from contract.order_book_model import ACCOUNTS, OWNERS, TOKEN_LIFE_SECONDS, Entry, Identity, Model
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from support.clients import CLIENT_KINDS
from support.ports import lasting_port

from autoshares_cancel import CancelError, Cancelled, NotAuthorized, OrderConflict
from autoshares_cancel.contract.report.fixture_types import Cell
from autoshares_cancel.mock import MockServer
from autoshares_cancel.mock.exchange.exchange import Exchange
from autoshares_cancel.mock.exchange.orders import ConflictError

OUTCOMES: dict[int, type] = {204: Cancelled, 401: NotAuthorized, 409: OrderConflict}
ATTEMPTS = {(204,), (401,), (409,), (401, 204), (401, 401), (401, 409)}
"""The status sequences that one call may get."""

client_kinds = st.sampled_from(CLIENT_KINDS)
users = st.sampled_from(sorted(ACCOUNTS))


class OrderBook(RuleBasedStateMachine):
    """An exchange whose clock is moved by rules only, and clients that are opened on first use."""

    live: Bundle[int] = Bundle("live")
    tried: Bundle[int] = Bundle("tried")
    """Orders with a fill or a cancel, so that most of them are closed."""
    seen: ClassVar[set[tuple[str, tuple[int, ...]]]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.reported: list[tuple[int, int]] = []
        self.clients, self.running = Clients(), ExitStack()
        self.exchange = Exchange(clock=lambda: 0.0)
        self.model = Model(self._book())
        self.server = self.running.enter_context(MockServer(port=lasting_port(), exchange=self.exchange))

    def teardown(self) -> None:
        self.clients.close()
        self.running.close()

    @initialize(target=live)
    def find_open_orders(self) -> MultipleResults[int]:
        return multiple(73552, 73553, 73563, 73600)

    @initialize(target=tried)
    def find_closed_orders(self) -> MultipleResults[int]:
        return multiple(73562, 73564)

    @rule(target=live, user=users, quantity=st.integers(1, 3))
    def place(self, user: str, quantity: int) -> int:
        number = self.exchange.place(ACCOUNTS[user], quantity=quantity).order_id
        assert number == self.model.place(ACCOUNTS[user], quantity)
        return number

    @rule(number=live)
    def fill_partly(self, number: int) -> None:
        if self.model.book[number].left > 1:
            self._fill(number, 1)

    @rule(target=tried, number=consumes(live))
    def fill(self, number: int) -> int:
        self._fill(number, self.model.book[number].left)
        return number

    @rule(number=tried)
    def fill_again(self, number: int) -> None:
        self._fill(number, self.model.book[number].left)

    def _fill(self, number: int, shares: int) -> None:
        if shares:
            self.model.fill(number, shares)
            self.exchange.fill(number, shares)
        else:
            with pytest.raises(ConflictError):
                self.exchange.fill(number)

    @rule(target=tried, client_kind=client_kinds, number=consumes(live), has_password=st.booleans())
    def cancel(self, client_kind: str, number: int, *, has_password: bool) -> int:
        account_id = self.model.book[number].account_id
        self._cancel(Identity(client_kind, OWNERS[account_id], has_password), account_id, number)
        return number

    @rule(client_kind=client_kinds, number=tried)
    def cancel_again(self, client_kind: str, number: int) -> None:
        account_id = self.model.book[number].account_id
        self._cancel(Identity(client_kind, OWNERS[account_id]), account_id, number)

    @rule(client_kind=client_kinds, number=live | tried, own_account=st.booleans())
    def cancel_by_the_other_user(self, client_kind: str, number: int, *, own_account: bool) -> None:
        account_id = self.model.book[number].account_id
        user = "other" if OWNERS[account_id] == "trader" else "trader"
        self._cancel(Identity(client_kind, user), ACCOUNTS[user] if own_account else account_id, number)

    @rule(client_kind=client_kinds, user=users, beyond=st.integers(1, 100))
    def cancel_an_order_that_is_not_there(self, client_kind: str, user: str, beyond: int) -> None:
        self._cancel(Identity(client_kind, user), ACCOUNTS[user], max(self.model.book) + beyond)

    @rule(seconds=st.sampled_from([1, TOKEN_LIFE_SECONDS - 1, TOKEN_LIFE_SECONDS]))
    def time_passes(self, seconds: int) -> None:
        self.model.now += seconds
        self.exchange.advance(seconds)

    @rule()
    def tokens_are_revoked(self) -> None:
        self.model.forget_tokens()
        self.exchange.revoke_tokens()

    @rule()
    def the_server_is_restarted(self) -> None:
        self.running.close()
        self.server = self.running.enter_context(MockServer(port=self.server.port, exchange=self.exchange))
        self.model.forget_tokens()

    @rule(
        target=tried, client_kind=client_kinds, number=consumes(live), end=st.integers(0, 2), has_password=st.booleans()
    )
    def cancel_with_a_token_that_has_ended(self, client_kind: str, number: int, *, end: int, has_password: bool) -> int:
        # Random rules seldom combine an open order, a client with a token and the end of that token.
        account_id = self.model.book[number].account_id
        identity = Identity(client_kind, OWNERS[account_id], has_password)
        self._cancel(identity, account_id, -1)
        ends = (lambda: self.time_passes(TOKEN_LIFE_SECONDS), self.tokens_are_revoked, self.the_server_is_restarted)
        ends[end]()
        self._cancel(identity, account_id, number)
        return number

    @rule(client_kind=client_kinds, user=users, has_password=st.booleans())
    def a_client_is_replaced(self, client_kind: str, user: str, *, has_password: bool) -> None:
        identity = Identity(client_kind, user, has_password)
        self.clients.replace(identity)
        self.model.good_until.pop(identity, None)

    @invariant()
    def the_book_is_as_the_model_says(self) -> None:
        assert self._book() == self.model.book

    @invariant()
    def the_ledger_has_each_cancel_that_was_reported_and_no_other(self) -> None:
        events = [event for event in self.exchange.ledger if event.status == "Canceled"]
        assert [(event.account_id, event.order_id) for event in events] == self.reported

    def _book(self) -> dict[int, Entry]:
        return {
            number: Entry(order.account_id, order.quantity, order.status, order.executed_quantity)
            for number, order in self.exchange.orders.items()
        }

    def _cancel(self, identity: Identity, account_id: int, number: int) -> None:
        client = self.clients.find(identity, self.server)
        statuses = tuple(self.model.cancel(identity, account_id, number))
        outcome = client.cancel(account_id, number)
        assert type(outcome) is OUTCOMES[statuses[-1]], outcome
        assert isinstance(outcome, Cancelled | CancelError)
        assert (outcome.account_id, outcome.order_id) == (account_id, number)
        assert outcome.status_code == statuses[-1]
        assert tuple(attempt.status_code for attempt in outcome.attempts) == statuses
        if isinstance(outcome, Cancelled):
            self.reported.append((account_id, number))
        self.seen.add((identity.client_kind, statuses))


@pytest.mark.fuzz
def test_the_book_and_the_clients_do_what_the_model_says(cell: Cell) -> None:
    """Laws 1, 2 and 8: a call gives Cancelled exactly if the order was open and is now cancelled."""
    cell("checks", "the order book as a state machine", "both clients")
    OrderBook.seen.clear()
    shape = settings(max_examples=50, stateful_step_count=30)
    if not settings().derandomize:  # an exploring run is random, and need not reach every case below
        run_state_machine_as_test(OrderBook, settings=shape)
        return
    # Shrinking a long sequence takes minutes, so only `make fuzz` does it.
    run_state_machine_as_test(OrderBook, settings=settings(shape, phases=[Phase.generate]))
    assert {statuses for _, statuses in OrderBook.seen} == ATTEMPTS
    assert {(client_kind, statuses[-1]) for client_kind, statuses in OrderBook.seen} == set(
        product(CLIENT_KINDS, OUTCOMES)
    )
