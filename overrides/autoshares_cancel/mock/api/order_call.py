"""A call about an order: rules on one side, HTTP on the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import ClassVar

from attrs import define
from starlette.requests import Request
from starlette.responses import Response

from autoshares_cancel.mock._replies import Document, Reply, guide_document, render
from autoshares_cancel.mock._state import Desk
from autoshares_cancel.mock.api.asked import every
from autoshares_cancel.mock.api.rules import Asked, first_word, read


@define
class OrderCall(ABC):
    """One operation on orders."""

    desk: Desk

    allow: ClassVar[str]
    """The methods that are served at the operation's path."""

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        self.desk.traffic.order_requests += 1
        asked = read(request)
        status = first_word(asked, self.desk.exchange)
        if status is None:
            status = await self.decide(asked)
        document = self.found(asked) if status == HTTPStatus.OK else self._refusal(status, asked)
        headers = {"Allow": self.allow} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        return render(Reply(status=status, document=document, headers=headers), every(request, b"accept"))

    @abstractmethod
    async def decide(self, asked: Asked) -> int:
        """Give the status of a call that passed every rule."""

    @abstractmethod
    def found(self, asked: Asked) -> Document:
        """Give what a 200 carries."""

    def wrong(self, asked: Asked) -> dict[str, str]:
        """Say what is wrong with the request's parameters, by their names."""
        ids = {"accountId": asked.account_id, "orderId": asked.order_id}
        return {name: f"{name} is not an int32" for name, value in ids.items() if value is None}

    def _refusal(self, status: int, asked: Asked) -> Document | None:
        if self.desk.settings.bodies == "none":
            return None
        document = guide_document(status, method=asked.method, path=asked.path)
        wrong = {name: [complaint] for name, complaint in self.wrong(asked).items()}
        if document and wrong and status == HTTPStatus.UNPROCESSABLE_ENTITY:
            return {**document, "ModelState": wrong}
        return document
