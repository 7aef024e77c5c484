"""The exchange: users, accounts, tokens, and the book of their orders. It does no I/O and never waits.

Every method may be called from any thread. Properties return copies, or values that never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import define, field

from autoshares_cancel.mock.exchange.book import Book
from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.seed import APP_KEY, known_orders, known_users
from autoshares_cancel.mock.exchange.tokens import Proofs, Tokens, refused
from autoshares_cancel.mock.exchange.users import LogIn, User


@define(eq=False)
class Exchange(Book):
    """A small exchange; `clock` returns seconds and never goes back."""

    _tokens: Tokens = field(init=False, repr=False)
    _users: dict[str, User] = field(factory=dict[str, User], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._tokens = Tokens(self.now)
        self.reset()

    @property
    def app_key(self) -> str:
        """The application key that is accepted."""
        return APP_KEY

    @property
    def users(self) -> dict[str, User]:
        """The users by name, as they are now."""
        with self._lock:
            return self._users.copy()

    def reset(self) -> None:
        """Restore the initial users and orders; empty the ledger, forget tokens and races, set the clock to zero."""
        with self._lock:
            self._origin = self._clock()
            self._tokens.clear()
            self._ledger.clear()
            self._races = ()
            self._late_fills.clear()
            self._users = {user.username: user for user in known_users()}
            self._replace({order.order_id: order for order in known_orders()})

    def seed(self, *, users: Iterable[User] = (), orders: Iterable[Order] = ()) -> None:
        """Add users and orders. They replace those of the same name or number. The ledger does not record them.

        Raises ValueError, and changes nothing, if no user owns an order's account, or a leg does not exist.
        """
        with self._lock:
            self._settle()
            all_users = self._users | {user.username: user for user in users}
            all_orders = self._orders | {order.order_id: order for order in orders}
            _must_be_owned(all_orders.values(), all_users.values())
            _must_have_legs(all_orders)
            self._users = all_users
            self._replace(all_orders)

    def log_in(
        self,
        username: str | None,
        password: str | None,
        *,
        interim_token: str | None = None,
        verification_code: str | None = None,
        pin_code: str | None = None,
        single_session: bool = False,
    ) -> LogIn:
        """Answer one request for a token; None stands for a missing header.

        With `single_session`, a log-in that succeeds ends the user's earlier access tokens.
        """
        proofs = Proofs(interim_token=interim_token, verification_code=verification_code, pin_code=pin_code)
        with self._lock:
            user = self._users.get(username or "")
            if user is None or user.password != password:
                return refused("BaseAuthentication", "Invalid credentials")
            answer = self._tokens.log_in(user, proofs)
            if single_session and answer.state == "Succeeded":
                self._tokens.end_others(user.username, answer.token)
            return answer

    def user_of(self, token: str) -> User | None:
        """Return the user of an access token; None for an unknown, expired or interim token."""
        with self._lock:
            known = self._tokens.access(token)
            return None if known is None else self._users.get(known.username)

    def revoke_tokens(self) -> None:
        """Make every token unknown, interim ones included."""
        with self._lock:
            self._tokens.clear()

    def place(self, account_id: int, *, order_id: int | None = None, quantity: int = 100) -> Order:
        """Open a new order, by default with the next number after the highest.

        Raises ValueError when the number is taken, or no user owns the account.
        """
        with self._lock:
            self._settle()
            number = self._index.highest() + 1 if order_id is None else order_id
            if number in self._orders:
                raise ValueError(f"order {number} is already there")
            order = Order(order_id=number, account_id=account_id, quantity=quantity, placed_at=self.now())
            _must_be_owned([order], self._users.values())
            return self._note(order, quantity)


def _must_be_owned(orders: Iterable[Order], users: Iterable[User]) -> None:
    owned = {account_id for user in users for account_id in user.accounts}
    for order in orders:
        if order.account_id not in owned:
            raise ValueError(f"order {order.order_id} is of account {order.account_id}, which no user owns")


def _must_have_legs(orders: Mapping[int, Order]) -> None:
    for order in orders.values():
        for leg in order.legs:
            if leg not in orders or orders[leg].account_id != order.account_id:
                raise ValueError(f"order {order.order_id} has the leg {leg}, which account {order.account_id} has not")
