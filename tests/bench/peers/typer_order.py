"""A minimal command that cancels an order, with Typer and two requests by http.client."""

import json
import os
from http.client import HTTPConnection
from urllib.parse import urlsplit

import typer
from bench.peers.peer_call import NO_CONTENT


def order(account_id: int, order_id: int) -> None:
    server = urlsplit(os.environ["AUTOSHARES_BASE_URL"])
    connection = HTTPConnection(server.hostname or "", server.port)
    app_key = {"Et-App-Key": os.environ["AUTOSHARES_APP_KEY"]}
    user = {"Username": os.environ["AUTOSHARES_USERNAME"], "Password": os.environ["AUTOSHARES_PASSWORD"]}
    connection.request("POST", f"{server.path}/token", headers=app_key | user)
    token = json.load(connection.getresponse())["Token"]
    path = f"{server.path}/v1/accounts/{account_id}/orders/{order_id}"
    connection.request("DELETE", path, headers=app_key | {"Authorization": f"Bearer {token}"})
    reply = connection.getresponse()
    reply.read()
    connection.close()
    typer.echo(f"status {reply.status}")
    raise typer.Exit(reply.status != NO_CONTENT)


typer.run(order)
