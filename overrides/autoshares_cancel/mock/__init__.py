"""A mock of Autoshares Trader: a small honest exchange at a real port, for tests and for trying things out.

    from autoshares_cancel import Client, PasswordCredentials
    from autoshares_cancel.mock import MockServer

    credentials = PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse")
    with MockServer() as server, Client(base_url=server.base_url, credentials=credentials) as client:
        client.cancel_order(account_id=6303, order_id=73552)
        assert server.exchange.orders[73552].status == "Canceled"

1. Known at start, and again after every reset: user `trader` with password `correct-horse` and key `demo-app-key`,
   owner of account 6303. Its orders 73552 to 73561 are open, 73562 is filled, 73563 partly filled, 73564 cancelled.
   User `other` (`battery-staple`) owns account 6400. Users `two-factor` (code 123456, account 6500), `pin` (PIN 4711,
   account 6600) and `both` (account 6700) have the password `correct-horse` and want a second factor.
2. DELETE of `orders/NUMBER` cancels an order, and so does that of `syncorders/NUMBER`, which the venue checks, too; GET
   of `orders/NUMBER` reads it. An order that the account does not have answers 409 to a cancel and 422 to a reading.
   GET of `orders` lists an account's, with `pageNumber`, `pageSize`, `sortField` (Id or Date), `desc` and a `filter` of
   `Status in (0,1)`: another filter is answered with 400, and a page, or a way of sorting, that can't be with 422.
3. Any status on request: order 9000NNN answers NNN, and so does the header `Prefer: code=NNN`; the book is left alone.
4. `bodies="none"` answers as the vendor's table says, `bodies="guide"` as its guides show.
5. Control is under `/_mock/`: GET `state`, `faults`; POST `reset`, `seed`, `clock`, `revoke`, `settings`, `races`,
   `faults`. A seeded order may have any status of the vendor's. Its `extra` is what reading it shows besides, or in
   place of its own; null drops a field, so that any reply can be had:

       {"orders": [{"order_id": 1, "account_id": 6303, "extra": {"Status": "Frozen", "ExecInst": 0, "Symbol": null}}]}

6. Cancels take time where the settings say so. With `cancel_delay`, in seconds on the exchange's clock, a quick cancel
   answers 204 and leaves the order PendingCancel; once they have passed it is Canceled, unless it was filled before. A
   pending cancel can't be cancelled again. With `venue_delay`, in real seconds, the cancel at the venue is decided and
   answered that much later; the order is Canceled then, or a fill has won.
7. Fills race with cancels where POST `/_mock/races` says so, in place of what was armed there before:

       {"races": [{"order_id": 73552, "quantity": 100, "when": "before"}]}

   `before` fills just before the book decides on the next cancel of that order, `after` just after it, while the order
   is PendingCancel. Each comes once, with all that is left where that is less. One for `after` waits for a cancel that
   leaves the order PendingCancel, and is refused with 400 while `cancel_delay` is 0.
8. Faults on the wire on request, wherever there is a wire: resets, silence, lies about lengths, redirects and more. GET
   `/_mock/faults` lists them all: number, name, and what happens. A request gets the fault that it asks for with the
   header `X-Mock-Fault: NAME`; order 9100NNN gets the fault with the number NNN, and the book is left alone; and POST
   `/_mock/faults` arms them for orders of the book, for the next requests or connections, or at random:

       {"faults": [{"fault": "stall", "order_id": 73552, "method": "DELETE", "when": "after", "times": 1}]}
       {"faults": [{"fault": "stall", "endpoint": "list"}]}
       {"random": {"rate": 0.05, "seed": 7, "faults": ["stall", "drip"], "methods": ["GET"]}}

   What comes in that way takes the place of what was armed. The endpoint is `orders`, requests for one order, where it
   is left out; else `list` or `token`. A method spares requests with another one. With the same seed, the same requests
   for an order fail in the same way, whatever comes between them.
9. `when` says whether the reply is lost `after` the request was carried out, or `before`, so that the order is not
   touched; a header says it as in `X-Mock-Fault: stall; when=before`. Where a reply remains that could be believed, or
   where the request is never read to its end, only one of the two can be had. What can't be had is answered with 400.
10. The setting `fault_pause` is how many seconds lie between bytes that come one by one, and `redirect_to` the origin
    of redirects to another host. Silence lasts until the caller goes away, a minute at most.
11. The record of requests in `state` says what was decided (`status`; null where the request was not carried out),
    which fault the request had and when, and over which connection it came.

It needs the extra `mock`: `pip install 'autoshares-cancel[mock]'`.
"""

_EXTRA = {"httptools", "starlette", "uvicorn"}

try:
    from autoshares_cancel.mock.server.app import create_app
    from autoshares_cancel.mock.server.mock_server import MockServer
except ModuleNotFoundError as missing:
    distribution = (missing.name or "").partition(".")[0]
    if distribution not in _EXTRA:
        raise
    raise ImportError(
        f"the mock server needs {distribution}, which is not installed: pip install 'autoshares-cancel[mock]'",
        name=missing.name,
    ) from missing

__all__ = ["MockServer", "create_app"]
