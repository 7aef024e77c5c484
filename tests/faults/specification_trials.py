"""The judges of a changed specification, as a maintainer runs them after `make generate`; the first complaint counts.

1. The validator, then the generation.
2. mypy.
3. The quick tests that compare the specification with the vendor's table and with requests.
4. pyright, and then the whole contract suite.

The difference between generated/ and the commit does not count: it would stop every change and prove nothing.
"""

import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from attrs import frozen
from faults.copies import RunError, first_failure, run

CHEAP = ("tests/contract/test_specification.py", "tests/contract/test_vendor_table.py")
SUITE = ("tests/contract", "overrides/autoshares_cancel/contract/server")
_GENERATED = "generated"


def what_stops(tree: Path) -> str | None:
    """The first complaint about the specification in this copy, or None if it could be released."""
    sound = tree.with_name(f"{tree.name}-{_GENERATED}")
    shutil.copytree(tree / _GENERATED, sound)
    try:
        return next((complaint for stop in STOPS if (complaint := stop(tree))), None)
    finally:
        shutil.rmtree(tree / _GENERATED)
        sound.rename(tree / _GENERATED)


@frozen
class Tool:
    """A command in the copy, and the line of its output with the complaint."""

    name: str
    arguments: tuple[str, ...]
    complaint: str

    def __call__(self, tree: Path) -> str | None:
        code, output = run(tree, *self.arguments)
        if code == 0:
            return None
        found = re.search(self.complaint, output, re.MULTILINE)
        if found is None:  # a broken tool would stop everything
            raise RunError(f"{self.name} did not run:\n{output}")
        return f"{self.name}: {found[0].replace(f'{tree}/', '')}"


STOPS: tuple[Callable[[Path], str | None], ...] = (
    Tool("validator", ("-m", "openapi_spec_validator", "openapi/autoshares.yaml"), r"Validation Error: .+"),
    Tool("generation", ("openapi/generate.py",), r"^(?:\w+Error|TemplateNotFound|invalid-syntax|WARNING).+"),
    Tool("mypy", ("-m", "mypy"), r"^\S+:\d+: error: .+"),
    partial(first_failure, tests=CHEAP),
    Tool("pyright", ("-m", "pyright"), r"\S+:\d+:\d+ - error: .+"),
    partial(first_failure, tests=SUITE),
)
