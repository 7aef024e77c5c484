"""The clients of test_order_book.py: opened on first use, and closed at the end."""

from contextlib import ExitStack

from attrs import define, field
from contract.order_book_model import Identity
from support.clients import Caller, open_caller

from autoshares_cancel import PasswordCredentials, TokenCredentials
from autoshares_cancel.mock import MockServer

APP_KEY = "demo-app-key"
PASSWORDS = {"trader": "correct-horse", "other": "battery-staple"}


@define
class Clients:
    """One client for each `Identity`, until it is replaced."""

    _callers: dict[Identity, Caller] = field(factory=dict[Identity, Caller], init=False)
    _open: ExitStack = field(factory=ExitStack, init=False)

    def find(self, identity: Identity, server: MockServer) -> Caller:
        """Return the client; a new client without a password gets one token, and never a second."""
        if identity not in self._callers:
            credentials = password_of(identity) if identity.has_password else token_for(identity, server)
            caller = open_caller(identity.client_kind, base_url=server.base_url, credentials=credentials)
            self._callers[identity] = self._open.enter_context(caller)
        return self._callers[identity]

    def replace(self, identity: Identity) -> None:
        """Drop the client, so that the next use opens a new one without a token."""
        self._callers.pop(identity, None)

    def close(self) -> None:
        """Close every client that was opened."""
        self._open.close()


def password_of(identity: Identity) -> PasswordCredentials:
    return PasswordCredentials(app_key=APP_KEY, username=identity.user, password=PASSWORDS[identity.user])


def token_for(identity: Identity, server: MockServer) -> TokenCredentials:
    token = server.exchange.log_in(identity.user, PASSWORDS[identity.user]).token
    return TokenCredentials(app_key=APP_KEY, token=token or "")
