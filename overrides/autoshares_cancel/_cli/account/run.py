"""One run of `all`: cancels what is open in an account, and prints the outcome of every order that it began, once.

1. An order that is cancelled is printed as soon as it ends. Any other outcome may change, because the order is tried
   again; it is printed when the run ends.
2. Of an order that is still open at the end, one row says so, with its outcome in the detail. Only if it was printed as
   cancelled before, this is its second row.
3. A journal has each order before its request can leave, and its outcome before another order takes its place. Orders
   that an earlier run has left in doubt come first: they are read, and cancelled if that still works.
4. Unless a listing has shown that nothing is open, the end says that the account may not be clear.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field

from autoshares_cancel._batch.account import SHORTEST
from autoshares_cancel._batch.many import open_async_batch
from autoshares_cancel._batch.options import BatchOptions
from autoshares_cancel._batch.selection import filter_of
from autoshares_cancel._batch.tasks import AsyncBatch
from autoshares_cancel._cancel.outcomes import Cancelled, Outcome
from autoshares_cancel._cli.account.client import AccountClient
from autoshares_cancel._cli.ending import Ending
from autoshares_cancel._cli.exit_codes import REFUSALS, Exit, gravest
from autoshares_cancel._cli.output import Output
from autoshares_cancel._cli.report import EXIT_CODES, advice_on, as_object, line
from autoshares_cancel._cli.run.recorder import Recorder
from autoshares_cancel._cli.run.summary import RunSummary
from autoshares_cancel._engine.engine import Engine
from autoshares_cancel._values.about_order import cause, show_command
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.order_filter import OrderFilter
from autoshares_cancel.errors import (
    AuthenticationError,
    NotSent,
    OrderConflict,
    OrdersRemain,
    OrdersUnreadable,
    OutcomeUnknown,
)

LOOK: Final = "run the same command again, or look it up"
AGAIN: Final = "run the same command again to see what is open"

Pairs = list[tuple[int, int]]


class Stopped(Exception):
    """A signal or the output has stopped the run. No order is under way."""


@define
class AccountRun:
    """The open orders of one account, and their outcomes."""

    account_id: int
    client: AccountClient
    as_json: bool
    listing: dict[str, Any]
    """Arguments of open_orders."""
    terms: BatchOptions
    ending: Ending
    output: Output
    recorder: Recorder
    in_doubt: Sequence[int]
    """The order ids that an earlier run has left in doubt, by the journal."""
    wanted: OrderFilter | None = field(init=False)
    """The orders that the run is about; None is all."""
    code: int | None = None
    """The exit code, if the run ends before it cancels anything."""
    summary: RunSummary = field(factory=lambda: RunSummary(time.monotonic))
    _outcomes: dict[int, Outcome] = field(factory=dict[int, Outcome])
    """The last outcome of each order that was begun."""
    _codes: dict[int, int] = field(factory=dict[int, int])
    """The exit code of each order that was begun, or that remains."""
    _printed: dict[int, Outcome] = field(factory=dict[int, Outcome])
    _remaining: tuple[Order, ...] = ()
    _problem: OrdersRemain | AuthenticationError | None = None
    """Why the account may not be clear."""
    _problem_code: int = Exit.CANCELLED
    _batch: AsyncBatch[tuple[int, int]] | None = None

    def __attrs_post_init__(self) -> None:
        self.wanted = filter_of(*(self.listing[name] for name in ("symbol", "side", "older_than")))

    @property
    def name(self) -> str:
        """The account, and the filter if there is one, as messages name them."""
        return f"account {self.account_id}" + ("" if self.wanted is None else f" ({self.wanted})")

    def stop(self, task: asyncio.Task[Any]) -> None:
        """Begin no more orders; while none is under way, cancel this task."""
        if self._batch is None:
            task.cancel()
        else:
            self.output.note(self.ending.announcement())
            self._batch.stop()

    async def cancel(self) -> None:
        """Cancel until nothing is open, a signal comes, or stdout can't be written."""
        try:
            self._check()
            await self._settle_and_sweep()
        except OrdersRemain as remain:
            is_refused = remain.status_code in REFUSALS
            self._remaining, self._problem = remain.remaining, remain
            code = Exit.REFUSED if is_refused else Exit.UNKNOWN
            self._problem_code = Exit.CANCELLED if remain.remaining and not is_refused else code
        except AuthenticationError as failure:
            self._problem, self._problem_code = failure, Exit.LOG_IN
        except (Stopped, asyncio.CancelledError):
            self._note_stop()

    async def _settle_and_sweep(self) -> None:
        deadline, began_at = self.listing["deadline"], time.monotonic()
        if self.in_doubt:
            terms = evolve(self.terms, batch_deadline=deadline)
            await self.client.settle(self.account_id, self.in_doubt, terms, self._cancel_batch)
            deadline = max(deadline - (time.monotonic() - began_at), SHORTEST)
        times = {"deadline": deadline, "held": self.listing["held"]}
        await self.client.sweep(self.account_id, self.wanted, self.terms, self._cancel_batch, **times)

    def end(self) -> int:
        """Print what was not printed yet, and the counts as the last line. Returns the exit code."""
        self._print_rest()
        if self._problem is not None:
            report_account(self, self._problem, self._problem_code)
        self.output.report_losses()
        self.output.note(self.summary.last_line("nothing to cancel" if self._problem is None else "nothing cancelled"))
        unwritten = Exit.CANCELLED if self.recorder.trouble is None else Exit.UNWRITTEN
        return gravest([*self._codes.values(), self._problem_code, unwritten, self.output.exit_code()])

    @property
    def _trouble(self) -> str | None:
        """Why no order is begun any more, unless it is a signal."""
        return self.output.trouble or self.recorder.trouble

    def _check(self) -> None:
        if self.ending.is_stopping or self._trouble is not None:
            raise Stopped

    def _note_stop(self) -> None:
        why = self._trouble or f"interrupted: {AGAIN}"
        self._problem = OrdersRemain(
            account_id=self.account_id, detail=why, remaining=(), outcomes=self._outcomes, listings=0
        )
        is_unknown = self._trouble is None and self._outcomes
        self._problem_code = Exit.UNKNOWN if is_unknown else Exit.NOT_SENT

    async def _cancel_batch(self, engine: Engine, orders: Pairs, terms: BatchOptions) -> Mapping[int, Outcome]:
        """Cancel these orders, and print those that are cancelled. Raises Stopped after a signal."""
        outcomes = dict[int, Outcome]()
        self.summary.total = len({*self._codes, *(order_id for _, order_id in orders)})
        terms = evolve(terms, in_doubt=self._is_in_doubt)
        batch = self._batch = open_async_batch(engine, self._begun(orders), terms)
        try:
            async for (_, order_id), outcome in batch:
                self._note(order_id, outcome)
                outcomes[order_id] = outcome
        except asyncio.CancelledError:
            for (_, order_id), outcome in await batch.aclose():
                self._note(order_id, outcome)
            raise
        finally:
            self._batch = None
        self._check()
        return outcomes

    def _begun(self, orders: Pairs) -> Iterator[tuple[int, int]]:
        """These orders, each recorded when the batch takes it, until that fails."""
        for order in orders:
            self.recorder.begins(order)
            if self._trouble is not None:
                return
            yield order

    def _is_in_doubt(self, order: tuple[int, int]) -> bool | OutcomeUnknown:
        """Whether an earlier cancel, of this run or of one before, may have been acted upon."""
        outcome = self._outcomes.get(order[1])
        if isinstance(outcome, OutcomeUnknown):
            return outcome
        return order[1] in self.in_doubt and not isinstance(outcome, Cancelled | OrderConflict)

    def _note(self, order_id: int, outcome: Outcome) -> None:
        self.recorder.ends(as_object(self.account_id, order_id, outcome))
        self._outcomes[order_id] = outcome
        self._count(order_id, EXIT_CODES[type(outcome)])
        self.summary.ended += 1
        if isinstance(outcome, Cancelled):
            self._print(order_id, outcome)
        if self._trouble is not None and self._batch is not None:
            self._batch.stop()

    def _count(self, order_id: int, code: int) -> None:
        self._codes[order_id] = int(code)
        self.summary.counts = Counter(self._codes.values())

    def _print(self, order_id: int, outcome: Outcome) -> None:
        """Print an outcome, unless the same one was printed for this order."""
        if type(self._printed.get(order_id)) is not type(outcome):
            self._printed[order_id] = outcome
            self._row(as_object(self.account_id, order_id, outcome), line(order_id, outcome))

    def _print_rest(self) -> None:
        remaining = {order.order_id for order in self._remaining}
        for order_id, outcome in self._outcomes.items():
            if order_id not in remaining:
                self._print(order_id, outcome)
        for order in self._remaining:
            self._print_remaining(order, self._outcomes.get(order.order_id))

    def _print_remaining(self, order: Order, outcome: Outcome | None) -> None:
        """Print an order that is still open. Its exit code after Cancelled is UNKNOWN."""
        code = Exit.NOT_SENT if outcome is None else EXIT_CODES[type(outcome)] or Exit.UNKNOWN
        self._count(order.order_id, code)
        given = outcome or NotSent(account_id=self.account_id, order_id=order.order_id)
        values = as_object(self.account_id, order.order_id, given)
        detail = None if outcome is None else f"{outcome.meaning}{cause(None, values['detail'])}"
        advice = f"{LOOK}: {show_command(self.account_id, order.order_id)}"
        values |= {"outcome": "Remains", "order_status": order.status, "exit_code": int(code), "advice": advice}
        why = cause(values["status_code"], detail)
        self._row(values | {"detail": detail}, f"{order.order_id}  still open ({order.status}){why} -> {advice}")

    def _row(self, values: dict[str, Any], text: str) -> None:
        if self.as_json:
            self.output.row(json.dumps(values))
        else:
            self.output.row(text, values["exit_code"])


def report_account(run: AccountRun, problem: OrdersRemain | OrdersUnreadable | AuthenticationError, code: int) -> None:
    """Report that the account may not be clear: on stderr, and with --json as an object on stdout, too."""
    if run.as_json:
        values = problem.as_dict() | {"account_id": run.account_id, "advice": advice_on(problem)}
        run.output.row(json.dumps(values | {"exit_code": int(code)}))
    if isinstance(problem, OrdersRemain):
        run.output.note(f"{run.name} may not be clear: {problem.detail}")
    else:
        run.output.note(f"{problem} -> {advice_on(problem)}")
