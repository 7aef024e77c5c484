"""Cancels what is open in an account when a block ends: the same for both clients, but for how they wait.

1. The cancel is a cancel_all with its own deadline. It begins when the block has ended.
2. An exception of the block goes on, whatever becomes of the cancel. A failure of the cancel is then logged, and added
   to that exception as a note. Without an exception of the block, the failure of the cancel is raised.
3. An interruption of the cancel itself, such as a second Ctrl-C, is logged and raised. The exception of the block
   is its context, and has the note.
4. Only the process that began the block cancels: a forked child that leaves it does nothing.
"""

from functools import partial
from typing import Final, Literal, Self, get_args

from autoshares_cancel._batch.account import CancelBatch, cancel_all, cancel_in_tasks, cancel_in_threads
from autoshares_cancel._batch.many import state_of
from autoshares_cancel._batch.options import BatchOptions
from autoshares_cancel._batch.sweep import AllCancelled
from autoshares_cancel._engine.engine import Engine
from autoshares_cancel._engine.events import LOG
from autoshares_cancel._engine.fork import call_in_child
from autoshares_cancel._engine.run import run
from autoshares_cancel._validation import check_flag, check_id, check_seconds
from autoshares_cancel._values.order_filter import OrderFilter
from autoshares_cancel.errors import AutosharesError, ConfigurationError

When = Literal["error", "always"]
WHEN: Final[tuple[When, ...]] = get_args(When)


class _OnExit:
    """What both context managers share."""

    def __init__(
        self,
        engine: Engine,
        account_id: int,
        deadline: float,
        *,
        when: When,
        held: bool,
        wanted: OrderFilter | None,
        options: BatchOptions,
    ) -> None:
        self._engine, self._options, self._wanted = engine, options, wanted
        self._account_id = check_id("account_id", account_id)
        self._deadline = check_seconds("deadline", deadline)
        self._held = check_flag("held", held)
        if when not in WHEN:
            raise ConfigurationError(f'when must be "error" or "always", not {when!r}')
        self._when = when
        state_of(engine, options)  # raises ConfigurationError for a closed client and for a missing extra
        self._is_inherited = False
        self.result: AllCancelled | None = None
        """The result of the cancel; None if there was none, or if it failed."""
        self.failure: BaseException | None = None
        """Why orders may be open: OrdersRemain, AuthenticationError, or what interrupted the cancel. None otherwise."""
        call_in_child(self, _OnExit._inherited)

    def _inherited(self) -> None:
        self._is_inherited = True

    def _is_due(self, error: BaseException | None) -> bool:
        return not self._is_inherited and (self._when == "always" or error is not None)

    async def _cancel(self, cancel_batch: CancelBatch) -> None:
        """Cancel, and keep the result or the failure. Raises only what interrupts it."""
        self.result = self.failure = None
        try:
            self.result = await cancel_all(
                self._engine,
                self._account_id,
                self._deadline,
                held=self._held,
                wanted=self._wanted,
                options=self._options,
                cancel_batch=cancel_batch,
            )
        except BaseException as failure:
            self.failure = failure
            if not isinstance(failure, Exception):
                raise

    def _conclude(self, going_on: BaseException | None) -> None:
        """Log a failure of the cancel, and note it on the exception that goes on; without one, raise it."""
        if self.failure is None:
            return
        if going_on is None:
            raise self.failure
        problem = f"{type(self.failure).__name__} ended the cancel, and orders may be open"
        if isinstance(self.failure, AutosharesError):
            problem = str(self.failure)  # the message of another exception may contain secrets
        fields = {"account_id": self._account_id, "outcome": type(self.failure).__name__, "detail": problem}
        LOG.error("cancel_on_exit of account %(account_id)s: %(detail)s", fields, extra=fields)
        going_on.add_note(f"cancel_on_exit of account {self._account_id}: {problem}")
        if self.failure is not going_on:
            self.failure.__traceback__ = None  # its frames would live as long as the failure


class CancelOnExit(_OnExit):
    """The result of Client.cancel_on_exit: a context manager that cancels when its block ends.

    Ctrl-C during the cancel interrupts it, is logged, and is raised. A forked child that leaves the block cancels
    nothing.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not self._is_due(error):
            return
        try:
            run(self._cancel(cancel_in_threads))
        except BaseException as interruption:
            self._conclude(interruption if error is None else error)
            raise
        self._conclude(error)


class AsyncCancelOnExit(_OnExit):
    """The result of AsyncClient.cancel_on_exit: an asynchronous context manager that cancels when its block ends."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not self._is_due(error):
            return
        from autoshares_cancel._engine import event_loops  # noqa: PLC0415  # imports anyio, on first use

        try:
            await event_loops.finish(partial(self._cancel, cancel_in_tasks))  # at most for the deadline of cancel_all
        except BaseException as interruption:
            self._conclude(interruption if error is None else error)
            raise
        self._conclude(error)
