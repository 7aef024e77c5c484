"""The exchange: users, accounts and orders, and a ledger of what truly happened. It does no I/O and never waits.

Every method may be called from any thread. What the properties give is a copy, or never changes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from attrs import define, field, frozen

from autoshares_cancel.mock._known import APP_KEY, known_orders, known_users
from autoshares_cancel.mock._orders import ConflictError, Order
from autoshares_cancel.mock._tokens import Proofs, Tokens, refused
from autoshares_cancel.mock._users import LogIn, User


@frozen(kw_only=True)
class Event:
    """One line of the ledger: an order took a step.

    `at` is in seconds on the exchange's clock, `status` is what the order became, and `quantity` the number of shares
    that were placed, executed or taken out of the book.
    """

    at: float
    status: str
    account_id: int
    order_id: int
    quantity: int


@define(eq=False)
class Exchange:
    """A small honest exchange; `clock` gives seconds and never goes back."""

    _clock: Callable[[], float] = field(default=time.monotonic, alias="clock")
    _lock: threading.RLock = field(factory=threading.RLock, init=False, repr=False)
    _origin: float = field(init=False, default=0.0, repr=False)
    _tokens: Tokens = field(init=False, repr=False)
    _users: dict[str, User] = field(factory=dict[str, User], init=False, repr=False)
    _orders: dict[int, Order] = field(factory=dict[int, Order], init=False, repr=False)
    _ledger: list[Event] = field(factory=list[Event], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._tokens = Tokens(self.now)
        self.reset()

    @property
    def app_key(self) -> str:
        """The one application key that is right."""
        return APP_KEY

    @property
    def users(self) -> dict[str, User]:
        """The users by name, as they are now."""
        with self._lock:
            return self._users.copy()

    @property
    def orders(self) -> dict[int, Order]:
        """The orders by number, as they are now."""
        with self._lock:
            return self._orders.copy()

    @property
    def ledger(self) -> tuple[Event, ...]:
        """What has happened to orders since the last reset, oldest first."""
        with self._lock:
            return tuple(self._ledger)

    def now(self) -> float:
        """Give the seconds since the last reset, with those that `advance` added."""
        return self._clock() - self._origin

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, so that tokens grow old."""
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"a clock advances by zero or more seconds, not {seconds}")
        with self._lock:
            self._origin -= seconds

    def reset(self) -> None:
        """Go back to what is known at start: users, orders, an empty ledger, no tokens, the clock at zero."""
        with self._lock:
            self._origin = self._clock()
            self._tokens.clear()
            self._ledger.clear()
            self._users = {user.username: user for user in known_users()}
            self._orders = {order.order_id: order for order in known_orders()}

    def seed(self, *, users: Iterable[User] = (), orders: Iterable[Order] = ()) -> None:
        """Put users and orders in place, over those of the same name or number; the ledger does not mention it.

        Raises ValueError, and changes nothing, when an order's account would belong to nobody.
        """
        with self._lock:
            all_users = self._users | {user.username: user for user in users}
            all_orders = self._orders | {order.order_id: order for order in orders}
            owned = {account_id for user in all_users.values() for account_id in user.accounts}
            for order in all_orders.values():
                if order.account_id not in owned:
                    raise ValueError(f"order {order.order_id} is of account {order.account_id}, which no user owns")
            self._users, self._orders = all_users, all_orders

    def log_in(
        self,
        username: str | None,
        password: str | None,
        *,
        interim_token: str | None = None,
        verification_code: str | None = None,
        pin_code: str | None = None,
    ) -> LogIn:
        """Answer one request for a token; None stands for what the request did not bring."""
        proofs = Proofs(interim_token=interim_token, verification_code=verification_code, pin_code=pin_code)
        with self._lock:
            user = self._users.get(username or "")
            if user is None or user.password != password:
                return refused("BaseAuthentication", "Invalid credentials")
            return self._tokens.log_in(user, proofs)

    def user_of(self, token: str) -> User | None:
        """Find whose access token this is; None for an unknown, expired or interim one."""
        with self._lock:
            known = self._tokens.access(token)
            return None if known is None else self._users.get(known.username)

    def revoke_tokens(self) -> None:
        """Make every token unknown, interim ones included."""
        with self._lock:
            self._tokens.clear()

    def place(self, account_id: int, *, order_id: int | None = None, quantity: int = 100) -> Order:
        """Open a new order, by default with the number after the highest; raises ValueError when that is taken."""
        with self._lock:
            number = max(self._orders, default=0) + 1 if order_id is None else order_id
            if number in self._orders:
                raise ValueError(f"order {number} is already there")
            order = Order(order_id=number, account_id=account_id, quantity=quantity)
            self.seed(orders=[order])
            return self._note(order, quantity)

    def fill(self, order_id: int, quantity: int | None = None) -> Order:
        """Execute `quantity` shares of an open order, by default all that are left.

        Raises `ConflictError` when the order is not open or not there, and ValueError when fewer shares are left.
        """
        with self._lock:
            order = self._find(order_id)
            shares = order.leaves_quantity if quantity is None else quantity
            return self._note(order.filled(shares), shares)

    def cancel(self, account_id: int, order_id: int) -> Order:
        """Cancel an open order of this account; raises `ConflictError` for any other."""
        with self._lock:
            order = self._find(order_id)
            if order.account_id != account_id:
                raise ConflictError(f"account {account_id} has no order {order_id}")
            return self._note(order.cancelled(), order.leaves_quantity)

    def _find(self, order_id: int) -> Order:
        if order_id not in self._orders:
            raise ConflictError(f"there is no order {order_id}")
        return self._orders[order_id]

    def _note(self, order: Order, quantity: int) -> Order:
        self._orders[order.order_id] = order
        event = Event(
            at=self.now(),
            status=order.status,
            account_id=order.account_id,
            order_id=order.order_id,
            quantity=quantity,
        )
        self._ledger.append(event)
        return order
