"""The facts of the specification that the checks need.

The wheel has autoshares.yaml inside this package; a checkout has it only in openapi/, so that no copy can differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from attrs import field, frozen

from autoshares_cancel.contract.server.scenario_table import Documented

PACKAGE = Path(__file__).parents[1]
IN_WHEEL, IN_CHECKOUT = PACKAGE / "autoshares.yaml", PACKAGE.parents[2] / "openapi" / "autoshares.yaml"
SPECIFICATION_FILE = IN_WHEEL if IN_WHEEL.is_file() else IN_CHECKOUT
SPECIFICATION: dict[str, Any] = yaml.safe_load(SPECIFICATION_FILE.read_text(encoding="utf-8"))
_METHODS = {"delete", "get", "head", "options", "patch", "post", "put", "trace"}


@frozen(kw_only=True)
class Operation:
    """One operation: its method, its path template, and the media types of its replies by status.

    `query` has the required query parameters, with the values of their examples.
    """

    method: str
    path: str
    replies: dict[int, tuple[str, ...]] = field(factory=dict[int, tuple[str, ...]])
    query: dict[str, Any] = field(factory=dict[str, Any])

    def target(self, **values: object) -> str:
        """Return the path with the names in braces filled in, and the query."""
        path = self.path.format(**values)
        return f"{path}?{urlencode(self.query)}" if self.query else path


OPERATIONS: dict[str, Operation] = {
    operation["operationId"]: Operation(
        method=method.upper(),
        path=path,
        replies={int(status): tuple(reply.get("content", ())) for status, reply in operation["responses"].items()},
        query={
            parameter["name"]: parameter["example"]
            for parameter in operation["parameters"]
            if parameter.get("in") == "query" and parameter["required"]
        },
    )
    for path, item in SPECIFICATION["paths"].items()
    for method, operation in item.items()
    if method in _METHODS
}

DOCUMENTED: tuple[Documented, ...] = tuple(
    (name, status, media_type)
    for name, operation in OPERATIONS.items()
    for status, media_types in operation.replies.items()
    for media_type in media_types or ("",)
)
"""Every documented reply."""
