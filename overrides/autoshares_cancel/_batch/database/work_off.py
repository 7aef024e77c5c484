"""Works off a sweep with the engine of a client."""

from functools import partial

from autoshares_cancel._batch.database.leases import LeasedOrder
from autoshares_cancel._batch.database.limits import shared_limits
from autoshares_cancel._batch.database.sweep import Sweep
from autoshares_cancel._batch.database.work import Report, Work
from autoshares_cancel._batch.many import cancel_item, state_of
from autoshares_cancel._batch.options import BatchOptions
from autoshares_cancel._batch.tasks import AsyncBatch
from autoshares_cancel._engine.engine import Engine


async def work_off(
    engine: Engine, sweep: Sweep, concurrency: int, report: Report = lambda _order, _outcome: None
) -> int:
    """Lease, cancel and end orders until none is left or the sweep is stopped. Gives how many this process has ended.

    `report` is called with each order that has begun here and its outcome, when that is written down.

    Raises ConfigurationError, and the AuthenticationError of a log-in that failed.
    """
    clock = engine.settings.clock
    options = BatchOptions(
        concurrency=concurrency,
        rate=None,  # of all processes together, see below
        confirm=sweep.options.confirm,
        venue=sweep.options.venue,
        deadline=sweep.options.deadline,
        in_doubt=lambda order: order.is_in_doubt,
        reference=sweep.name,
        on_progress=None,
        seconds_left=lambda order: order.lease.remaining(),
    )
    state = state_of(engine, options)
    work = Work(sweep._leases(clock), sweep.is_over, state.throttle.held, concurrency, report)
    batch = AsyncBatch[LeasedOrder](work.orders(), state, partial(cancel_item, engine, state))

    def stop() -> None:
        work.stop()
        batch.stop()

    with sweep._worked_off(stop):
        async with shared_limits(sweep._database, sweep._id, sweep.options.rate, state.throttle, stop):
            await work.write(batch)
    if work.failure is not None:
        raise work.failure
    return work.written
