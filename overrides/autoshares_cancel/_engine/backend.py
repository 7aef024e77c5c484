"""What Client and AsyncClient do differently: the protocol that the engine awaits, and how Client runs coroutines."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar, cast

from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Evidence
from autoshares_cancel._values.secret import Secret

T = TypeVar("T")


class Lock(Protocol):
    """A lock that the caller holds."""

    def release(self) -> None:
        """Let the next caller have it."""
        ...


class Backend(Protocol):
    """Waits and sends for the engine: in threads that block, or in an event loop."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    def check_process_and_loop(self) -> None:
        """Raise ConfigurationError in an event loop or a process in which the client can't be used."""
        ...

    def renew(self) -> None:
        """In a forked child: give up the parent's connections and locks."""
        ...

    async def exchange(self, request: HttpRequest, transmission: Transmission, secrets: tuple[Secret, ...]) -> Evidence:
        """Send a request once. Ends at the deadline, and raises nothing that the network does."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        ...

    async def acquire(self, seconds: float) -> Lock | None:
        """The lock of the log-in; None where it is not free within so many seconds."""
        ...

    async def second_factor(self, ask: Callable[[], object], seconds: float) -> Secret:
        """Call the caller's own function for the code, within so many seconds where that is possible.

        Raises AuthenticationError where it brings none.
        """
        ...

    async def run_concurrently(self, work: Callable[[], Coroutine[Any, Any, object]], times: int) -> None:
        """Run that many of these at the same time, to their end."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine over a backend that blocks: to its end in one step, since it never suspends.

    Raises RuntimeError where it suspends all the same.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast(T, end.value)
    coroutine.close()
    raise RuntimeError("a coroutine of a blocking client has suspended")
