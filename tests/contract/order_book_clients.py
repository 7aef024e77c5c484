"""The clients of test_order_book.py: opened when first used, and open until the end."""

from contextlib import ExitStack

from attrs import define, field
from contract.order_book_model import Who
from support.clients import Caller, open_caller

from autoshares_cancel import PasswordCredentials, TokenCredentials
from autoshares_cancel.mock import MockServer

APP_KEY = "demo-app-key"
PASSWORDS = {"trader": "correct-horse", "other": "battery-staple"}


@define
class Clients:
    """One client for each `Who`, until it is replaced."""

    _callers: dict[Who, Caller] = field(factory=dict[Who, Caller], init=False)
    _open: ExitStack = field(factory=ExitStack, init=False)

    def find(self, who: Who, server: MockServer) -> Caller:
        """Give the client; a new one without a password gets one token, and never another."""
        if who not in self._callers:
            credentials = password_of(who) if who.has_password else token_for(who, server)
            caller = open_caller(who.client_kind, base_url=server.base_url, credentials=credentials)
            self._callers[who] = self._open.enter_context(caller)
        return self._callers[who]

    def replace(self, who: Who) -> None:
        """Drop the client, so that the next use opens a new one without a token."""
        self._callers.pop(who, None)

    def close(self) -> None:
        """Close all that were opened."""
        self._open.close()


def password_of(who: Who) -> PasswordCredentials:
    return PasswordCredentials(app_key=APP_KEY, username=who.user, password=PASSWORDS[who.user])


def token_for(who: Who, server: MockServer) -> TokenCredentials:
    token = server.exchange.log_in(who.user, PASSWORDS[who.user]).token
    return TokenCredentials(app_key=APP_KEY, token=token or "")
