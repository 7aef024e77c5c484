"""The entries of the ledger."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Event:
    """One entry of the ledger: a step of an order.

    `at` is in seconds on the exchange's clock, `status` is the order's new status, and `quantity` the number of shares
    that were placed, executed or taken out of the book; it is 0 when a cancel becomes pending. A partial fill while a
    cancel is pending leaves the order PendingCancel.
    """

    at: float
    status: str
    account_id: int
    order_id: int
    quantity: int
