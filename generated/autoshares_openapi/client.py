# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""What has to be sent, for any HTTP client."""

from collections.abc import Mapping
from urllib.parse import quote

from attrs import field, frozen


@frozen(kw_only=True)
class Request:
    """A request without its credentials and without the server: the path, with its query, goes behind the base URL."""

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """Never printed: the log-in carries its password here."""


def with_query(query: Mapping[str, bool | float | str]) -> str:
    """Give what goes behind a path: a question mark and the parameters, or nothing where there are none."""
    pairs = [f"{quote(name, safe='')}={quote(as_text(value), safe='')}" for name, value in query.items()]
    return "?" + "&".join(pairs) if pairs else ""


def as_text(value: bool | float | str) -> str:
    """Write a parameter as JSON would, but without quotes: true and false, not Python's True and False."""
    return str(value).lower() if isinstance(value, bool) else str(value)
