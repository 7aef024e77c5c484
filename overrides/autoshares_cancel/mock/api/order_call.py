"""A call about an order: turns an HTTP request into a request for the rules, and their status into a reply.

The setting `rate_limit` comes before every rule: a request that it refuses is not checked further.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import ClassVar

from attrs import define
from starlette.requests import Request
from starlette.responses import Response

from autoshares_cancel.mock._replies import Document, Reply, guide_document, render
from autoshares_cancel.mock._state import ServerState
from autoshares_cancel.mock.api.headers import every
from autoshares_cancel.mock.api.rules import OrderRequest, first_status, read


@define
class OrderCall(ABC):
    """One operation on orders."""

    state: ServerState

    allow: ClassVar[str]
    """The methods that the operation's path allows."""

    async def answer(self, http: Request) -> Response:
        """Answer one request."""
        self.state.traffic.order_requests += 1
        request = read(http)
        status = self._limit() or first_status(request, self.state.exchange)
        if status is None:
            status = await self.decide(request)
        document = self.found(request) if status == HTTPStatus.OK else self._refusal(status, request)
        return render(Reply(status=status, document=document, headers=self._headers(status)), every(http, b"accept"))

    @abstractmethod
    async def decide(self, request: OrderRequest) -> int:
        """Return the status of a call that passed every rule."""

    @abstractmethod
    def found(self, request: OrderRequest) -> Document:
        """Return the body of a 200."""

    def wrong(self, request: OrderRequest) -> dict[str, str]:
        """Return complaints about the request's parameters, by their names."""
        ids = {"accountId": request.account_id, "orderId": request.order_id}
        return {name: f"{name} is not an int32" for name, value in ids.items() if value is None}

    def _limit(self) -> int | None:
        now, most = self.state.exchange.now(), self.state.settings.rate_limit
        return HTTPStatus.TOO_MANY_REQUESTS if self.state.rate.refuses(now, most) else None

    def _headers(self, status: int) -> dict[str, str]:
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            return {"Allow": self.allow}
        wait = self.state.settings.retry_after
        return {"Retry-After": str(wait)} if status == HTTPStatus.TOO_MANY_REQUESTS and wait is not None else {}

    def _refusal(self, status: int, request: OrderRequest) -> Document | None:
        if self.state.settings.bodies == "none":
            return None
        document = guide_document(status, method=request.method, path=request.path)
        wrong = {name: [complaint] for name, complaint in self.wrong(request).items()}
        if document and wrong and status == HTTPStatus.UNPROCESSABLE_ENTITY:
            return {**document, "ModelState": wrong}
        return document
