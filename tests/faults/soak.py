"""Thousands of calls under faults, with every outcome compared with the ledger: `make soak`.

1. Rounds of single calls come first, then a batch of each kind. The first round has the printed seed, each later the
   next higher.
2. Exit code 1 when an outcome was a lie.
"""

import argparse
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator

from attrs import define, field, frozen
from faults.batch_round import BatchRound
from faults.calls import Call
from faults.outcome_check import label, lie_in
from faults.rounds import CALLS_IN_A_ROUND, Round
from support.clients import CLIENT_KINDS


@frozen
class Lie:
    """An outcome that the ledger contradicts, and its reproduction."""

    seed: int
    client_kind: str
    what: str
    call: Call

    def __str__(self) -> str:
        attempts = [(each.what, each.evidence) for each in getattr(self.call.outcome, "attempts", ())]
        where = f"LIE: seed {self.seed}, {self.client_kind}, order {self.call.order_id}"
        return f"{where}: {self.what}\n    {self.call}\n    {self.call.outcome}\n    {attempts}"


@define
class Soak:
    """Rounds one after another, and their counts."""

    seed: int
    counts: Counter[str] = field(factory=Counter[str])
    faults: Counter[tuple[str | None, str | None]] = field(factory=Counter[tuple[str | None, str | None]])
    """How often each fault struck, before or after the order was touched."""
    lies: list[Lie] = field(factory=list[Lie])

    def play(self, played: Round) -> list[Lie]:
        """Play a round, compare it with its ledger, and return its lies."""
        calls, truth = played.play()
        self.counts.update(label(call.outcome) for call in calls)
        self.faults.update((seen.fault, seen.when) for requests in truth.requests.values() for seen in requests)
        found = [(what, call) for call in calls if (what := lie_in(call, truth))]
        self.lies += (lies := [Lie(played.seed, played.client_kind, what, call) for what, call in found])
        return lies

    def rounds(self, calls: int, orders: int) -> Iterator[Round]:
        """Rounds with `calls` calls in all, then a batch of `orders` orders for each kind of client; 0 makes none."""
        for nth, done in enumerate(range(0, calls, CALLS_IN_A_ROUND)):
            client_kind = CLIENT_KINDS[(self.seed + nth) % len(CLIENT_KINDS)]
            yield Round(client_kind, self.seed + nth, min(CALLS_IN_A_ROUND, calls - done))
        for nth, client_kind in enumerate(CLIENT_KINDS if orders else ()):
            yield BatchRound(client_kind, self.seed + nth, orders, confirm=bool(nth % 2))

    def run(self, calls: int, orders: int) -> None:
        """Play rounds until all calls and batches are made; print the progress every few seconds."""
        begun, shown_at = time.monotonic(), 0.0
        for played in self.rounds(calls, orders):
            for lie in self.play(played):
                print(lie, flush=True)
            if time.monotonic() - shown_at >= 3:
                shown_at = time.monotonic()
                print(f"{shown_at - begun:6.1f} s  {self.counts.total()} calls, {len(self.lies)} lies", flush=True)
        print(*(f"{count:8}  {name}" for name, count in self.counts.most_common()), sep="\n")
        print(f"{self.counts.total()} calls in {time.monotonic() - begun:.1f} s: {len(self.lies)} lies")


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments, and play the rounds."""
    parser = argparse.ArgumentParser(prog="make soak", description="Look for outcomes that the ledger contradicts.")
    parser.add_argument("--calls", type=int, default=10_000, help="how many calls")
    parser.add_argument("--batch", type=int, default=10_000, help="how many orders in a batch of each kind")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; random by default")
    given = parser.parse_args(arguments)
    soak = Soak(secrets.randbelow(10**9) if given.seed is None else given.seed)
    print(f"make soak: to replay: make soak CALLS={given.calls} BATCH={given.batch} SEED={soak.seed}", flush=True)
    soak.run(given.calls, given.batch)
    return 1 if soak.lies else 0


if __name__ == "__main__":
    sys.exit(main())
