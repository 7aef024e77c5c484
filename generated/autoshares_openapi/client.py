# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""What has to be sent, for any HTTP client."""

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class Request:
    """A request without its credentials and without the server: the path goes behind the base URL."""

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """Never printed: the log-in carries its password here."""
