# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""Contains all the data models used in inputs/outputs"""

from .cancel_reply import CancelReply
from .order_page_reply import OrderPageReply
from .order_reply import OrderReply
from .token_reply import TokenReply

__all__ = (
    "CancelReply",
    "OrderPageReply",
    "OrderReply",
    "TokenReply",
)
