"""The vendor's tables, read a second time and written down by hand, against the specification.

Code is generated from the specification and tested against it, so that an error in it would be in both. A change of
the vendor's is therefore written down here, too; openapi/README.md names the vendor's pages.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import frozen

from autoshares_cancel._values import words

SPEC: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "openapi" / "autoshares.yaml").read_text(encoding="utf-8")
)
TEXT = {"type": "string"}
INT32 = {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
REQUIRED, OPTIONAL = True, False

Row = tuple[str, str, bool, Mapping[str, Any]]
"""Where a parameter is, its name, whether it is required, and its schema."""


@frozen(kw_only=True)
class Call:
    """One of the vendor's calls: its parameters, and the media types of each documented status."""

    method: str
    path: str
    parameters: tuple[Row, ...]
    replies: Mapping[int, tuple[str, ...]]


ORDER = "/v{version}/accounts/{accountId}/orders/{orderId}"
OF_AN_ORDER: tuple[Row, ...] = (
    ("header", "Authorization", REQUIRED, TEXT),
    ("header", "Et-App-Key", REQUIRED, TEXT),
    ("path", "accountId", REQUIRED, INT32),
    ("path", "orderId", REQUIRED, INT32),
    ("path", "version", REQUIRED, {"type": "string", "default": "1"}),
)
OBJECT = ("application/json", "text/json")
BOOLEAN = {"type": "boolean"}
OF_A_PAGE: tuple[Row, ...] = (
    ("query", "desc", OPTIONAL, BOOLEAN),
    ("query", "filter", OPTIONAL, TEXT),
    ("query", "pageNumber", REQUIRED, {**INT32, "minimum": 0}),
    ("query", "pageSize", REQUIRED, {**INT32, "minimum": 1, "maximum": 100}),
    ("query", "sortField", OPTIONAL, TEXT),
)
OF_A_CANCEL: Mapping[int, tuple[str, ...]] = {200: OBJECT, 204: (), 401: (), 403: (), 409: (), 422: (), 500: ()}

CALLS = {
    # "Cancel order - Syntax", the whole of it.
    "cancelOrder": Call(method="DELETE", path=ORDER, parameters=OF_AN_ORDER, replies=OF_A_CANCEL),
    # The venue-verified one.
    "cancelOrderAtVenue": Call(
        method="DELETE",
        path=ORDER.replace("/orders/", "/syncorders/"),
        parameters=OF_AN_ORDER,
        replies=OF_A_CANCEL,
    ),
    # "Get order": as above, without a success that is silent and without a conflict.
    "getOrder": Call(
        method="GET",
        path=ORDER,
        parameters=OF_AN_ORDER,
        replies={200: OBJECT, 401: (), 403: (), 422: (), 500: ()},
    ),
    # "Get orders - Syntax": no order in the path, a page in the query, and a 400 for the filter.
    "listOrders": Call(
        method="GET",
        path=ORDER.removesuffix("/{orderId}"),
        parameters=tuple(sorted([row for row in OF_AN_ORDER if row[1] != "orderId"] + [*OF_A_PAGE])),
        replies={200: OBJECT, 400: (), 401: (), 403: (), 422: (), 500: ()},
    ),
    # "Token - Syntax". It also lists an optional Authorization, for the interim token: see the last test.
    "getToken": Call(
        method="POST",
        path="/token",
        parameters=(
            ("header", "Et-App-Key", REQUIRED, TEXT),
            ("header", "Password", OPTIONAL, TEXT),
            ("header", "PinCode", OPTIONAL, TEXT),
            ("header", "Username", OPTIONAL, TEXT),
            ("header", "VerificationCode", OPTIONAL, TEXT),
        ),
        replies={200: ("application/json",), 202: ("application/json",), 401: ("application/json",)},
    ),
}

# The bodies on the page of /token, without the sentences in Reason, which are for people.
LOG_INS: dict[int, list[dict[str, str]]] = {
    200: [{"State": "Succeeded", "Token": "an-access-token"}],
    202: [
        {"State": "Expecting", "Step": "VerificationCode", "Token": "an-interim-token"},
        {"State": "Expecting", "Step": "SecutityPin", "Token": "an-interim-token"},
    ],
    401: [{"State": "Failed", "Step": "BaseAuthentication"}] * 2,
}
# What matters here of the vendor's order object; it names more.
NUMBER, COUNT = {"type": "number"}, {"type": "integer"}
OF_ORDERS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("Id", "AccountId"), COUNT),
    **dict.fromkeys(("Quantity", "ExecutedQuantity", "LeavesQuantity", "AveragePrice"), NUMBER),
    **dict.fromkeys(("Status", "ExecutionStatus", "Description", "Symbol", "Side", "Type", "Date"), TEXT),
    **dict.fromkeys(("TimeInForce", "CreateDate", "ExpireDate"), TEXT),
    "Legs": {"type": "array", "items": {"$ref": "#/components/schemas/OrderReply"}},
}
OF_PAGES: dict[str, dict[str, Any]] = {
    "Result": {"type": "array", "items": {"$ref": "#/components/schemas/OrderReply"}},
    "NextPageLink": TEXT,
    "PreviousPageLink": TEXT,
    "TotalCount": COUNT,
}
# The statuses as filters name them.
NUMBERS = (
    "0 New, 1 PartiallyFilled, 2 Filled, 3 DoneForDay, 4 Canceled, 5 Replaced, 6 PendingCancel, 7 Stopped, 8 Rejected, "
    "9 Suspended, 10 PendingNew, 11 Calculated, 12 Expired, 13 AcceptedForBidding, 14 PendingReplace, 15 Error. "
    "Held has none."
)
FIELDS: dict[str, dict[str, Any]] = {
    "State": TEXT,
    "Step": TEXT,
    "Reason": TEXT,
    "Token": {"type": "string", "format": "password"},
}


