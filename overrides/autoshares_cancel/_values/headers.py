"""The headers of a reply that the client keeps. A broker finds a request in its logs by them. All others are dropped.

1. Date and Retry-After: the client decides with them.
2. Ids of requests, as servers, proxies and tracing send them: a trader's desk quotes them to the broker.
3. Server: whether the broker or something in front of it replied.
4. Never a cookie, a location, or any header that may contain a credential by its purpose.
"""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Final

KEPT: Final = (
    "Date",
    "Retry-After",
    "Server",
    "X-Request-Id",
    "Request-Id",
    "X-Correlation-Id",
    "Correlation-Id",
    "X-Trace-Id",
    "Traceparent",
    "X-Ms-Request-Id",
    "X-Azure-Ref",
    "X-Amzn-RequestId",
    "X-Amzn-Trace-Id",
    "X-Amz-Cf-Id",
    "CF-Ray",
)
NAMES: Final = {name.lower().encode(): name for name in KEPT}
"""The name of each kept header, by its lower case as bytes."""


class Headers(Mapping[str, str]):
    """Headers by name, in any case. Can't be changed, has a hash, and equals a dict with the same items."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._by_name = {} if headers is None else dict(headers.items())

    def __getitem__(self, name: str) -> str:
        value = self._by_name.get(name)  # by its usual name, which is fast
        return self._in_any_case(name) if value is None else value

    def _in_any_case(self, name: str) -> str:
        for known, value in self._by_name.items():
            if known.lower() == name.lower():
                return value
        raise KeyError(name)

    def items(self) -> ItemsView[str, str]:
        return self._by_name.items()

    def values(self) -> ValuesView[str]:
        return self._by_name.values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __hash__(self) -> int:
        return hash(frozenset(self._by_name.items()))

    def __repr__(self) -> str:
        return repr(self._by_name)
