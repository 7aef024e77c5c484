"""What flows await: the protocols of their backends, and with them all that a flow can't decide by itself.

A flow is a coroutine that awaits nothing else. So what it does depends on its backend alone, which may block (Client),
wait in an event loop (AsyncClient), or follow a script (tests).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol, TypeVar

from autoshares_cancel._values.evidence import Attempt, Evidence
from autoshares_cancel._values.order import Order, OrderPage
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.token import AccessToken, Grant
from autoshares_cancel.errors import OutcomeUnknown

T_co = TypeVar("T_co", covariant=True)

What = Literal["cancel", "read", "list"]
"""What a request of a flow is for."""


class Sleeper(Protocol):
    """Lets time pass."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        ...


class OrderBackend(Sleeper, Protocol):
    """What a call about an order, or about a page of a listing, awaits."""

    def token(self, refused: AccessToken | None) -> Awaitable[Grant]:
        """Get a token that is not the refused one. Raises AuthenticationError."""
        ...

    async def send(self, what: What, token: Secret, seconds: float) -> tuple[Evidence, Attempt]:
        """Send one request with this token, for at most so many seconds: the evidence, and the attempt to remember."""
        ...


class TokenRequest(Protocol):
    """A request to /token without its host, as the generated operation builds it."""

    @property
    def method(self) -> str:
        """The HTTP method."""
        ...

    @property
    def path(self) -> str:
        """The path behind the base URL."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, with the password among them."""
        ...


class LogInBackend(Sleeper, Protocol):
    """What a log-in awaits."""

    async def ask_token(self, request: TokenRequest, interim: Secret | None) -> Evidence:
        """Send this to /token, with the interim token if there is one."""
        ...

    async def second_factor(self, ask: Callable[[], object]) -> Secret:
        """Call the caller's own function for the code. Raises AuthenticationError where it brings none."""
        ...


class ListingBackend(Protocol):
    """What a listing awaits."""

    async def page(self, number: int, status_filter: str | None) -> tuple[Evidence, OrderPage | None]:
        """Read a page, counted from 0: the evidence, and the page if there is one. Raises AuthenticationError."""
        ...


class SweepBackend(ListingBackend, Sleeper, Protocol[T_co]):
    """What a sweep of an account awaits. Its outcomes are those of the layer that cancels."""

    async def cancel_these(
        self, orders: tuple[Order, ...], in_doubt: Mapping[int, OutcomeUnknown]
    ) -> Mapping[int, T_co]:
        """Cancel these orders as a batch: the outcome of each, by its number.

        `in_doubt` has the outcomes of earlier cancels that may have been acted upon.
        """
        ...