def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the specification, or the target of its reference."""
    if "$ref" not in node:
        return node
    found = SPEC
    for key in node["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return found


def operations() -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    for path, item in SPEC["paths"].items():
        for method, operation in item.items():
            yield operation["operationId"], method.upper(), path, operation


def credentials(requirements: list[Mapping[str, Any]]) -> Iterator[Row]:
    """The headers of all credentials together; none is optional."""
    (together,) = requirements
    for name in together:
        scheme = SPEC["components"]["securitySchemes"][name]
        if (scheme["type"], scheme.get("scheme")) == ("http", "bearer"):
            yield "header", "Authorization", REQUIRED, TEXT
        else:
            assert scheme["type"] == "apiKey"
            yield scheme["in"], scheme["name"], REQUIRED, TEXT


def call_of(method: str, path: str, operation: Mapping[str, Any]) -> Call:
    """An operation of the specification, as the vendor writes it."""
    parameters = [resolved(parameter) for parameter in operation["parameters"]]
    rows = [(each["in"], each["name"], each["required"], each["schema"]) for each in parameters]
    rows += credentials(operation["security"])
    return Call(
        method=method,
        path=path,
        parameters=tuple(sorted(rows, key=lambda row: row[:2])),
        replies={int(status): tuple(reply.get("content", ())) for status, reply in operation["responses"].items()},
    )


def test_the_calls_are_the_vendors() -> None:
    """Method, path, parameters, credentials, statuses and media types: all of the tables, and nothing else."""
    assert {name: call_of(method, path, operation) for name, method, path, operation in operations()} == CALLS


def test_what_is_not_said_needs_both_credentials() -> None:
    """A new operation without a security section needs the same credentials as the cancel call."""
    assert list(credentials(SPEC["security"])) == list(credentials([{"appKey": [], "accessToken": []}]))


def test_bodies_are_objects_that_may_grow() -> None:
    """The vendor names no field of a cancel's body, and four of a log-in's; other fields are allowed."""
    for _, _, _, operation in operations():
        for reply in operation["responses"].values():
            for body in reply.get("content", {}).values():
                schema = resolved(body["schema"])
                assert (schema["type"], schema["additionalProperties"]) == ("object", True)
    cancel, log_in = (SPEC["components"]["schemas"][name] for name in ("CancelReply", "TokenReply"))
    assert cancel.keys() == {"type", "description", "additionalProperties"}
    assert log_in["required"] == ["State"]
    order, page = (SPEC["components"]["schemas"][name] for name in ("OrderReply", "OrderPageReply"))
    assert not {"required"} & {*order, *page}
    for schema, fields in ((log_in, FIELDS), (order, OF_ORDERS), (page, OF_PAGES)):
        properties = {name: {**each, "description": ""} for name, each in schema["properties"].items()}
        assert properties == {name: {**each, "description": ""} for name, each in fields.items()}


def test_the_example_is_the_vendors() -> None:
    """The demo's base URL and the examples of the parameters make the vendor's own example, but for its 1.0."""
    (server,) = SPEC["servers"]
    base_url = server["url"].format(**{name: each["default"] for name, each in server["variables"].items()})
    parameters = SPEC["components"]["parameters"].values()
    path = CALLS["cancelOrder"].path.format(**{each["name"]: each["example"] for each in parameters})
    assert base_url + path == "https://pub-api-et-demo-prod.etnasoft.us/api/v1/accounts/6303/orders/73552"


def test_a_filter_names_statuses_by_the_vendors_numbers() -> None:
    """A wrong number would list the wrong orders, and no type checker would notice."""
    (listing,) = [operation for name, *_, operation in operations() if name == "listOrders"]
    (wanted,) = [parameter for parameter in listing["parameters"] if parameter.get("name") == "filter"]
    assert wanted["description"].partition("Statuses are numbers there: ")[2] == NUMBERS
    assert wanted["example"] == "Status in (0,1,6)"


@pytest.mark.parametrize("status", LOG_INS)
def test_the_examples_of_a_log_in_are_the_vendors(status: int) -> None:
    """State, Step in the vendor's spelling, and a token where there is one; a Reason wherever something is missing."""
    (log_in,) = [operation for name, *_, operation in operations() if name == "getToken"]
    examples = log_in["responses"][str(status)]["content"]["application/json"]["examples"].values()
    values = [example["value"] for example in examples]
    assert [{name: text for name, text in value.items() if name != "Reason"} for value in values] == LOG_INS[status]
    assert [("Reason" in value) for value in values] == [status != 200] * len(values)


def test_the_interim_token_travels_in_authorization() -> None:
    """OpenAPI tools ignore a header parameter of that name, so the description documents it."""
    (log_in,) = [operation for name, *_, operation in operations() if name == "getToken"]
    assert "interim token of the 202 as a bearer token in Authorization" in log_in["description"]


def test_what_the_client_never_masks_has_every_field_of_an_order() -> None:
    """Law 5: a field that the specification gains is a documented name there, too, and its numbers decide."""
    assert set(OF_ORDERS) <= words.FIELDS
    assert {name for name, schema in OF_ORDERS.items() if schema in (NUMBER, COUNT)} <= words.NUMBERS
