"""A run of `make bench`: its servers and its numbers of calls and rounds."""

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen
from bench.contest import Entrant
from bench.measuring import peer
from bench.servers import Server, Servers

IN_FLIGHT: Final = 64
"""The usual number of calls in flight."""


@frozen
class Program:
    """The size of a run: complete, or quick with a tenth of the calls and two rounds."""

    servers: Servers
    is_quick: bool = False

    def rounds(self, number: int) -> int:
        return 2 if self.is_quick else number

    def calls(self, number: float) -> int:
        return max(100, round(number / 10 if self.is_quick else number))

    def entrant(
        self,
        label: str,
        module: str,
        server: Callable[[], Server],
        calls: float,
        in_flight: int = 1,
        settings: Mapping[str, str] | None = None,
    ) -> Entrant:
        """A peer with a number of calls. `settings` are environment variables."""
        count = self.calls(calls)
        return Entrant(label, lambda: peer(module, server(), count=count, in_flight=in_flight, settings=settings))
