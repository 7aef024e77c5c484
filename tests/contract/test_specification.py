"""The requests of the package follow the specification, also in header names that the generated code does not have."""

import re
from typing import Any

import pytest
from conftest import MakeCaller
from support.raw_server import RawServer, raw_server, says
from support.specification import SPECIFICATION

from autoshares_cancel import Cancelled, InvalidCredentials, PasswordCredentials, TokenCredentials
from autoshares_cancel._http.request import HEADERS

OPERATIONS = {
    operation["operationId"]: {**operation, "path": path, "method": method.upper()}
    for path, item in SPECIFICATION["paths"].items()
    for method, operation in item.items()
}
# The headers of any HTTP request, documented or not.
ORDINARY = {"host", "accept", "accept-encoding", "user-agent", "content-length"}


def sent(server: RawServer, number: int) -> tuple[str, str, dict[str, str]]:
    """Method, path and headers of a request, each header once and in lower case."""
    first, *lines = server.requests[number].decode("ascii").split("\r\n")
    pairs = [line.split(": ", 1) for line in lines]
    headers = {name.lower(): value for name, value in pairs}
    assert len(headers) == len(pairs)
    method, path, _ = first.split(" ")
    return method, path, headers


def credential_headers(operation: dict[str, Any]) -> dict[str, str]:
    """The headers of an operation's security schemes, each with the prefix before its secret."""
    (required,) = operation["security"]
    found = {}
    for name in required:
        scheme = SPECIFICATION["components"]["securitySchemes"][name]
        if scheme["type"] == "apiKey" and scheme["in"] == "header":
            found[scheme["name"].lower()] = ""
        elif (scheme["type"], scheme["scheme"]) == ("http", "bearer"):
            found["authorization"] = "Bearer "
    assert len(found) == len(required)
    return found


def test_the_cancel_request_is_the_documented_one(make_caller: MakeCaller, token: TokenCredentials) -> None:
    """Law 9: a cancel has the documented method, path and credential headers, and no other header."""
    operation = OPERATIONS["cancelOrder"]
    with raw_server(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        assert type(make_caller(base_url=server.base_url, credentials=token).cancel(6303, 73552)) is Cancelled
    method, path, headers = sent(server, 0)
    assert method == operation["method"]
    assert path == "/api" + operation["path"].format(version="1", accountId=6303, orderId=73552)
    secrets = {"et-app-key": "an-app-key", "authorization": "Bearer an-access-token"}
    expected = credential_headers(operation)
    assert {name: headers[name] for name in expected} == {name: secrets[name] for name in expected}
    assert expected["authorization"] == "Bearer "
    assert set(headers) - ORDINARY == set(expected)


def test_the_token_request_is_the_documented_one(make_caller: MakeCaller) -> None:
    """Both steps of a log-in send documented headers only, no body, and the interim token as documented."""
    operation = OPERATIONS["getToken"]
    expecting = b'{"State": "Expecting", "Step": "SecutityPin", "Token": "interim"}'
    refused = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
    asked = b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n\r\n%s" % (len(expecting), expecting)
    credentials = PasswordCredentials(app_key="key", username="user", password="pass", pin_code="4711")
    with raw_server(says(asked, refused)) as server:
        outcome = make_caller(base_url=server.base_url, credentials=credentials).cancel(6303, 73552)
    assert type(outcome) is InvalidCredentials
    documented = {parameter["name"].lower() for parameter in operation["parameters"]} | set(
        credential_headers(operation)
    )
    for number, extra in enumerate([set[str](), {"authorization", "pincode"}]):
        method, path, headers = sent(server, number)
        assert (method, path) == (operation["method"], "/api" + operation["path"])
        assert headers["content-length"] == "0"
        assert set(headers) - ORDINARY == {"et-app-key", "username", "password"} | extra
        assert set(headers) - ORDINARY - {"authorization"} <= documented
    assert sent(server, 1)[2]["authorization"] == "Bearer interim"


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_header_called_authorization_is_no_parameter(operation: dict[str, Any]) -> None:
    """No header parameter has a name that OpenAPI tools ignore, because no tool would check it."""
    names = [parameter.get("name", "") for parameter in operation["parameters"]]
    assert not [name for name in names if re.fullmatch("(?i)authorization|et-app-key|accept|content-type", name)]


def test_the_media_types_that_are_accepted_are_the_documented_ones() -> None:
    """The client's Accept header has every media type of a documented body."""
    replies = [reply for operation in OPERATIONS.values() for reply in operation["responses"].values()]
    documented = {media_type for reply in replies for media_type in reply.get("content", {})}
    assert set(HEADERS["Accept"].split(", ")) == documented
