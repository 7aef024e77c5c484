"""Copies of the generated modules with one status more or less, and of the modules that handle them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from autoshares_openapi.api.orders import cancel_order, cancel_order_at_venue, get_order, list_orders
from autoshares_openapi.api.tokens import get_token

ROOT = Path(__file__).parents[2]
TOUCHING = (
    "_auth/login.py",
    "_cancel/outcomes.py",
    "_cancel/replies.py",
    "_cancel/success.py",
    "_engine/requests.py",
    "_http/brought.py",
    "_values/contract.py",
)
"""The modules that import the generated package; tests/unit/test_exports.py checks that the list is complete."""
CHANGED = "changed"
"""The folder of the changed operation modules. Modules that use one are copied to a folder named after the change."""


@frozen
class Operation:
    """A generated module, its documented statuses, an undocumented one, and the module that handles them."""

    path: Path
    documented: tuple[int, ...]
    undocumented: int
    handled_in: str


API = Path("generated", "autoshares_openapi", "api")
OPERATIONS = {
    "cancel_order": Operation(API / "orders" / "cancel_order.py", cancel_order.STATUSES, 410, "_cancel/outcomes.py"),
    "cancel_order_at_venue": Operation(
        API / "orders" / "cancel_order_at_venue.py", cancel_order_at_venue.STATUSES, 202, "_cancel/outcomes.py"
    ),
    "get_order": Operation(API / "orders" / "get_order.py", get_order.STATUSES, 404, "_cancel/replies.py"),
    "list_orders": Operation(API / "orders" / "list_orders.py", list_orders.STATUSES, 404, "_cancel/replies.py"),
    "get_token": Operation(API / "tokens" / "get_token.py", get_token.STATUSES, 403, "_auth/login.py"),
}


@frozen
class Change:
    """A specification that gains or loses one status of one operation."""

    operation: str
    statuses: tuple[int, ...]
    name: str


def changes() -> Iterator[Change]:
    for name, operation in OPERATIONS.items():
        documented, added = operation.documented, operation.undocumented
        yield Change(name, documented, f"{name}_as_it_is")
        yield Change(name, tuple(sorted((*documented, added))), f"{name}_gains_{added}")
        for removed in documented:
            rest = tuple(status for status in documented if status != removed)
            yield Change(name, rest, f"{name}_loses_{removed}")


CHANGES = {change.name: change for change in changes()}
AS_THEY_ARE = [f"{name}_as_it_is" for name in OPERATIONS]


def changed(source: str, statuses: tuple[int, ...]) -> str:
    """The module that would be generated for an operation with these statuses."""
    listed = ", ".join(map(str, statuses))
    media_types = ", ".join(f"{status}: ()" for status in statuses)
    for pattern, replacement in (
        (r"^Status = Literal\[.*?\]$", f"Status = Literal[{listed}]"),
        (r"^(STATUSES: .*? = )\(.*?^\)$", rf"\g<1>({listed},)"),
        (r"^(MEDIA_TYPES: .*? = )\{.*?^\}$", rf"\g<1>{{{media_types}}}"),
    ):
        source, count = re.subn(pattern, replacement, source, flags=re.MULTILINE | re.DOTALL)
        assert count == 1, pattern
    return source


def import_of_change(source: str, change: Change) -> str:
    """The source, with the operation imported from the changed module."""

    def divided(line: re.Match[str]) -> str:
        rest = [name for name in line["names"].split(", ") if name != change.operation]
        kept = f"{line['from']} import {', '.join(rest)}\n" if rest else ""
        return f"{kept}from {CHANGED} import {change.name} as {change.operation}"

    pattern = rf"^(?P<from>from autoshares_openapi\.api\.\w+) import (?P<names>.*\b{change.operation}\b.*)$"
    return re.sub(pattern, divided, source, flags=re.MULTILINE)


def imported(source: str) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in nodes for alias in node.names}


def apply(change: Change, workspace: Path) -> None:
    """Write the changed module of the operation, and copies of the modules that use it."""
    source = (ROOT / OPERATIONS[change.operation].path).read_text(encoding="utf-8")
    source = re.sub(r"^from \.\.\.", "from autoshares_openapi.", source, flags=re.MULTILINE)
    (workspace / CHANGED / f"{change.name}.py").write_text(changed(source, change.statuses), encoding="utf-8")
    (workspace / change.name).mkdir()
    for name in TOUCHING:
        source = (ROOT / "overrides" / "autoshares_cancel" / name).read_text(encoding="utf-8")
        copy = import_of_change(source, change)
        assert change.operation not in imported(copy), name
        if copy != source:  # the module uses this operation
            (workspace / change.name / name).parent.mkdir(exist_ok=True)
            (workspace / change.name / name).write_text(copy, encoding="utf-8")
