"""Callers as the README shows them: synchronous, asynchronous, and with everything from the environment."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from autoshares_cancel import (
    AllCancelled,
    AsyncClient,
    AsyncTransport,
    Cancelled,
    Client,
    ClientOptions,
    Clock,
    Credentials,
    OnAttempt,
    OnOutcome,
    OnProgress,
    Order,
    OrderFilter,
    OrdersRemain,
    Outcome,
    PasswordCredentials,
    Progress,
    RetryPolicy,
    Side,
    State,
    Timeouts,
    TokenCredentials,
    TokenFolder,
    TokenStore,
    Transport,
    Verify,
    When,
)
from autoshares_cancel.telemetry import Telemetry

TOKEN: Credentials = TokenCredentials(app_key="demo-app-key", token="an-access-token")
PASSWORD: Credentials = PasswordCredentials(
    app_key="demo-app-key",
    username="trader",
    password="correct-horse",
    second_factor=lambda: "123456",
    pin_code="4711",
    token_store=TokenFolder("tokens"),
)
STORE: TokenStore = TokenFolder(Path("tokens"))


def from_a_function() -> Cancelled:
    """A client for one call."""
    with Client(base_url="https://broker.example/api", credentials=PASSWORD) as client:
        return client.cancel_order(account_id=6303, order_id=73552)


def with_settings() -> Cancelled:
    """A client with settings, and a call with a deadline of its own."""
    client = Client(
        base_url="http://127.0.0.1:8080/api",
        credentials=TOKEN,
        api_version="1.0",
        deadline=10,
        timeouts=Timeouts(),
    )
    try:
        return client.cancel_order(account_id=6303, order_id=73552, deadline=2.5)
    finally:
        client.close()


def for_the_desk(client: Client) -> tuple[datetime | None, str | None, str | None]:
    """A call has a reference and a policy of its own; its attempts have what the desk quotes."""
    options: ClientOptions = {"app_name": "my-desk/2.1"}
    with Client(base_url="https://broker.example/api", credentials=TOKEN, **options) as named:
        named.read_order(account_id=6303, order_id=73552, retry=RetryPolicy(attempts=1), reference="ticket 42")
    retry = RetryPolicy(attempts=2)
    cancelled = client.cancel_order(account_id=1, order_id=2, resolve=False, retry=retry, reference="ticket 42")
    client.cancel_orders([(1, 2)], resolve=None, retry=None, reference=None).close()
    attempt = cancelled.attempts[0]
    return attempt.sent_at, attempt.date, attempt.headers.get("X-Request-Id")


def with_telemetry() -> Cancelled:
    """Spans and metrics go to the OpenTelemetry providers of the program."""
    with Client.from_env(telemetry=Telemetry()) as client:
        return client.cancel_order(account_id=6303, order_id=73552)


BLOCKING: tuple[Transport, ...] = (httpx.HTTPTransport(), httpx.MockTransport(lambda _: httpx.Response(204)))
AWAITED: tuple[AsyncTransport, ...] = (httpx.AsyncHTTPTransport(), httpx.MockTransport(lambda _: httpx.Response(204)))


def with_a_transport() -> Cancelled:
    """A client takes the transports of httpx."""
    with Client(base_url="https://broker.example/api", credentials=TOKEN, transport=BLOCKING[0]) as client:
        return client.cancel_order(account_id=6303, order_id=73552)


def from_the_environment() -> Cancelled:
    """from_env of a subclass returns an instance of the subclass."""

    class Ours(Client):
        """A client with something more."""

        def cancel_ours(self, order_id: int) -> Cancelled:
            """Cancel an order of our account."""
            return self.cancel_order(account_id=6303, order_id=order_id)

    with Ours.from_env() as client:
        return client.cancel_ours(73552)


async def from_a_coroutine() -> Cancelled:
    """AsyncClient has the same methods, awaited."""
    async with AsyncClient(base_url="https://broker.example/api", credentials=PASSWORD) as client:
        return await client.cancel_order(account_id=6303, order_id=73552)


async def from_the_environment_too() -> Cancelled:
    """AsyncClient has from_env, too."""
    client = AsyncClient.from_env()
    try:
        return await client.cancel_order(account_id=6303, order_id=73552, deadline=1)
    finally:
        await client.aclose()


def with_types_of_its_own(clock: Clock, verify: Verify, on_attempt: OnAttempt, on_outcome: OnOutcome) -> Client:
    """A program that passes options on can annotate them."""
    options: ClientOptions = {"clock": clock, "verify": verify, "on_attempt": on_attempt, "on_outcome": on_outcome}
    return Client.from_env(**options)


def ignores(_: Progress) -> None:
    """An observer of a batch."""


def many(client: Client, on_progress: OnProgress = ignores) -> dict[int, Outcome]:
    """A batch yields each order as the caller gave it, with its outcome."""
    batch = client.cancel_orders([(6303, 73552)], on_progress=on_progress)
    return {order_id: outcome for (_, order_id), outcome in batch}


def is_over(order: Order) -> bool:
    """The state of an order is compared with members of State."""
    return order.state in {State.CANCELLED, State.OVER}


def some(client: Client, symbols: set[str], side: Side) -> OrderFilter | None:
    """A filter takes one symbol or several, and one side or several."""
    client.open_orders(account_id=6303, symbol="AAPL", side=["Buy", "BuyToCover"], older_than=timedelta(minutes=5))
    try:
        return client.cancel_all(account_id=6303, symbol=symbols, side=side).filter
    except OrdersRemain as remain:
        return remain.filter


def whatever_happens(client: Client, when: When = "always") -> AllCancelled | None:
    """cancel_on_exit cancels the open orders of an account when its block ends."""
    with client.cancel_on_exit(account_id=6303, when=when, symbol="AAPL") as guard:
        client.warm_up()
    return guard.result


async def whatever_happens_too(client: AsyncClient) -> AllCancelled | None:
    """AsyncClient has cancel_on_exit, too."""
    async with client.cancel_on_exit(account_id=6303, side="Sell") as guard:
        await client.warm_up()
    return guard.result


def written_down(outcome: Outcome) -> dict[str, Any]:
    """Every outcome has a meaning, an advice and as_dict."""
    return outcome.as_dict() | {"meaning": outcome.meaning, "to do": outcome.advice}
