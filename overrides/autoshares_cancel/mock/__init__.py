"""A mock of Autoshares Trader: a small exchange at a real port, for tests and for trying things out.

    from autoshares_cancel import Client, PasswordCredentials
    from autoshares_cancel.mock import MockServer

    credentials = PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse")
    with MockServer() as server, Client(base_url=server.base_url, credentials=credentials) as client:
        client.cancel_order(account_id=6303, order_id=73552)
        assert server.exchange.orders[73552].status == "Canceled"

In pytest `mock_server` is such a server, without a line in `conftest.py`: see `autoshares_cancel.mock.pytest_plugin`.

1. Known at the start and after every reset: user `trader` with password `correct-horse` and key `demo-app-key`, the
   owner of account 6303. Its orders 73552 to 73561 are open, 73562 is filled, 73563 partly filled, 73564 cancelled.
   User `other` (`battery-staple`) owns account 6400. Users `two-factor` (code 123456, account 6500), `pin` (PIN 4711,
   account 6600) and `both` (account 6700) have the password `correct-horse` and need a second factor.
2. DELETE of `orders/NUMBER` cancels an order. DELETE of `syncorders/NUMBER` cancels it and has the venue check it. GET
   of `orders/NUMBER` reads it. For an order that the account does not have, a cancel gets 409 and a reading 422. GET of
   `orders` lists an account's orders, with `pageNumber`, `pageSize`, `sortField` (Id or Date), `desc` and a `filter` of
   `Status in (0,1)`. Any other filter gets 400; an invalid page or sort order gets 422.
3. Any status on request: order 9000NNN is answered with NNN, and so is the header `Prefer: code=NNN`. The book is not
   changed.
4. Settings are named arguments of `MockServer` and `create_app`. `bodies="none"` sends the bodies of the vendor's
   table, `bodies="guide"` those of its guides. With `rate_limit=10` ten requests about orders are answered in any
   second on the exchange's clock; others get 429 and are not carried out. `retry_after` is the Retry-After of a 429,
   in seconds. With `single_session=True` a log-in ends the earlier tokens of its user. `status_form` is how
   statuses are spelled: `word` (PendingCancel), `number` (6), `both` (6 - PendingCancel), `spaced` (Pending Cancel) or
   `lower` (pendingcancel).
5. Control is under `/_mock/`: GET `state`, `faults`; POST `reset`, `seed`, `clock`, `revoke`, `settings`, `races`,
   `faults`. A seeded order may have any status of the vendor's, a `time_in_force` (Day, GTC ...), an `expires_at` in
   seconds on the exchange's clock, and `legs`, the numbers of other orders of the account. An order that is done for
   today can be cancelled if its time in force lasts longer. A leg is cancelled by its own number only; the vendor does
   not say whether legs are cancelled with their order. `extra` adds fields to what a reading shows, or
   replaces them; null removes a field, so that any reply can be produced:

       {"orders": [{"order_id": 1, "account_id": 6303, "extra": {"Status": "Frozen", "ExecInst": 0, "Symbol": null}}]}

6. Settings make cancels take time. With `cancel_delay`, in seconds on the exchange's clock, a quick cancel gets 204 and
   leaves the order PendingCancel. After the delay the order is Canceled, unless it was filled before. An order that is
   PendingCancel can't be cancelled again. With `venue_delay`, in real seconds, the cancel at the venue is decided and
   answered that much later. Then the order is Canceled, unless it was filled before.
7. POST `/_mock/races` arms fills that race with cancels. It replaces the races that were armed before:

       {"races": [{"order_id": 73552, "quantity": 100, "when": "before"}]}

   A fill `before` comes just before the book decides on the next cancel of that order. A fill `after` comes just after
   the cancel, while the order is PendingCancel. Each fill comes once, for `quantity` shares or all that are left if
   these are fewer. A fill `after` waits for a cancel that leaves the order PendingCancel; it is refused with 400 while
   `cancel_delay` is 0.
8. Faults of connections and replies on request, for a server at a port: resets, silence, wrong lengths, redirects and
   more. GET `/_mock/faults` lists each with its number, its name, and what happens. A request chooses a fault with the
   header `X-Mock-Fault: NAME`. Order 9100NNN gets the fault with the number NNN, and the book is not changed. POST
   `/_mock/faults` arms faults for orders of the book, for the next requests or connections, or at random:

       {"faults": [{"fault": "stall", "order_id": 73552, "method": "DELETE", "when": "after", "times": 1}]}
       {"faults": [{"fault": "stall", "endpoint": "list"}]}
       {"faults": [{"fault": "503-in-a-second", "endpoint": "token", "times": 3}]}
       {"random": {"rate": 0.05, "seed": 7, "faults": ["stall", "drip"], "methods": ["GET"]}}

   This replaces the faults that were armed before. The endpoint is `orders` (requests for one order) by default, `list`
   or `token`. With a `method`, requests with another method have no fault. With the same seed, the same requests for an
   order fail in the same way, whatever other requests come between them.
9. `when` defines whether the reply is lost `after` the request was carried out, or `before`, so that the order is not
   touched. In a header it is written `X-Mock-Fault: stall; when=before`. Some faults have only one of the two: faults
   that leave a reply which a client could believe, and faults that never read the whole request. The other one is
   refused with 400.
10. The setting `fault_pause` is the number of seconds between bytes that are sent one by one, and `redirect_to` the
    origin of redirects to another host. Silence lasts until the caller closes the connection, a minute at most.
11. The record of requests in `state` has the status that was decided (`status`; null where the request was not carried
    out), the fault that the request had and when, and the connection that carried it.
12. `on_cancel`, `on_read`, `on_list` and `on_token` arm a `MockServer` by operation and order; without a number, for
    any order. Steps are used up in the order in which they were armed; then the exchange answers again:

        server.on_cancel(73552).respond(500, takes_effect=True)  # a failure, and then the order reads Canceled
        server.on_cancel(73553).respond(500, times=2).then(403).fault("reset", when="after")
        server.on_cancel(73554).stays_open()  # accepted, and the order stays open
        server.on_cancel(73555).stays_pending()  # PendingCancel for ever
        server.on_cancel(73556).filled_while_pending(readings=1)
        server.on_cancel(73557).filled_after_cancelled()  # it reads Canceled once, and then Filled
        server.on_read(73558, nth=3).respond(200, json={"Id": 73558, "Status": "Frozen"})

    A status that is not documented for the operation needs `undocumented=True`. A step that was armed and not used
    raises AssertionError at the end of the context, unless it is `optional`.
13. `cancels`, `reads`, `lists` and `tokens` are the requests seen, with assertions whose messages show them:
    `server.cancels.assert_called_once_with(account_id=6303, order_id=73552)`, `assert_not_called()`.
14. Tests that share a server take a script each, `with server.script() as script:`. A script has a user and an account
    of its own. It does not see what other scripts arm, and what the server's own steps or control arm does not affect
    its account.
15. Control is available in Python, too, without a request: `place`, `seed`, `order`, `fill`, `race`, `advance`, `now`,
    `ledger`, `configure`, `random_faults`, `reset_connections`, `revoke_tokens`, `counters`, `requests`, `reset`.
16. A transport serves `Client` and `AsyncClient` without a socket; faults of connections need a port, and are refused:

        Client(base_url="https://mock.example/api", credentials=credentials, transport=MockServer().transport)

It needs the extra `mock`: `pip install 'autoshares-cancel[mock]'`.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

if _TYPE_CHECKING:  # __getattr__ imports these on first use
    from autoshares_cancel.mock._settings import TokenAnswer
    from autoshares_cancel.mock.exchange.orders import Order
    from autoshares_cancel.mock.exchange.users import User
    from autoshares_cancel.mock.script.account_script import AccountScript
    from autoshares_cancel.mock.server.app import create_app
    from autoshares_cancel.mock.server.in_process import InProcessTransport
    from autoshares_cancel.mock.server.mock_server import MockServer

__all__ = ["AccountScript", "InProcessTransport", "MockServer", "Order", "TokenAnswer", "User", "create_app"]

_EXTRA = {"httptools", "starlette", "uvicorn"}
_LOADED_LATER = {
    "AccountScript": "script.account_script",
    "InProcessTransport": "server.in_process",
    "MockServer": "server.mock_server",
    "Order": "exchange.orders",
    "TokenAnswer": "_settings",
    "User": "exchange.users",
    "create_app": "server.app",
}


def __getattr__(name: str) -> object:
    # Imported on first use (PEP 562): every run of pytest loads the plugin of this package.
    if name not in _LOADED_LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found: object = getattr(_import_module(f"{__name__}.{_LOADED_LATER[name]}"), name)
    except ModuleNotFoundError as missing:
        distribution = (missing.name or "").partition(".")[0]
        if distribution not in _EXTRA:
            raise
        raise ImportError(
            f"the mock server needs {distribution}, which is not installed: pip install 'autoshares-cancel[mock]'",
            name=missing.name,
        ) from missing
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LOADED_LATER})
