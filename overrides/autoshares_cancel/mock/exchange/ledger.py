"""The ledger's lines."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Event:
    """One line of the ledger: an order took a step.

    `at` is in seconds on the exchange's clock, `status` is what the order became, and `quantity` the number of shares
    that were placed, executed or taken out of the book. A cancel that begins takes none; a share that is executed
    while the cancel is pending leaves the order PendingCancel.
    """

    at: float
    status: str
    account_id: int
    order_id: int
    quantity: int
