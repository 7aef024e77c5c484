"""Checks before a run that the log-in works, and that the orders have the statuses that the table names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.order_requests import READ_AS, read
from autoshares_cancel.contract.server.raw import close_idle


class PreflightError(Exception):
    """The server can't be judged; the message is one line with the reason."""


def check(aim: Aim) -> None:
    """Log in, and read every order of the table. Changes nothing at the server. Raises PreflightError.

    A mock's orders are not read, because it is reset for each test.
    """
    try:
        aim.token("right")
        problems = [] if aim.controlled or aim.unknown else list(_about_orders(aim))
    except (pytest.fail.Exception, pytest.skip.Exception) as problem:
        raise PreflightError(str(problem)) from problem
    finally:
        close_idle()
    if problems:
        raise PreflightError(f"the orders are not as the table says: {'; '.join(problems)}")


def _about_orders(aim: Aim) -> Iterator[str]:
    for kind, numbers in aim.table.orders.items():
        for number in numbers:
            _, reply, fields = read(aim, number)
            shown = fields.get("Status") if reply.status == 200 else f"answered with {reply.status}"
            if kind == "absent" and reply.status == 200:
                yield f"order {number} is {shown}, not absent"
            elif kind != "absent" and shown not in READ_AS[kind]:
                yield f"order {number} is {shown}, not {kind}"
