"""The page that compares the mock with the vendor's pages."""

import re
from collections.abc import Iterator
from functools import cache

import attrs
import conformance
import pytest
from mock_replies import ask, on_request
from vendor_pages import pages

from autoshares_cancel.mock._settings import Settings
from autoshares_cancel.mock.api.rules import RULES
from autoshares_openapi.api.orders import cancel_order, cancel_order_at_venue, get_order, list_orders
from autoshares_openapi.api.tokens import get_token

MAKERS = {
    "cancelOrder": conformance.conform_cancel_order,
    "cancelOrderAtVenue": conformance.conform_cancel_order_at_venue,
    "getOrder": conformance.conform_get_order,
    "listOrders": conformance.conform_list_orders,
    "getToken": conformance.conform_get_token,
}
STATUSES = {
    "cancelOrder": cancel_order.STATUSES,
    "cancelOrderAtVenue": cancel_order_at_venue.STATUSES,
    "getOrder": get_order.STATUSES,
    "listOrders": list_orders.STATUSES,
    "getToken": get_token.STATUSES,
}
each_operation = pytest.mark.parametrize("name", MAKERS)


@cache
def section(name: str) -> str:
    """The tables of an operation, made once, because they need hundreds of requests to the mock."""
    return MAKERS[name]()


def rows_of(text: str, head: str) -> list[list[str]]:
    """The cells of the table whose first column has this heading."""
    _, _, table = text.partition(f"| {head} |")
    lines = table.split("\n\n")[0].splitlines()[2:]
    return [line.strip("| ").split(" | ") for line in lines]


def test_every_operation_has_a_section() -> None:
    """Every operation that the vendor documents has a section."""
    assert set(pages()) == set(MAKERS)


@each_operation
def test_every_documented_status_has_a_row(name: str) -> None:
    """A section has a row for every status of the generated package and for every parameter of the vendor's page."""
    text, page = section(name), pages()[name]
    assert [int(row[0]) for row in rows_of(text, "status")] == sorted(STATUSES[name])
    parameters = [f"`{each['name']}`" for each in page.operation["parameters"]]
    assert [row[0] for row in rows_of(text, "parameter")] == [
        *parameters,
        *(f"`{each}`" for each in page.chosen_parameters()),
        "media types",
    ]
    assert f"*{page.title}*, read on {page.read}." in text


@each_operation
def test_a_body_that_the_page_does_not_have_is_not_called_documented(name: str) -> None:
    """A row whose body differs from the vendor's page has the remark that the body is chosen."""
    for status, vendor, mock, compared in rows_of(section(name), "status"):
        differs = vendor.endswith("; no body") != mock.endswith("; no body")
        assert ("The body is **chosen**" in compared) == differs, status


@each_operation
def test_what_is_called_documented_has_the_documented_status(name: str) -> None:
    """If a request is called "as documented" and the pages name a status, the mock's status is the same."""
    compared = [
        (re.findall(r"\b[2-5]\d\d\b", vendor), mock)
        for _, vendor, mock, verdict in rows_of(section(name), "request")
        if verdict.startswith("as documented")
    ]
    assert [(named, mock) for named, mock in compared if named and named != [mock]] == []


def stale_notes() -> Iterator[str]:
    notes = conformance.words()["notes"]
    for name, noted in notes.items():
        names = [each for each in MAKERS if each != "getToken"] if name == conformance.EVERY_ORDER_CALL else [name]
        text = "".join(section(each) for each in names)
        for row in noted:
            kind, _, what = row.partition(" ")
            cell = {"parameter": f"| `{what}` |", "status": f"| {what} |", "media": "| media types |"}[kind]
            if cell not in text:
                yield f"{name}: {row}"


def test_every_note_belongs_to_a_row() -> None:
    """Every note belongs to a row, because a note without a row would not be shown."""
    assert list(stale_notes()) == []
    assert {name for each in conformance.words()["choice"] for name in each["operations"]} <= set(MAKERS)


def test_a_difference_without_a_note_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A media type that the vendor's page does not have needs a note; without one, the page is not made."""
    monkeypatch.setattr(conformance, "words", lambda: {"notes": {conformance.EVERY_ORDER_CALL: {}}, "choice": []})
    with pytest.raises(ValueError, match=r"getToken: the page has \[\]"):
        conformance.conform_get_token()


def test_every_setting_of_the_mock_is_on_the_page() -> None:
    """The page has every setting of the mock, and conformance.toml has text for exactly these settings."""
    shown = [row[0].strip("`") for row in rows_of(conformance.conform_settings(), "setting")]
    assert shown == [each.name for each in attrs.fields(Settings)]
    assert set(conformance.words()["settings"]) == set(shown)


def test_the_rules_are_listed_in_their_order() -> None:
    """The rules are numbered in sequence; the last one has one item for each of three kinds of operation."""
    numbers = re.findall(r"^(\d+)\. ", conformance.conform_rules(), re.MULTILINE)
    assert numbers == [str(number + 1) for number in range(len(RULES) + 1)]
    assert conformance.conform_rules().count("   - ") == 3


def test_each_request_meets_a_mock_of_its_own() -> None:
    """Every request gets a new mock, so that the same cancel twice gives 204 twice."""
    call = pages()["cancelOrder"].call()
    assert [ask(call).status_code for _ in range(2)] == [204, 204]


def test_a_status_that_the_mock_does_not_send_is_an_error() -> None:
    """A requested status that the mock does not send raises an error and makes no row."""
    with pytest.raises(ValueError, match="asked for 99, the mock answers 204"):
        on_request(pages()["cancelOrder"].call(), "99")
