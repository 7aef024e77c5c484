"""Control of a mock from Python: the functions of `/_mock/` without a request.

Every method may be called from any thread, before the server is entered and while it serves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from attrs import evolve

from autoshares_cancel.mock._checks import check_seconds
from autoshares_cancel.mock._settings import Settings, SettingsOptions
from autoshares_cancel.mock._state import ServerState
from autoshares_cancel.mock.control.parsing import check_races
from autoshares_cancel.mock.exchange.ledger import Event
from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.races import Moment, Race
from autoshares_cancel.mock.exchange.seed import TRADER_ACCOUNT
from autoshares_cancel.mock.exchange.users import User
from autoshares_cancel.mock.faults.armed import DRAWABLE, Armed, RandomFaults, choose
from autoshares_cancel.mock.script.fault_names import FaultName, full_name
from autoshares_cancel.mock.script.step import Step


class ServerControl:
    """Control of one mock."""

    _state: ServerState
    _steps: list[Step]
    _races: list[Race]

    def place(self, *, account_id: int = TRADER_ACCOUNT, order_id: int | None = None, quantity: int = 100) -> Order:
        """Open a new order of `quantity` shares; by default in the trader's account, numbered after the highest.

        Raises ValueError when the number is taken, or no user owns the account.
        """
        return self._state.exchange.place(account_id, order_id=order_id, quantity=quantity)

    def seed(self, *orders: Order, users: Iterable[User] = ()) -> None:
        """Add orders in any status, and users. They replace orders with the same number and users with the same name.

        Raises ValueError, and changes nothing, if no user owns an order's account, or a leg does not exist.
        """
        self._state.exchange.seed(users=users, orders=orders)

    def order(self, order_id: int) -> Order:
        """Return an order as it is now. Raises ValueError if no order has this number."""
        orders = self._state.exchange.orders
        if order_id not in orders:
            raise ValueError(f"there is no order {order_id!r}")
        return orders[order_id]

    def fill(self, order_id: int, quantity: int | None = None) -> Order:
        """Execute `quantity` shares of an order that is open or PendingCancel, by default all that are left.

        Raises `ConflictError` for any other order, and ValueError when fewer shares are left.
        """
        return self._state.exchange.fill(order_id, quantity)

    def race(self, order_id: int, *, quantity: int = 100, when: Moment = "before", optional: bool = False) -> None:
        """Arm a fill that comes just `before` the next cancel of this order is decided, or just `after` it.

        The fill is of `quantity` shares, or of all that are left if these are fewer. A fill `after` comes while the
        order is PendingCancel; it raises ValueError while the setting `cancel_delay` is 0. Earlier races stay armed. A
        fill that does not come fails the test at its end, unless it is `optional`.
        """
        race = Race(order_id=order_id, quantity=quantity, when=when)
        races = [*self._state.exchange.races, race]
        check_races(races, self._state.settings)
        self._state.exchange.arm(races)
        self._races += [] if optional else [race]

    @property
    def ledger(self) -> tuple[Event, ...]:
        """The events of all orders since the last reset, oldest first."""
        return self._state.exchange.ledger

    @property
    def now(self) -> float:
        """The seconds on the exchange's clock since the last reset."""
        return self._state.exchange.now()

    def advance(self, seconds: float) -> None:
        """Advance the exchange's clock, so that tokens expire and pending cancels fall due.

        Raises ValueError for anything but zero or more seconds.
        """
        self._state.exchange.advance(check_seconds("seconds", seconds))

    def revoke_tokens(self) -> None:
        """Make every token unknown, so that the next call about an order gets 401."""
        self._state.exchange.revoke_tokens()

    @property
    def settings(self) -> Settings:
        """The current settings."""
        return self._state.settings

    def configure(self, **changes: Unpack[SettingsOptions]) -> Settings:
        """Change settings such as `cancel_delay=2.0` while the mock serves, and return all settings.

        Raises ValueError for an invalid value; then nothing changes.
        """
        self._state.settings = evolve(self._state.settings, **changes)
        return self._state.settings

    def random_faults(
        self,
        rate: float,
        *,
        seed: int = 0,
        faults: Iterable[FaultName] | None = None,
        methods: Iterable[str] | None = None,
    ) -> None:
        """Let a random share of all requests for orders fail. `rate` is from 0 to 1; 0 ends random faults.

        With the same seed, the same requests for an order fail in the same way. `faults` are those to draw from, by
        default all faults of requests. `methods` are DELETE, GET, or by default both. Other values raise ValueError.
        """
        named = DRAWABLE if faults is None else tuple(choose(full_name(name)).fault for name in faults)
        chosen = None if methods is None else tuple(methods)
        drawn = RandomFaults(rate=rate, seed=seed, faults=named, methods=chosen)
        self._state.faults.draw_from(drawn if rate else None)

    def reset_connections(self, times: int = 1, *, optional: bool = False) -> None:
        """Reset the next `times` connections as soon as they are made. Raises ValueError if no port is served.

        With fewer connections the test fails at its end, unless this is `optional`.
        """
        if not self._state.has_wire:
            raise ValueError("connections need a wire: enter the MockServer and use its base_url")
        step = Step(text=f"reset_connections({times})", times=times, optional=optional)
        self._state.faults.arm(Armed(chosen=choose("reset-on-accept"), times=times, step=step))
        self._steps.append(step)

    @property
    def counters(self) -> dict[str, int]:
        """The counters of the API's calls: `token_requests`, `order_requests`, `connections` and others."""
        return self._state.traffic.counters()

    def forget_requests(self) -> None:
        """Forget the requests seen so far, and reset their counters; connections keep their numbers."""
        self._state.traffic.clear()

    def reset(self) -> None:
        """Restore the initial users, orders, ledger, tokens, clock, settings and faults, and forget the requests seen.

        Raises RuntimeError while other tests have scripts at this server.
        """
        if self._state.traffic.records:
            raise RuntimeError("tests have scripts at this server, which a reset would take from them")
        self._state.reset()
