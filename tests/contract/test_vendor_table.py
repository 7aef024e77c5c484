"""The specification agrees with the vendor's pages, as openapi/vendor/ keeps them, and with other known facts.

Code is generated from the specification and tested against it, so that an error in it would be in both. A change of
the vendor's is therefore recorded in openapi/vendor/, too; openapi/README.md names the vendor's pages.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.specification import FILE, SPECIFICATION

from autoshares_cancel._values import words
from contract_facts.changes import as_on_a_page, diff
from contract_facts.specification import read_specification
from contract_facts.vendor import kept_facts

ROOT = Path(__file__).parents[2]
TEXT = {"type": "string"}
BOOLEAN = {"type": "boolean"}
INT32 = {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
KEPT = kept_facts()
# Of every parameter in the path, in the query, and in the headers of a log-in.
SCHEMAS: dict[str, dict[str, Any]] = {
    "version": {**TEXT, "default": "1"},
    **dict.fromkeys(("accountId", "orderId"), INT32),
    "pageNumber": {**INT32, "minimum": 0},
    "pageSize": {**INT32, "minimum": 1, "maximum": 100},
    **dict.fromkeys(("filter", "sortField"), TEXT),
    "desc": BOOLEAN,
    **dict.fromkeys(("Username", "Password", "VerificationCode", "PinCode"), TEXT),
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
# The fields of the vendor's order object that matter here; the vendor documents more.
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
    found = SPECIFICATION
    for key in node["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return found


def operations() -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    for path, item in SPECIFICATION["paths"].items():
        for method, operation in item.items():
            yield operation["operationId"], method.upper(), path, operation


def test_the_calls_are_the_vendors() -> None:
    """The specification differs from the vendor's pages only where that was chosen with a reason."""
    specification = read_specification(FILE)
    found = diff(as_on_a_page(specification), as_on_a_page(KEPT.facts))
    assert {str(change) for change in found} == KEPT.chosen.keys()
    assert all(reason.strip() for reason in KEPT.chosen.values())


def test_a_log_in_is_documented_in_json() -> None:
    """A log-in is documented in JSON because of the page's examples; the page's table has no media type."""
    (log_in,) = [operation for name, *_, operation in operations() if name == "getToken"]
    assert {tuple(reply["content"]) for reply in log_in["responses"].values()} == {("application/json",)}


def test_a_value_has_the_type_of_the_page_and_the_bounds_of_the_guide() -> None:
    """Ids and pages have explicit bounds, the version has a default, and no schema has any other keyword."""
    schemas = {
        parameter["name"]: parameter["schema"]
        for *_, operation in operations()
        for parameter in map(resolved, operation["parameters"])
    }
    assert schemas == SCHEMAS


def test_every_call_needs_both_credentials_and_the_log_in_only_the_key() -> None:
    """Every operation but the log-in needs key and token together, also by default."""
    both: list[dict[str, list[str]]] = [{"appKey": [], "accessToken": []}]
    assert SPECIFICATION["security"] == both
    needed = {name: operation["security"] for name, *_, operation in operations()}
    assert needed == {name: [{"appKey": []}] if name == "getToken" else both for name in needed}


def test_bodies_are_objects_that_may_grow() -> None:
    """The vendor names no field of a cancel's body, and four of a log-in's; other fields are allowed."""
    for _, _, _, operation in operations():
        for reply in operation["responses"].values():
            for body in reply.get("content", {}).values():
                schema = resolved(body["schema"])
                assert (schema["type"], schema["additionalProperties"]) == ("object", True)
    cancel, log_in = (SPECIFICATION["components"]["schemas"][name] for name in ("CancelReply", "TokenReply"))
    assert cancel.keys() == {"type", "description", "additionalProperties"}
    assert log_in["required"] == ["State"]
    order, page = (SPECIFICATION["components"]["schemas"][name] for name in ("OrderReply", "OrderPageReply"))
    assert not {"required"} & {*order, *page}
    for schema, fields in ((log_in, FIELDS), (order, OF_ORDERS), (page, OF_PAGES)):
        properties = {name: {**each, "description": ""} for name, each in schema["properties"].items()}
        assert properties == {name: {**each, "description": ""} for name, each in fields.items()}


def test_the_example_is_the_vendors() -> None:
    """The base URL and the examples of the parameters form the vendor's example URL."""
    (server,) = SPECIFICATION["servers"]
    base_url = server["url"].format(**{name: each["default"] for name, each in server["variables"].items()})
    parameters = SPECIFICATION["components"]["parameters"].values()
    (called,) = [each.path for each in KEPT.facts.operations if each.heading == "Cancel order"]
    path = called.format(**{each["name"]: each["example"] for each in parameters})
    assert base_url + path == "https://pub-api-et-demo-prod.etnasoft.us/api/v1/accounts/6303/orders/73552"


def test_a_filter_names_statuses_by_the_vendors_numbers() -> None:
    """A filter has the vendor's status numbers; a wrong number would list the wrong orders."""
    (listing,) = [operation for name, *_, operation in operations() if name == "listOrders"]
    (wanted,) = [parameter for parameter in listing["parameters"] if parameter.get("name") == "filter"]
    assert wanted["description"].partition("Statuses are numbers there: ")[2] == NUMBERS
    assert wanted["example"] == "Status in (0,1,6)"


@pytest.mark.parametrize("status", LOG_INS)
def test_the_examples_of_a_log_in_are_the_vendors(status: int) -> None:
    """The log-in examples have the vendor's State, Step and Token; each but the 200 has a Reason, too."""
    (log_in,) = [operation for name, *_, operation in operations() if name == "getToken"]
    examples = log_in["responses"][str(status)]["content"]["application/json"]["examples"].values()
    values = [example["value"] for example in examples]
    assert [{name: text for name, text in value.items() if name != "Reason"} for value in values] == LOG_INS[status]
    assert [("Reason" in value) for value in values] == [status != 200] * len(values)


def test_the_interim_token_travels_in_authorization() -> None:
    """The description documents the interim token in Authorization, because tools ignore such a parameter."""
    (log_in,) = [operation for name, *_, operation in operations() if name == "getToken"]
    assert "interim token of the 202 as a bearer token in Authorization" in log_in["description"]


def test_every_field_of_an_order_is_a_name_that_is_not_masked() -> None:
    """Law 5: every documented field of an order is among the names that the client does not mask."""
    assert set(OF_ORDERS) <= words.FIELDS
    assert {name for name, schema in OF_ORDERS.items() if schema in (NUMBER, COUNT)} <= words.NUMBERS
