"""The plan of a run: the requests that a conforming server would get, recorded in a run against a local stand-in."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from autoshares_cancel import ConfigurationError
from autoshares_cancel._validation import check_base_url
from autoshares_cancel.contract.given import FILE, Given
from autoshares_cancel.contract.report.masking import Mask
from autoshares_cancel.contract.run import run_suite
from autoshares_cancel.contract.server.sacrifices import VARIABLE, replace_open, unused_numbers
from autoshares_cancel.contract.server.scenario_table import UNKNOWN, TableError, read_table
from autoshares_cancel.contract.server.target import TargetError, variables
from autoshares_cancel.contract.supposed import SUPPOSED, Supposed, serving

LONGEST = 160
"""Longest line in characters: the target of one request has thousands."""


def plan(base_url: str, *, scenarios: Path | None, given: Given = FILE) -> Iterator[str]:
    """Yield the lines of the plan. Sends nothing to the server. Raises TargetError or PreflightError.

    The plan can't know how many pages a list has, which orders it names, or how often a rate limit repeats a request.
    """
    numbers = given.numbers(base_url, scenarios)
    try:
        base_url = check_base_url(base_url)
        table = read_table(scenarios) if scenarios else UNKNOWN
    except (ConfigurationError, TableError) as problem:
        raise TargetError(str(problem)) from problem
    listed = unused_numbers(table, given.newest or 0)
    if numbers or listed:
        table = replace_open(table, numbers or listed, VARIABLE)
    supposed = Supposed(table, variables())
    with serving(supposed, urlsplit(base_url).path) as local, TemporaryDirectory() as folder:
        orders = given.prepare(local, scenarios=scenarios, numbers=numbers).open_orders
        run_suite(local, scenarios=scenarios, report=Path(folder), junit=None, open_orders=orders, quiet=True)
    origin, mask = base_url.removesuffix(urlsplit(base_url).path), Mask({"AUTOSHARES_TOKEN": SUPPOSED, **variables()})
    for (method, target), count in Counter((method, mask(target)) for method, target in supposed.seen).items():
        yield f"{count:4} x {method} {origin if target.startswith('/_mock/') else base_url}{target}"[:LONGEST]
    if listed:
        yield f"supposed, because a plan lists no orders: the account's newest open orders are {_joined(listed)}"
    named = [number for number in table.orders.get("open", ()) if number in supposed.cancelled]
    yield f"{len(supposed.seen)} requests; orders that would be cancelled: {_joined(named) or 'none'}"


def _joined(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
