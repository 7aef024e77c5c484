"""Requests with the same token share one set of headers; another token has its own."""

from collections.abc import Mapping

import pytest

from autoshares_cancel import Client, TokenCredentials
from autoshares_cancel._engine.requests import Requests
from autoshares_cancel._values.secret import Secret
from autoshares_openapi import Request
from autoshares_openapi.api.orders import cancel_order

OLD, NEW = Secret("old-token"), Secret("new-token")


@pytest.fixture
def requests() -> Requests:
    credentials = TokenCredentials(app_key="demo-app-key", token=OLD)
    return Client(base_url="https://broker.example/api", credentials=credentials)._engine.requests


def headers(requests: Requests, token: Secret) -> Mapping[str, str]:
    """The headers of the next cancel."""
    return requests.build_for_order("cancel", 6303, 73552, token, venue=False).headers.by_name


def test_a_new_token_is_in_the_next_request(requests: Requests) -> None:
    """Law 6: a request has its own token, not that of the request before, which the server has refused."""
    sent = [headers(requests, token)["Authorization"] for token in (OLD, OLD, NEW, OLD)]
    assert sent == ["Bearer old-token", "Bearer old-token", "Bearer new-token", "Bearer old-token"]
    assert headers(requests, OLD) is headers(requests, OLD)


def test_headers_of_an_operation_are_sent_with_it_alone(requests: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 2: a header that the specification gives to one operation is in its requests, and in no other."""

    def request(**_: object) -> Request:
        return Request(method="DELETE", path="/v1", headers={"X-Reason": "risk"})

    assert "X-Reason" not in headers(requests, OLD)
    with monkeypatch.context() as patch:
        patch.setattr(cancel_order, "request", request)
        assert headers(requests, OLD)["X-Reason"] == "risk"
    assert "X-Reason" not in headers(requests, OLD)
