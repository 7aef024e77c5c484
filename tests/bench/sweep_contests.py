"""Contests of sweeps on PostgreSQL: by number of workers, at a rate, and by size."""

from collections.abc import Iterator
from typing import Final

from bench.client_contests import ORDERS
from bench.contest import Contest, Entrant
from bench.figures import CALLS, MEGABYTES, MICROSECONDS, By, Figures, Pair, Target
from bench.process_contests import ORDERS_COMMAND, orders_with_journal
from bench.program import IN_FLIGHT, Program
from bench.sweep_measuring import ADDING, DATABASE, KEPT, STATEMENTS, WRITTEN, measured_sweep

WORKERS: Final = (1, 2, 4)
RATE, WAITING = 200, (1, 4, 16)
SIZES: Final = (1000, 10_000, 100_000, 1_000_000)
QUICK_SIZES: Final = SIZES[:2]
ROUNDS: Final = {1000: 5, 10_000: 3, 100_000: 2, 1_000_000: 1}


def sweep(program: Program) -> Iterator[Contest]:
    """Sweeps of one size with more workers, at a rate, and with one worker and more orders."""
    yield by_workers(program)
    yield at_a_rate(program)
    yield growing(program)


def by_workers(program: Program) -> Contest:
    """Workers on one machine, compared with a batch without a record and with the command with a journal."""
    count, nginx = program.calls(20_000), program.servers.nginx
    names = {number: f"sweep, {_workers(number)}" for number in WORKERS}
    one, *more = names.values()

    def entrant(number: int) -> Entrant:
        return Entrant(names[number], lambda: _swept(program, count, number))

    return Contest(
        title=f"{count:,} orders, {IN_FLIGHT} in flight in each process, PostgreSQL, nginx",
        rounds=program.rounds(5),
        entrants=[
            *map(entrant, WORKERS),
            Entrant(ORDERS_COMMAND, lambda: orders_with_journal(nginx(), count)),
            program.entrant(ORDERS, "autoshares_many", nginx, 20_000, IN_FLIGHT),
        ],
        pairs=[
            *(Pair(ours=name, peer=peer, figure=CALLS) for peer in (ORDERS, ORDERS_COMMAND) for name in names.values()),
            *(Pair(ours=name, peer=one, figure=CALLS) for name in more),
        ],
    )


def at_a_rate(program: Program) -> Contest:
    """The cost for the database of workers that wait for the common rate."""
    count = program.calls(2000)
    names = {number: f"rate {RATE}, {_workers(number)}" for number in WAITING}
    few, *more = names.values()

    def entrant(number: int) -> Entrant:
        return Entrant(names[number], lambda: _swept(program, count, number, RATE))

    return Contest(
        title=f"{count:,} orders at {RATE} requests a second, PostgreSQL, nginx",
        rounds=program.rounds(2),
        entrants=[*map(entrant, WAITING)],
        pairs=[Pair(ours=name, peer=few, figure=figure) for figure in (CALLS, DATABASE) for name in more],
    )


def growing(program: Program) -> Contest:
    """Time, memory, statements and bytes per order for growing sweeps."""
    first, *more = sizes = QUICK_SIZES if program.is_quick else SIZES

    def name(size: int) -> str:
        return f"{size:,} orders"

    def entrant(size: int) -> Entrant:
        return Entrant(name(size), lambda: _swept(program, size, 1), min(ROUNDS[size], program.rounds(5)))

    def pair(size: int, figure: str, target: Target | None = None, by: By = "ratio") -> Pair:
        return Pair(ours=name(size), peer=name(first), figure=figure, target=target, by=by)

    return Contest(
        title=f"growing sweeps, 1 worker, {IN_FLIGHT} in flight, PostgreSQL, nginx",
        rounds=program.rounds(5),
        entrants=[entrant(size) for size in sizes],
        pairs=[
            *(pair(size, MICROSECONDS, Target("≤", 1.2)) for size in more),
            *(pair(size, MEGABYTES, Target("≤", 20.0), "difference") for size in more),
            *(pair(size, figure) for figure in (ADDING, DATABASE, STATEMENTS, WRITTEN, KEPT) for size in more),
        ],
    )


def _workers(number: int) -> str:
    return f"{number} worker{'s' * (number > 1)}"


def _swept(program: Program, count: int, workers: int, rate: float | None = None) -> Figures:
    servers = program.servers
    return measured_sweep(
        servers.postgres(), servers.nginx(), count=count, workers=workers, in_flight=IN_FLIGHT, rate=rate
    )
