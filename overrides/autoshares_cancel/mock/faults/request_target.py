"""Finds the target of a request: one order, the list of an account's orders, or the log-in."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import unquote

from attrs import frozen

Endpoint = Literal["orders", "list", "token"]
"""One order, the list of an account's orders, or the log-in."""

ENDPOINTS: tuple[Endpoint, ...] = ("orders", "list", "token")
METHODS = ("DELETE", "GET")

_TARGET = re.compile(
    r"/api/(?:(?P<token>token)|v[^/?]*/accounts/"
    r"(?:(?P<of>[^/?]*)/(?:sync)?orders/0*(?P<order>-?[0-9]{1,10})|(?P<account>-?0*[0-9]{1,10})/orders))(?:\?.*)?"
)
_NUMBER = re.compile(r"-?0*[0-9]{1,10}")


@frozen(kw_only=True)
class Target:
    """The target of a request; a list and the log-in have no order."""

    endpoint: Endpoint
    method: str
    order_id: int | None = None
    account_id: int | None = None
    """The account of a list or an order; None if the path has no number for it."""
    username: str | None = None
    """The user that logs in."""

    @property
    def owner(self) -> int | str | None:
        """The account, or the user that logs in; scripts are kept apart by it."""
        return self.username if self.endpoint == "token" else self.account_id

    @property
    def drawn_as(self) -> int | str | None:
        """The name under which random faults count the request; None if no fault is drawn for it."""
        return f"list {self.account_id}" if self.endpoint == "list" else self.order_id


def read_target(method: str, url: str, username: str | None = None) -> Target | None:
    """Find the target of a request; None for anything but an order, a list of orders or a log-in."""
    found = _TARGET.fullmatch(unquote(url))
    if found is None:
        return None
    if found["token"]:
        return Target(endpoint="token", method=method, username=username)
    if found["account"]:
        return Target(endpoint="list", method=method, account_id=int(found["account"]))
    account_id = int(found["of"]) if _NUMBER.fullmatch(found["of"]) else None
    return Target(endpoint="orders", method=method, order_id=int(found["order"]), account_id=account_id)
