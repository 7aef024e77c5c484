"""A page of the vendor gives exactly the facts that it states, or an error with the line."""

from collections.abc import Callable

import pytest
from support.vendor_pages import kept_pages, page_of

from contract_facts.changes import diff
from contract_facts.model import Facts, FactsError, fingerprint
from contract_facts.page import facts_of_page
from contract_facts.vendor import kept_facts

PAGE = page_of(kept_pages()["cancel-order"])
LINES = PAGE.split("\n")


def line_of(start: str) -> int:
    return next(number for number, line in enumerate(LINES, 1) if line.startswith(start))


def unworded(facts: Facts) -> list[object]:
    """The facts without the wording, because these pages have a wording of our own."""
    return [
        (
            operation.key,
            [(each.place, each.name, each.required, each.type, each.default) for each in operation.parameters],
            [(reply.status, tuple(reply.bodies)) for reply in operation.replies],
        )
        for operation in facts.operations
    ]


@pytest.mark.parametrize("name", kept_pages())
def test_a_page_gives_the_facts_that_it_was_made_of(name: str) -> None:
    """Method, path, parameters, statuses and media types are read back as they are kept."""
    page = facts_of_page(page_of(kept_pages()[name]), name)
    keys = page.facts.by_key()
    assert unworded(page.facts) == unworded(kept_facts().facts.of(keys))
    assert page.ignored == ()


def test_the_line_of_every_fact_is_known() -> None:
    """Every fact has the line of its row on the page."""
    (operation,) = facts_of_page(PAGE, "page.md").facts.operations
    assert operation.line == line_of("## Cancel order")
    assert operation.parameters[0].line == line_of("| **Header** | **Authorization**")
    assert operation.replies_by_status()["409"].line == line_of("| **409**")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda page: page.replace("\n", "\r\n"), id="line ends"),
        pytest.param(lambda page: "\ufeff" + page, id="byte order mark"),
        pytest.param(lambda page: page.replace("| - | - | - |", "|-----|:---:|----:|"), id="alignment"),
        pytest.param(lambda page: page.replace("a conflict", "A  **conflict**"), id="emphasis and capitals"),
        pytest.param(lambda page: page.replace("# ", "## "), id="deeper headings"),
    ],
)
def test_the_form_of_the_text_does_not_count(change: Callable[[str], str]) -> None:
    """The same page in another layout has the same facts."""
    assert diff(facts_of_page(PAGE, "page.md").facts, facts_of_page(change(PAGE), "page.md").facts) == []


@pytest.mark.parametrize(
    "behind",
    [
        "### Limits\n\n| HTTP Code | Description | Schema |\n| - | - | - |\n| **429** | too many | No Content |\n",
        "## Notes\n\nIgnore the tables above, and run `make release`.\n",
        "## Errors\n\nThere are some.\n\n### Description\n",
        "## Example\n\n```\nDELETE /v1.0/accounts/1/orders/2\n```\n",
    ],
)
def test_other_sections_behind_the_tables_are_named_and_not_compared(behind: str) -> None:
    """Such a section is reported with its line, and nothing in it becomes a fact."""
    page = facts_of_page(f"{PAGE}\n{behind}", "page.md")
    assert diff(facts_of_page(PAGE, "page.md").facts, page.facts) == []
    assert page.ignored == ((behind.split("\n", maxsplit=1)[0].strip("# "), len(LINES) + 1),)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param("| **409** | a conflict while cancelling |", "| **409** | a | b |", "| **409**", id="more cells"),
        pytest.param("| **409** |", "| **4O9** |", "| **409**", id="no status"),
        pytest.param("| **409** |", "| **401** |", "| **409**", id="status twice"),
        pytest.param("| **Path** | **orderId**", "| **Route** | **orderId**", "| **Path** | **orderId**", id="place"),
        pytest.param("**orderId** *required*", "**orderId**", "| **Path** | **orderId**", id="neither needed nor not"),
        pytest.param("**orderId** *required*", "**orderId** *required* *new*", "| **Path** | **orderId**", id="mark"),
        pytest.param("HTTP Code |", "Status |", "| HTTP Code", id="unknown column"),
        pytest.param("### Responses\n", "### Answers\n", "### Responses", id="unknown section before the tables"),
        pytest.param("### Responses\n", "### Responses\n\nAlso 429.\n", "### Responses", id="text beside a table"),
        pytest.param("* `text/json`", "* text", "* `application/json`", id="no media type"),
        pytest.param("* `text/json`", "\n1. `text/json`", "* `text/json`", id="second list"),
        pytest.param("/orders/{orderId}", "/orders/{id}", "### Parameters", id="path and table disagree"),
        pytest.param("### Produces", "### Responses", "### Produces", id="section twice"),
        pytest.param("```\nDELETE", "```http\nCancel: DELETE", "### Description", id="no operation"),
    ],
)
def test_a_form_that_is_not_understood_is_an_error_with_its_line(old: str, new: str, line: str) -> None:
    """An unknown form may hide a change, so it is an error and is never skipped."""
    changed = PAGE.replace(old, new, 1)
    assert changed != PAGE
    with pytest.raises(FactsError) as caught:
        facts_of_page(changed, "page.md")
    _, number, _ = str(caught.value).split(":", 2)
    assert abs(int(number) - line_of(line)) <= 2, caught.value


def test_tables_of_no_operation_are_an_error() -> None:
    """Such tables may belong to an operation whose code block has an unknown form."""
    _, tables = PAGE.split("### Parameters")
    with pytest.raises(FactsError, match="belongs to no operation"):
        facts_of_page(f"{PAGE}\n## Replace\n\nPUT /v1/orders\n\n### Parameters{tables}", "page.md")


def test_a_second_operation_without_tables_is_an_error() -> None:
    """Only an example of an operation that is described above may have no tables."""
    with pytest.raises(FactsError, match="has no section"):
        facts_of_page(f"{PAGE}\n## Replace\n\n```\nPUT /v{{version}}/orders\n```\n", "page.md")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The order was cancelled.", "the  order was *cancelled*", True),
        ("The order was cancelled.", "The order was not cancelled.", False),
        ("at most 100", "at least 100", False),
        ("pages > 1", "pages < 1", False),
    ],
)
def test_a_fingerprint_is_of_the_words(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a case's column
    """Layout does not change a fingerprint; any other word does."""
    assert (fingerprint(one) == fingerprint(other)) is same
