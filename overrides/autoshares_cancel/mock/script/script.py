"""A script: arms replies and faults by operation and order, and asserts which requests came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from autoshares_cancel.mock._checks import is_int32
from autoshares_cancel.mock._state import Seen, ServerState
from autoshares_cancel.mock.faults.catalogue import BY_ORDER
from autoshares_cancel.mock.script.arming import Arming, ReplyArming
from autoshares_cancel.mock.script.calls import Calls, show
from autoshares_cancel.mock.script.cancel_arming import CancelArming
from autoshares_cancel.mock.script.operations import Operation
from autoshares_cancel.mock.script.step import Step, shown

Kind = TypeVar("Kind", bound=Arming)


class Script:
    """Arms a server for one test. Without an account, it is for all accounts that have no script of their own."""

    def __init__(self, state: ServerState, *, account_id: int | None = None, username: str | None = None) -> None:
        self._state = state
        self._own = {"account_id": account_id, "username": username}
        self._steps: list[Step] = []

    def on_cancel(self, order_id: int | None = None, *, account_id: int | None = None, nth: int = 1) -> CancelArming:
        """Arm cancels of this order, both quick and at the venue; without a number, of any order.

            server.on_cancel(73552).respond(500, times=2).then(204)
            server.on_cancel(73553).fault("reset", when="after")
            server.on_cancel(nth=3).stays_pending()

        `nth`, from 1 on, is the first call that is armed; the exchange answers the calls before it. Raises ValueError
        for arguments that no request can match. No I/O.
        """
        return self._on(CancelArming, "cancel", order_id=order_id, account_id=account_id, nth=nth)

    def on_read(self, order_id: int | None = None, *, account_id: int | None = None, nth: int = 1) -> ReplyArming:
        """Arm readings of this order; without a number, of any order. Arguments as in `on_cancel`."""
        return self._on(ReplyArming, "read", order_id=order_id, account_id=account_id, nth=nth)

    def on_list(self, *, account_id: int | None = None, nth: int = 1) -> ReplyArming:
        """Arm lists of an account's orders; without a number, of any account. Arguments as in `on_cancel`."""
        return self._on(ReplyArming, "list", account_id=account_id, nth=nth)

    def on_token(self, username: str | None = None, *, nth: int = 1) -> ReplyArming:
        """Arm log-ins of this user; without a name, of any user. `nth` as in `on_cancel`."""
        return self._on(ReplyArming, "token", username=username, nth=nth)

    @property
    def requests(self) -> Sequence[Seen]:
        """The requests seen, oldest first, without those of accounts and users that have a script of their own.

        Raises RuntimeError if there were more requests than the server remembers.
        """
        traffic = self._state.traffic
        if traffic.forgotten:
            raise RuntimeError(f"{traffic.forgotten} requests are no longer remembered: use forget_requests() earlier")
        private = self._state.faults.private
        return [seen for seen in list(traffic.requests) if seen.target is None or seen.target.owner not in private]

    @property
    def cancels(self) -> Calls:
        """The cancels seen: `server.cancels.assert_called_once_with(account_id=6303, order_id=73552)`."""
        return Calls("cancel", self.requests)

    @property
    def reads(self) -> Calls:
        """The readings of single orders that were seen."""
        return Calls("read", self.requests)

    @property
    def lists(self) -> Calls:
        """The requests for lists of orders that were seen."""
        return Calls("list", self.requests)

    @property
    def tokens(self) -> Calls:
        """The log-ins that were seen."""
        return Calls("token", self.requests)

    def assert_all_used(self) -> None:
        """Raise AssertionError, with the requests seen, if a step that is not optional was not used often enough."""
        __tracebackhide__ = True
        unused = self._unused()
        if unused:
            raise AssertionError("\n  ".join(["armed and not used:", *unused]) + "\n" + show(self.requests))

    def disarm(self) -> None:
        """Withdraw every step that is left, without a complaint about unused ones."""
        self._state.faults.withdraw(self._steps)
        self._steps.clear()

    def _unused(self) -> list[str]:
        left = self._state.faults.left_of(self._steps)
        complaints = [step.complaint(left.get(place, 0)) for place, step in enumerate(self._steps)]
        return [complaint for complaint in complaints if complaint is not None]

    def _on(
        self,
        kind: type[Kind],
        operation: Operation,
        *,
        nth: int,
        order_id: int | None = None,
        account_id: int | None = None,
        username: str | None = None,
    ) -> Kind:
        _check_numbers(order_id, account_id, nth)
        if username is not None and not isinstance(username, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ValueError(f"username must be text, not {username!r}")
        given = {"account_id": account_id, "username": username, "nth": None if nth == 1 else nth}
        options = {name: value for name, value in given.items() if value is not None}
        arming = kind(
            state=self._state,
            operation=operation,
            name=shown(f"on_{operation}", *([] if order_id is None else [order_id]), **options),
            order_id=order_id,
            owner=self._owner("username", username) if operation == "token" else self._owner("account_id", account_id),
            keep=self._steps.append,
        )
        return arming if nth == 1 else arming.pass_through(nth - 1)

    def _owner(self, name: str, given: int | str | None) -> int | str | None:
        own = self._own[name]
        if own is not None and given not in {None, own}:
            raise ValueError(f"this script is for {name} {own!r}, not {given!r}")
        if own is None and given in self._state.faults.private:
            raise ValueError(f"{name} {given!r} has a script of its own: arm it there")
        return given if own is None else own


def _check_numbers(order_id: int | None, account_id: int | None, nth: int) -> None:
    for name, value in {"order_id": order_id, "account_id": account_id}.items():
        if value is not None and not is_int32(value):
            raise ValueError(f"{name} must be an int32, not {value!r}")
    if order_id in BY_ORDER:
        raise ValueError(f"order {order_id} has the fault {BY_ORDER[order_id].name} by its number, and no other")
    if not is_int32(nth) or nth < 1:
        raise ValueError(f"nth must be a number from 1 on, not {nth!r}")
