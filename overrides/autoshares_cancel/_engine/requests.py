"""Builds the requests of a client with the generated operations, and adds its credentials."""

from collections.abc import Mapping
from typing import Final, Protocol

from attrs import define, field

from autoshares_cancel._engine.settings import Settings
from autoshares_cancel._http.request import HttpRequest, Origin, SentHeaders, preconnect, prepare
from autoshares_cancel._retry.backend import TokenRequest, What
from autoshares_cancel._values.secret import Secret
from autoshares_openapi import UNSET, Request
from autoshares_openapi.api.orders import cancel_order, cancel_order_at_venue, get_order, list_orders

PAGE_SIZE: Final = 100
"""Orders on a page of a listing: the vendor's maximum."""


class _OfAnOrder(Protocol):
    """What builds a request about one order. An operation that needs more fails the type checkers."""

    def __call__(self, *, version: str, account_id: int, order_id: int) -> Request: ...


@define(eq=False)
class Requests:
    """Builds every request that a client sends. No I/O."""

    settings: Settings
    origin: Origin
    _last: tuple[Secret, Mapping[str, str], SentHeaders] | None = field(default=None, repr=False)
    """The token of the last request about orders, the headers of its operation, and all its headers."""

    def build_for_order(self, what: What, account_id: int, order_id: int, token: Secret, *, venue: bool) -> HttpRequest:
        """Build a request that cancels or reads an order."""
        cancel = cancel_order_at_venue.request if venue else cancel_order.request
        build: _OfAnOrder = get_order.request if what == "read" else cancel
        request = build(version=self.settings.api_version, account_id=account_id, order_id=order_id)
        return self._with_token(request, token)

    def build_for_page(self, account_id: int, number: int, status_filter: str | None, token: Secret) -> HttpRequest:
        """Build a request that lists a page of orders. Pages are numbered from 0."""
        request = list_orders.request(
            version=self.settings.api_version,
            account_id=account_id,
            page_number=number,
            page_size=PAGE_SIZE,
            filter_=UNSET if status_filter is None else status_filter,
        )
        return self._with_token(request, token)

    def build_for_token(self, request: TokenRequest, interim: Secret | None) -> HttpRequest:
        """Build a request of a log-in."""
        return self._prepare(request, interim)

    def build_for_warm_up(self) -> HttpRequest:
        """Build a request that only opens a connection. It carries no credentials."""
        return preconnect(self.origin, self.settings.app_name)

    def _with_token(self, request: TokenRequest, token: Secret) -> HttpRequest:
        """Add the credentials to a request about orders. The headers of the last one are used again, if they fit."""
        last = self._last
        if last is None or last[0] is not token or last[1] != request.headers:
            self._last = last = token, request.headers, self._prepare(request, token).headers
        return HttpRequest(request.method, self.origin, self.origin.path + request.path, last[2])

    def _prepare(self, request: TokenRequest, bearer: Secret | None) -> HttpRequest:
        settings = self.settings
        return prepare(
            request.method,
            self.origin,
            request.path,
            request.headers,
            app_key=settings.credentials.app_key,
            bearer=bearer,
            app_name=settings.app_name,
        )
