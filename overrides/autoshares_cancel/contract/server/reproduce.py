"""Writes the reproduction of a finding as client code and as curl, with variable names in place of credentials."""

from __future__ import annotations

from autoshares_cancel.contract.server.aim import PREFIXES, WRONG, variable_of
from autoshares_cancel.contract.server.raw import RawRequest

MISTAKEN = ("mistyped", "nobody")
NO_CLIENT_CODE = "no typed client can send this: see curl"


def as_client(
    base_url: str,
    account_id: int,
    order_id: int,
    *,
    key: str = "right",
    token: str = "right",
    user: str = "",
    code: str = "",
) -> str:
    """Make Python code for a call. `user` logs in first; `code` is the method call if it is not cancel_order."""
    app_key = _python("AUTOSHARES_APP_KEY", WRONG["key"] if key == "wrong" else "")
    if user:
        credentials = f"PasswordCredentials(app_key={app_key}, {_password(user)})"
    else:
        bearer = _python(variable_of(token), WRONG["token"] if token == "wrong" else "")
        credentials = f"TokenCredentials(app_key={app_key}, token={bearer})"
    imports = f"import os; from autoshares_cancel import Client, {credentials.partition('(')[0]}"
    opened = f"Client(base_url={base_url!r}, credentials={credentials})"
    called = code or f"cancel_order(account_id={account_id}, order_id={order_id})"
    return f"{imports}; {opened}.{called}"


def as_curl(base_url: str, request: RawRequest, *, key: str = "right", token: str = "right", user: str = "") -> str:
    """Make a shell command that sends the request."""
    shown = {"et-app-key": _shell("AUTOSHARES_APP_KEY", WRONG["key"], key)}
    shown["authorization"] = "Bearer " + _shell(variable_of(token), WRONG["token"], token)
    if user in PREFIXES:
        shown["username"] = f"${PREFIXES[user]}_USERNAME"
    if user not in MISTAKEN:
        shown["password"] = f"${PREFIXES.get(user)}_PASSWORD"
    words = ["curl", "--include", "--path-as-is", "--request", request.method]
    for name, value in request.headers:
        if name.lower() not in {"host", "connection", "accept-encoding", "user-agent", "content-length"}:
            text = shown.get(name.lower(), value)
            words.append(f'--header "{name}: {text}"' if text else f'--header "{name};"')
    return " ".join([*words, f"'{base_url}{request.target}'"])


def how_to_get_a_token(base_url: str) -> str:
    """Make a shell command that fetches the token for the other commands."""
    headers = {"Et-App-Key": "APP_KEY", "Username": "USERNAME", "Password": "PASSWORD"}
    named = " ".join(f'--header "{name}: $AUTOSHARES_{variable}"' for name, variable in headers.items())
    return f"curl --request POST {named} --header 'Content-Length: 0' '{base_url}/token'"


def _python(variable: str, literal: str) -> str:
    return repr(literal) if literal else f"os.environ[{variable!r}]"


def _password(user: str) -> str:
    prefix = PREFIXES.get(user, "")
    username = _python(f"{prefix}_USERNAME", "" if prefix else WRONG["user"])
    password = _python(f"{prefix}_PASSWORD", WRONG["password"] if user in MISTAKEN else "")
    return f"username={username}, password={password}"


def _shell(variable: str, wrong: str, kind: str) -> str:
    return {"wrong": wrong, "empty": "", "absent": ""}.get(kind, f"${variable}")
