"""`make demo`: cancel an order at the mock through the command line, then show what every documented status becomes."""

import os
import subprocess
import sys

import httpx
from rich.console import Console
from rich.table import Table

from autoshares_cancel import AutosharesError, Cancelled, Client, PasswordCredentials
from autoshares_cancel._cli.report import as_object
from autoshares_cancel.mock import MockServer
from autoshares_openapi import Request, send
from autoshares_openapi.api.orders import cancel_order

ACCOUNT, OPEN_ORDER = 6303, 73552
APP_KEY, USERNAME, PASSWORD = "demo-app-key", "trader", "correct-horse"


def through_the_command_line(server: MockServer) -> int:
    """Cancel the open order through the command line; return the exit code."""
    command = ["order", str(ACCOUNT), str(OPEN_ORDER)]
    others = {name: value for name, value in os.environ.items() if not name.startswith("AUTOSHARES_")}
    ours = {"BASE_URL": server.base_url, "APP_KEY": APP_KEY, "USERNAME": USERNAME, "PASSWORD": PASSWORD}
    environment = others | {f"AUTOSHARES_{name}": value for name, value in ours.items()}
    print(f"$ autoshares-cancel {' '.join(command)}", flush=True)
    run = subprocess.run([sys.executable, "-m", "autoshares_cancel", *command], env=environment, check=False)
    return run.returncode


def raw_reply(server: MockServer, request: Request) -> str:
    """The server's raw reply to a request."""
    token = server.exchange.log_in(USERNAME, PASSWORD).token
    headers = {"Et-App-Key": APP_KEY, "Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server.base_url, headers=headers, trust_env=False) as http:
        reply = send(http, request)
    return f"{reply.status_code} {reply.reason_phrase}\n{reply.text or '(no body)'}"


def outcome_of(client: Client, order_id: int) -> Cancelled | AutosharesError:
    """The outcome as a value."""
    try:
        return client.cancel_order(account_id=ACCOUNT, order_id=order_id)
    except AutosharesError as error:
        return error


def every_documented_status(server: MockServer) -> Table:
    """One row for each status of the specification; order 9000NNN makes the mock answer NNN."""
    table = Table("request", "raw reply", "outcome", "what to do", show_lines=True)
    credentials = PasswordCredentials(app_key=APP_KEY, username=USERNAME, password=PASSWORD)
    with Client(base_url=server.base_url, credentials=credentials) as client:
        for status in cancel_order.STATUSES:
            order_id = 9_000_000 + status
            request = cancel_order.request(account_id=ACCOUNT, order_id=order_id)
            outcome = outcome_of(client, order_id)
            advice = str(as_object(ACCOUNT, order_id, outcome)["advice"])  # type: ignore[arg-type]  # the leaves of both
            row = (f"{request.method} {request.path}", raw_reply(server, request))
            table.add_row(*row, type(outcome).__name__, advice)
    return table


def main() -> int:
    """Return 0 only if the command reports the order as cancelled and the order book has it as Canceled."""
    console = Console()
    console = console if console.is_terminal else Console(width=150)
    with MockServer() as server:
        print(f"the mock exchange serves {server.base_url}\n", flush=True)
        code = through_the_command_line(server)
        status = server.exchange.orders[OPEN_ORDER].status
        print(f"exit code {code}; in the book of the exchange order {OPEN_ORDER} is {status}\n", flush=True)
        console.print(every_documented_status(server))
    return 0 if code == 0 and status == "Canceled" else 1


if __name__ == "__main__":
    sys.exit(main())
