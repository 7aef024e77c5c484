"""A script with its own account, for tests that share a server."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypedDict

from autoshares_cancel.mock._state import Seen, ServerState
from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.seed import APP_KEY
from autoshares_cancel.mock.exchange.users import User
from autoshares_cancel.mock.script.script import Script

_PASSWORD = "correct-horse"  # noqa: S105 - of the mock


class UserCredentials(TypedDict):
    """The credentials of a user."""

    app_key: str
    username: str
    password: str


class AccountScript(Script):
    """A script with its own user and account. It does not affect other scripts, and they don't affect it.

    Leaving its context withdraws the steps that are left. If no exception leaves the context, a step that was not used
    raises AssertionError, as in `assert_all_used`.
    """

    def __init__(self, state: ServerState, account_id: int) -> None:
        self.account_id = account_id
        """The account; it has no orders at first."""
        self.username = f"trader-{account_id}"
        """The user; it owns this account only."""
        super().__init__(state, account_id=account_id, username=self.username)
        user = User(username=self.username, password=_PASSWORD, accounts=(account_id,))
        state.exchange.seed(users=[user])
        self._seen: list[Seen] = []
        for owner in (account_id, self.username):
            state.traffic.records[owner] = self._seen
            state.faults.private.add(owner)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.assert_all_used()
        finally:
            self.disarm()
            for owner in (self.account_id, self.username):
                self._state.traffic.records.pop(owner, None)

    @property
    def credentials(self) -> UserCredentials:
        """The arguments of `PasswordCredentials`: `PasswordCredentials(**script.credentials)`."""
        return {"app_key": APP_KEY, "username": self.username, "password": _PASSWORD}

    @property
    def requests(self) -> Sequence[Seen]:
        """All requests about this account and all log-ins of this user, oldest first."""
        return list(self._seen)

    def place(self, *, order_id: int | None = None, quantity: int = 100) -> Order:
        """Open an order in this account, by default with the number after the highest of all accounts.

        Raises ValueError if the number is taken. No I/O.
        """
        return self._state.exchange.place(self.account_id, order_id=order_id, quantity=quantity)
