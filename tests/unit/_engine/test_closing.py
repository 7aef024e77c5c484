"""Where and when a client may be closed."""

import asyncio
import gc

import anyio
import pytest
from support.clients import TLS
from support.raw_server import raw_server, says

from autoshares_cancel import AsyncClient, Cancelled, Client, ConfigurationError, TokenCredentials

GONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_an_async_client_is_closed_in_the_event_loop_of_its_first_call(token: TokenCredentials) -> None:
    """In another event loop, aclose raises and changes nothing: connections belong to the first one."""
    with raw_server(says(GONE)) as server, asyncio.Runner() as first, asyncio.Runner() as other:
        client = AsyncClient(base_url=server.base_url, credentials=token, verify=TLS)
        assert type(first.run(client.cancel_order(account_id=1, order_id=2))) is Cancelled
        with pytest.raises(ConfigurationError, match="in the event loop of its first call"):
            other.run(client.aclose())
        assert type(first.run(client.cancel_order(account_id=1, order_id=3))) is Cancelled
        first.run(client.aclose())
        with pytest.raises(ConfigurationError, match="the client is closed"):
            first.run(client.cancel_order(account_id=1, order_id=4))
    gc.collect()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_client_that_was_never_used_is_closed_anywhere(token: TokenCredentials, backend: str) -> None:
    """A client without calls has nothing that belongs to an event loop."""
    client = AsyncClient(base_url="http://127.0.0.1:9", credentials=token, verify=TLS)
    anyio.run(client.aclose, backend=backend)
    with pytest.raises(ConfigurationError, match="the client is closed"):
        anyio.run(lambda: client.cancel_order(account_id=1, order_id=2), backend=backend)


def test_closing_twice_is_closing_once(token: TokenCredentials) -> None:
    """A second close does nothing, as at the end of a with block."""
    with Client(base_url="http://127.0.0.1:9", credentials=token, verify=TLS) as client:
        client.close()

    async def main() -> None:
        async with AsyncClient(base_url="http://127.0.0.1:9", credentials=token, verify=TLS) as client:
            await client.aclose()

    asyncio.run(main())
