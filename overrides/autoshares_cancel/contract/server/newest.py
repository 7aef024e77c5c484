"""Finds the newest open orders of an account, for a run that is allowed to cancel them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.lists import read_page
from autoshares_cancel.contract.server.preflight import PreflightError
from autoshares_cancel.contract.server.raw import RawRequest, close_idle
from autoshares_cancel.contract.server.sacrifices import named_elsewhere
from autoshares_openapi.api.orders import list_orders
from autoshares_openapi.models import OrderPageReply, OrderReply

STATUSES: Final = ("New", "PartiallyFilled")
"""Orders in other open statuses are left out: a server may rightly refuse to cancel them."""
FILTER: Final = "Status in (0,1)"
SIZE: Final = 100
MOST_PAGES: Final = 50


def newest_open(aim: Aim, count: int) -> list[int]:
    """Return at most `count` open orders, the highest numbers first: the vendor's `Date` may be that of a change.

    Sends a log-in and GET requests. Raises PreflightError if no order is found, or the orders can't be listed.
    """
    try:
        listed = [order for page in _pages(aim) for order in page.result or ()]
    except (pytest.fail.Exception, pytest.skip.Exception) as problem:
        raise PreflightError(str(problem)) from problem
    finally:
        close_idle()
    numbers = {order.id for order in listed if _is_ours(aim, order) and isinstance(order.id, int)}
    found = sorted(numbers - named_elsewhere(aim.table), reverse=True)[:count]
    if not found:
        raise PreflightError(f"account {aim.account} lists no open order that may be cancelled")
    return found


def _is_ours(aim: Aim, order: OrderReply) -> bool:
    return order.account_id == aim.account and order.status in STATUSES


def _pages(aim: Aim) -> Iterator[OrderPageReply]:
    credentials = (("Et-App-Key", aim.key("right") or ""), ("Authorization", f"Bearer {aim.token('right')}"))
    for number in range(MOST_PAGES):
        asked = list_orders.request(account_id=aim.account, page_number=number, page_size=SIZE, filter_=FILTER)
        reply = aim.send(RawRequest(method=asked.method, target=asked.path, headers=credentials))
        page = read_page(reply)
        if not isinstance(page, OrderPageReply):
            raise PreflightError(f"a list of open orders was answered with {reply.status}, and is not a page")
        yield page
        if len(page.result or ()) < SIZE:
            return
    raise PreflightError(f"the account lists more than {MOST_PAGES * SIZE} open orders")
