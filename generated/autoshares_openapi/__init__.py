# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""Autoshares Trader as the specification describes it: requests, statuses, models, and how httpx sends."""

from .client import Request, asend, send
from .errors import UnreadableBody
from .types import UNSET, Unset

__all__ = ["UNSET", "Request", "UnreadableBody", "Unset", "asend", "send"]
