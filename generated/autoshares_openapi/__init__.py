# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""Autoshares Trader as the specification describes it: requests, statuses and models. It sends nothing."""

from .client import Request
from .errors import UnreadableBody
from .types import UNSET, Unset

__all__ = ["UNSET", "Request", "UnreadableBody", "Unset"]
