"""Every difference between two specifications is a change, and the table rates it."""

import re
from pathlib import Path

import pytest
import yaml

from contract_facts.changes import diff
from contract_facts.model import Facts, FactsError
from contract_facts.ratings import Rating, highest, rating_of
from contract_facts.specification import facts_of_specification

TEXT = (Path(__file__).parents[3] / "openapi" / "released" / "0.1.0" / "autoshares.yaml").read_text(encoding="utf-8")
CANCEL = "DELETE /v{version}/accounts/{accountId}/orders/{orderId}"
QUERY = "        - name: desc\n          in: query\n"
INT64 = "format: int64\n        minimum: -9223372036854775808\n        maximum: 9223372036854775807"
ORDER = re.escape(
    "description: The order to cancel.\n      required: true\n      schema:\n        type: integer\n        "
)
BOUNDS = "format: int32\n        minimum: -2147483648\n        maximum: 2147483647"

CASES = {
    "status added": (
        '        "409":',
        '        "404":\n          description: x\n        "409":',
        {"new status": "major"},
    ),
    "status gone": ('        "204":\n.*\n', "", {"gone status": "major"}),
    "status of another kind": ('"500":', '"5XX":', {"new status": "major", "gone status": "major"}),
    "status reworded": ("The order was cancelled[.]", "The order is being cancelled.", {"reworded status": "decide"}),
    "id widened": (f"{ORDER}{BOUNDS}", None, {"widened path parameter": "minor"}),
    "id narrowed": (
        "minimum: -2147483648(?=\n.*\n      example: 73552)",
        "minimum: 1",
        {"narrowed path parameter": "major"},
    ),
    "id is text": (
        "(?<=order to cancel[.]\n      required: true\n      schema:\n        type: )integer",
        "string",
        None,
    ),
    "query optional": (
        QUERY,
        f"        - {{name: x, in: query, schema: {{type: string}}}}\n{QUERY}",
        {"new optional query parameter": "minor"},
    ),
    "query required": (
        QUERY,
        f"        - {{name: x, in: query, required: true, schema: {{type: string}}}}\n{QUERY}",
        {"new required query parameter": "major"},
    ),
    "query renamed": (
        "name: desc",
        "name: down",
        {"gone query parameter": "decide", "new optional query parameter": "minor"},
    ),
    "query needed": (
        "required: false(?=\n          schema:\n            type: boolean)",
        "required: true",
        {"now required query parameter": "major"},
    ),
    "default": ('default: "1"', 'default: "2"', {"redefaulted path parameter": "major"}),
    "media type gone": ("            text/json:\n(?:              .*\n){6}", "", {"gone media type": "patch"}),
    "media type new": ("text/json:", "text/xml:", {"gone media type": "patch", "new media type": "decide"}),
    "body new": (
        '        "204":\n.*\n',
        '        "204":\n          description: The order was cancelled.\n          content: {text/plain: {}}\n',
        {"new body of status": "decide"},
    ),
    "header dropped": ("(?<=security:\n        - )appKey: \\[\\]\n          ", "", {"gone header": "decide"}),
    "capitals of a header": ("name: Et-App-Key", "name: ET-APP-KEY", {"renamed header": "patch"}),
    "another header": ("name: Et-App-Key", "name: App-Key", {"gone header": "decide", "new required header": "major"}),
    "either credential": (
        r"(security:\n        - appKey: \[\]\n        )  (accessToken)",
        r"\1- \2",
        {"changed operation": "decide", "now optional header": "decide"},
    ),
    "summary": ("summary: Cancel an order\n", "summary: Cancel it\n", {"changed documentation of operation": "patch"}),
    "example": ("example: 73552", "example: 1", {"changed documentation of path parameter": "patch"}),
    "operation reworded": ("Cancels one outstanding", "Cancels every outstanding", {"changed operation": "decide"}),
    "operation id": ("operationId: cancelOrder\n", "operationId: cancel\n", {"changed operation": "decide"}),
    "pattern": (
        '(        )default: "1"',
        '\\1default: "1"\n\\1pattern: "[0-9]+"',
        {"changed path parameter": "decide"},
    ),
    "field": ("\n        LeavesQuantity:", "\n        Leaves:", {"changed document": "decide"}),
    "field called example": (
        "        Id:\n",
        "        example: {type: string}\n        Id:\n",
        {"changed document": "decide"},
    ),
    "base URL": ("etnasoft[.]us/api\n        desc", "etnasoft.com/api\n        desc", {"changed document": "decide"}),
}


def facts(text: str) -> Facts:
    return facts_of_specification(text, "text")


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_found_and_rated(case: str) -> None:
    """One edit of an operation, or of a shared component, gives the listed changes and their ratings."""
    pattern, replacement, expected = CASES[case]
    replaced = replacement if replacement is not None else "".join((ORDER.replace("\\", ""), INT64))
    changed, count = re.subn(pattern, replaced, TEXT, count=1)
    assert count == 1
    changes = diff(facts(TEXT), facts(changed))
    found = {f"{change.kind} {change.subject}": str(rating_of(change)) for change in changes}
    if expected is None:
        assert highest(changes) >= Rating.MAJOR
    else:
        assert found == expected


def test_layout_and_comments_are_no_changes() -> None:
    """The order of keys, comments and layout do not count as changes."""
    sorted_text = yaml.safe_dump(yaml.safe_load(TEXT), sort_keys=True)
    assert diff(facts(TEXT), facts(sorted_text)) == []


def rename_parameter(text: str) -> str:
    return text.replace("{orderId}", "{id}").replace("name: orderId", "name: id")


def test_a_renamed_path_parameter_is_a_patch() -> None:
    """Only the renaming is reported: no change of a status, a type or an operation."""
    changes = diff(facts(TEXT), facts(rename_parameter(TEXT)))
    assert {(change.kind, change.detail) for change in changes} == {("renamed", "orderId -> id")}
    assert highest(changes) is Rating.PATCH


def test_two_path_parameters_that_change_places_are_no_renaming() -> None:
    """A swap of account and order is left to a person, because the same call would address another order."""
    swapped = TEXT.replace("{orderId}", "{x}").replace("{accountId}", "{orderId}").replace("{x}", "{accountId}")
    changes = diff(facts(TEXT), facts(swapped))
    assert {"swapped"} <= {change.kind for change in changes}
    assert {rating_of(change) for change in changes if change.kind == "swapped"} == {Rating.DECIDE}


def test_a_new_operation_is_minor_and_a_gone_one_is_major() -> None:
    """A new operation breaks no caller; a removed operation breaks its callers."""
    document = yaml.safe_load(TEXT)
    document["paths"].pop("/token")
    smaller = yaml.safe_dump(document)
    (gone,), (new,) = diff(facts(TEXT), facts(smaller)), diff(facts(smaller), facts(TEXT))
    assert (gone.text, rating_of(gone)) == ("gone operation POST /token", Rating.MAJOR)
    assert (new.text, rating_of(new)) == ("new operation POST /token", Rating.MINOR)


@pytest.mark.parametrize("text", ["openapi: [", "[]", "openapi: 3.1.0", "paths: {/a: {get: {}}}", "a: 1\na: 2"])
def test_a_text_that_is_no_specification_is_an_error(text: str) -> None:
    """A text that is no specification raises FactsError; it is not read as one without operations."""
    with pytest.raises(FactsError, match=r"^text: "):
        facts(text)
