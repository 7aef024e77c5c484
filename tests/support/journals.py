"""Journals as killed runs leave them."""

from pathlib import Path
from typing import Any

from support.mock_orders import OWN

from autoshares_cancel._cli.report import as_object
from autoshares_cancel._cli.run.journal import Journal
from autoshares_cancel._cli.run.seen_orders import SeenOrders
from autoshares_cancel.mock import MockServer


def left_by(server: MockServer, path: Path, *events: tuple[int, Any], account_id: int = OWN) -> None:
    """Write the journal of a killed run at this server: each order has a kind of outcome, or None if it did not end."""
    seen_orders = SeenOrders()
    journal = Journal.open(path, server.base_url, seen_orders)
    for order_id, kind in events:
        journal.begins((account_id, order_id))
        if kind is not None:
            journal.ends(as_object(account_id, order_id, kind(account_id=account_id, order_id=order_id)))
    journal.close()
    seen_orders.close()
