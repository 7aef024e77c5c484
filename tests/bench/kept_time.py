"""The best share of the remaining time to keep for reading the order (`KEPT` of waits): `python -m bench.kept_time`.

It runs the real flow in virtual time, at a server with log-normal latency that loses replies. It prints, for
each deadline, how many calls end without a known outcome. A lost reply also costs a new connection.
"""

import random
from collections.abc import Sequence
from typing import Final

from attrs import define, field
from support.scripted_calls import KEPT as OLD_TOKEN
from support.scripted_calls import prepare, reads, reply

from autoshares_cancel import Attempt, OutcomeUnknown, RetryPolicy
from autoshares_cancel._cancel.outcomes import outcome_of
from autoshares_cancel._engine.run import run
from autoshares_cancel._retry import waits
from autoshares_cancel._retry.backend import What
from autoshares_cancel._values.evidence import Evidence, NoResponse
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.token import AccessToken, Grant

CALLS: Final = 4_000
PARTS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
DEADLINES: Final = (1.0, 2.0, 5.0, 30.0)
LOST: Final = 0.1
"""The share of replies that are lost."""
READ_TIMEOUT: Final = 10.0
MEDIAN_SECONDS, SPREAD, CONNECT_SECONDS = 0.15, 0.8, 0.1


@define
class Server:
    """An exchange that acts on each cancel at once, but whose replies are slow or lost."""

    left: float
    chance: random.Random
    is_cancelled: bool = False
    is_connected: bool = True
    attempts: list[What] = field(factory=list[What])

    async def token(self, refused: AccessToken | None) -> Grant:
        del refused
        return OLD_TOKEN

    async def send(self, what: What, token: Secret, seconds: float) -> tuple[Evidence, Attempt]:
        del token
        took = self.chance.lognormvariate(0.0, SPREAD) * MEDIAN_SECONDS + (0 if self.is_connected else CONNECT_SECONDS)
        limit = min(seconds, READ_TIMEOUT)
        self.is_connected = took < limit and self.chance.random() >= LOST
        self.left -= took if self.is_connected else limit
        evidence = self._reply(what) if self.is_connected else NoResponse(reason="silence")
        self.is_cancelled |= what == "cancel"
        return evidence, Attempt(status_code=None, evidence=what, seconds=took)

    def _reply(self, what: What) -> Evidence:
        if what == "cancel":
            return reply(409 if self.is_cancelled else 204)
        return reads("Canceled" if self.is_cancelled else "New")

    async def sleep(self, seconds: float) -> None:
        self.left -= seconds


def known(deadline: float, seed: int) -> bool:
    """Whether a call with this deadline ends with a known outcome."""
    server = Server(deadline, random.Random(seed))
    _, call = prepare([], policy=RetryPolicy(), remaining=lambda: max(0.0, server.left))
    call.backend = server
    return not isinstance(outcome_of(run(call.run()), account_id=1, order_id=2, secrets=()), OutcomeUnknown)


def main(parts: Sequence[float] = PARTS) -> None:
    """Print the table: a line for each deadline, and a column for each part."""
    print("outcomes that stay unknown, in %; kept:", *(f"{part:>6}" for part in parts))
    for deadline in DEADLINES:
        shares = list[str]()
        for waits.KEPT in parts:
            unknown = sum(not known(deadline, seed) for seed in range(CALLS))
            shares.append(f"{unknown * 100 / CALLS:6.2f}")
        print(f"deadline {deadline:>4g} s".ljust(39), *shares)


if __name__ == "__main__":
    main()
