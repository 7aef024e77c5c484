"""The bytes of a request, with every kind of client. tests/faults has the replies."""

import pytest
from conftest import MakeCaller
from support.raw_server import raw_server, says

from autoshares_cancel import (
    AsyncClient,
    Cancelled,
    Client,
    ConfigurationError,
    NoReply,
    TokenCredentials,
    __version__,
)
from autoshares_cancel._http.connection import Connection


def test_the_request_is_the_template_filled_in(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Laws 9 and 10: one DELETE of exactly that path, each credential once, no body, no cookie."""
    with raw_server(says(b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n")) as server:
        caller = make_caller(base_url=server.base_url, credentials=token, api_version="1.0")
        for _ in range(2):
            assert type(caller.cancel(6303, -(2**31))) is Cancelled
        host = f"Host: 127.0.0.1:{server.port}"
    for request in server.requests:
        first, *headers = request.decode("ascii").split("\r\n")
        assert first == f"DELETE /api/v1.0/accounts/6303/orders/{-(2**31)} HTTP/1.1"
        assert sorted(headers) == sorted(
            [
                host,
                "Accept: application/json, text/json",
                "Accept-Encoding: identity",
                f"User-Agent: autoshares-cancel/{__version__}",
                "Et-App-Key: an-app-key",
                "Authorization: Bearer an-access-token",
            ]
        )
    assert len(server.requests) == 2
    assert len(server.connections) == 1


def test_a_closed_client_says_so() -> None:
    """Law 3: a call of a closed client raises ConfigurationError."""
    client = Client(base_url="http://127.0.0.1:1", credentials=TokenCredentials(app_key="key", token="token"))
    client.close()
    with pytest.raises(ConfigurationError, match="the client is closed"):
        client.cancel_order(account_id=6303, order_id=73552)


@pytest.mark.anyio
async def test_a_closed_async_client_says_so(anyio_backend: str) -> None:
    """Law 3: a call of a closed AsyncClient raises ConfigurationError."""
    client = AsyncClient(base_url="http://127.0.0.1:1", credentials=TokenCredentials(app_key="key", token="token"))
    await client.aclose()
    with pytest.raises(ConfigurationError, match="the client is closed"):
        await client.cancel_order(account_id=6303, order_id=73552)


def test_a_fault_of_ours_is_logged_as_an_error(
    make_caller: MakeCaller,
    token: TokenCredentials,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Laws 3 and 5: the outcome stays true, and the log has the traceback without the token."""

    async def fails(*_: object) -> bytes:
        raise ZeroDivisionError("an-access-token")

    monkeypatch.setattr(Connection, "_read", fails)
    with raw_server(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        assert type(make_caller(base_url=server.base_url, credentials=token).cancel(6303, 73552)) is NoReply
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage().startswith(
        "a fault of autoshares-cancel, or of the transport: Traceback (most recent call last):"
    )
    assert "ZeroDivisionError: ***" in record.getMessage()
    assert record.exc_info is None
