"""Opens batches, and cancels each of their orders: the same for Batch and AsyncBatch."""

from collections.abc import AsyncIterable, Iterable
from functools import partial
from typing import Any

from autoshares_cancel._batch.item import BatchItem
from autoshares_cancel._batch.options import BatchOptions
from autoshares_cancel._batch.state import BatchState
from autoshares_cancel._batch.tasks import AsyncBatch
from autoshares_cancel._batch.threads import Batch
from autoshares_cancel._engine.engine import Engine
from autoshares_cancel._engine.run import run
from autoshares_cancel._values.order import O
from autoshares_cancel.errors import ConfigurationError


def open_batch(engine: Engine, orders: Iterable[O], options: BatchOptions) -> Batch[O]:
    """Open a batch that uses threads, for a blocking engine. Raises ConfigurationError."""
    state = state_of(engine, options)
    return Batch(orders, state, lambda item: run(cancel_item(engine, state, item)))


def open_async_batch(engine: Engine, orders: Iterable[O] | AsyncIterable[O], options: BatchOptions) -> AsyncBatch[O]:
    """Open a batch that uses tasks, for an engine in an event loop. Raises ConfigurationError."""
    state = state_of(engine, options)
    return AsyncBatch(orders, state, partial(cancel_item, engine, state))


def state_of(engine: Engine, options: BatchOptions) -> BatchState:
    """Make the state of a new batch. Raises ConfigurationError for a closed client and for a missing extra."""
    engine.check_open()
    deadline = engine.settings.deadline if options.deadline is None else options.deadline
    return BatchState(options, engine.settings.clock, deadline, engine.tokens.cache.rounds)


async def cancel_item(engine: Engine, state: BatchState, item: BatchItem[Any]) -> None:
    """Cancel one order of a batch, and set the outcome of its item, even if this is interrupted."""
    call, options = None, state.options
    try:
        engine.backend.check_process_and_loop()
        while (wait := state.seconds_before(item)) > 0:
            await engine.backend.sleep(wait)
        if item.outcome is not None:
            return
        call = engine.begin_checked(
            *item.ids(),
            state.shortened(state.order_deadline),
            confirm=options.confirm,
            venue=options.venue,
            in_doubt=state.in_doubt(item),
            reference=options.reference,
            resolve=options.resolve,
            retry=options.retry,
        )
        call.batch, call.rounds = state, state.rounds
        await engine.cancel(call)
    except ConfigurationError as error:
        item.outcome = error
    finally:
        if call is not None:
            item.outcome, item.is_late = call.outcome, call.deadline.remaining() <= 0
