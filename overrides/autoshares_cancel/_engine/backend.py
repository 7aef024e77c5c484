"""What Client and AsyncClient do differently: the protocol of their backends."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret


class Lock(Protocol):
    """A lock that the caller has acquired."""

    def release(self) -> None:
        """Release it for the next caller."""
        ...


class Backend(Protocol):
    """Waits and sends for the engine: blocking in threads, or in an event loop."""

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed."""
        ...

    def check_process_and_loop(self) -> None:
        """Raise ConfigurationError in a process or an event loop in which the client can't be used."""
        ...

    def renew(self) -> None:
        """In a forked child: replace the parent's connections and locks."""
        ...

    def exchange(
        self, request: HttpRequest, transmission: Transmission, secrets: tuple[Secret, ...]
    ) -> Awaitable[Evidence]:
        """Send a request once and return its evidence. Ends at the deadline. Never raises an error of the network."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        ...

    async def acquire(self, seconds: float) -> Lock | None:
        """Acquire the log-in lock and return it; None if it is not free within that many seconds."""
        ...

    async def second_factor(self, ask: Callable[[], object], seconds: float) -> Secret:
        """Call the caller's second_factor and return the code. Only AsyncClient can stop waiting after `seconds`.

        Raises AuthenticationError if it returns no code.
        """
        ...

    async def run_concurrently(self, work: Callable[[], Coroutine[Any, Any, object]], times: int) -> None:
        """Run this work as many times as given, at the same time, and wait for all."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
