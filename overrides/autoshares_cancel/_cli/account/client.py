"""A client that lets its caller cancel the orders of an account batch by batch."""

from collections.abc import Sequence
from typing import Any

from autoshares_cancel._async_client import AsyncClient
from autoshares_cancel._batch.account import CancelBatch, cancel_all
from autoshares_cancel._batch.options import BatchOptions
from autoshares_cancel._values.order_filter import OrderFilter


class AccountClient(AsyncClient):
    """Its methods raise what `cancel` raises."""

    async def settle(self, account_id: int, in_doubt: Sequence[int], terms: BatchOptions, cancel: CancelBatch) -> None:
        """Cancel these orders of an account as one batch."""
        await cancel(self._engine, [(account_id, order_id) for order_id in in_doubt], terms)

    async def sweep(
        self,
        account_id: int,
        wanted: OrderFilter | None,
        terms: BatchOptions,
        cancel: CancelBatch,
        **listing: Any,
    ) -> None:
        """Cancel the open orders that are wanted; `listing` has `deadline` and `held`. Raises as cancel_all."""
        await cancel_all(self._engine, account_id, wanted=wanted, options=terms, cancel_batch=cancel, **listing)
