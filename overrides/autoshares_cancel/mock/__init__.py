"""A mock of Autoshares Trader: a small honest exchange at a real port, for tests and for trying things out.

    from autoshares_cancel import Client, PasswordCredentials
    from autoshares_cancel.mock import MockServer

    credentials = PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse")
    with MockServer() as server, Client(base_url=server.base_url, credentials=credentials) as client:
        client.cancel_order(account_id=6303, order_id=73552)
        assert server.exchange.orders[73552].status == "Canceled"

It needs the extra `mock`: `pip install 'autoshares-cancel[mock]'`.
"""

_EXTRA = {"httptools", "starlette", "uvicorn"}

try:
    from autoshares_cancel.mock._app import create_app
    from autoshares_cancel.mock._server import MockServer
except ModuleNotFoundError as missing:
    distribution = (missing.name or "").partition(".")[0]
    if distribution not in _EXTRA:
        raise
    raise ImportError(
        f"the mock server needs {distribution}, which is not installed: pip install 'autoshares-cancel[mock]'",
        name=missing.name,
    ) from missing

__all__ = ["MockServer", "create_app"]
