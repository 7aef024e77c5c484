"""The plan of a run: the requests that an honest server would get, found by a run against a supposed one."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from autoshares_cancel import ConfigurationError
from autoshares_cancel._validation import check_base_url
from autoshares_cancel.contract.report.masking import Mask
from autoshares_cancel.contract.run import run_suite
from autoshares_cancel.contract.server.preflight import check
from autoshares_cancel.contract.server.scenario_table import UNKNOWN, TableError, read_table
from autoshares_cancel.contract.server.target import TargetError, find_target, variables
from autoshares_cancel.contract.supposed import SUPPOSED, Supposed, serving

LONGEST = 160
"""Characters of a line: one target has thousands."""


def plan(base_url: str, *, scenarios: Path | None) -> Iterator[str]:
    """The lines of the plan; sends nothing to the server. Raises TargetError or PreflightError.

    How many pages a list has, and how often a limited rate makes it repeat a request, only the server knows.
    """
    try:
        base_url = check_base_url(base_url)
        table = read_table(scenarios) if scenarios else UNKNOWN
    except (ConfigurationError, TableError) as problem:
        raise TargetError(str(problem)) from problem
    supposed = Supposed(table, variables())
    with serving(supposed, urlsplit(base_url).path) as local, TemporaryDirectory() as folder:
        chosen = {"CONTRACT_BASE_URL": local, "CONTRACT_SCENARIOS": str(scenarios or "")}
        check(find_target(variables(**chosen)).aim(local))
        run_suite(local, scenarios=scenarios, report=Path(folder), junit=None, quiet=True)
    origin, mask = base_url.removesuffix(urlsplit(base_url).path), Mask({"AUTOSHARES_TOKEN": SUPPOSED, **variables()})
    for (method, target), count in Counter((method, mask(target)) for method, target in supposed.seen).items():
        yield f"{count:4} x {method} {origin if target.startswith('/_mock/') else base_url}{target}"[:LONGEST]
    named = [number for number in table.orders.get("open", ()) if number in supposed.cancelled]
    yield f"{len(supposed.seen)} requests; orders that would be cancelled: {', '.join(map(str, named)) or 'none'}"
