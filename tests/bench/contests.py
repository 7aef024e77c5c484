"""The parts of a run, by name. The targets are beside the pairs in client_contests and process_contests."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from bench import client_contests, process_contests, sweep_contests
from bench.contest import Contest
from bench.program import Program

PARTS: Final[Mapping[str, Callable[[Program], Iterator[Contest]]]] = {
    "one": client_contests.one,
    "many": client_contests.many,
    "uvloop": client_contests.uvloop,
    "trio": client_contests.trio,
    "memory": client_contests.memory,
    "import": process_contests.imports,
    "order": process_contests.order,
    "orders": process_contests.orders,
    "sweep": sweep_contests.sweep,
    "mock": process_contests.mock_server,
    "generate": process_contests.generate,
}
