"""The tables of the README and of the site come from the code."""

import re
import tomllib

import conformance
import from_code
from documents.snippets import PAGES, ROOT

import autoshares_cancel
from autoshares_cancel._cli.report import EXIT_CODES
from autoshares_openapi.api.orders import cancel_order

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_the_table_of_the_code() -> None:
    """The README has exactly the table of outcomes that the code gives."""
    assert from_code.outcomes() in README


def test_every_outcome_and_every_status_has_a_row() -> None:
    """The table has every outcome with its exit code, and every documented status."""
    rows = [line.strip("| ").split(" | ") for line in from_code.outcomes().splitlines()[2:]]
    assert {(name.strip("`"), int(code)) for _, name, *_, code in rows} == {
        (kind.__name__, int(code)) for kind, code in EXIT_CODES.items()
    }
    numbers = {int(number) for what, *_ in rows for number in re.findall(r"^\d{3}\b", what)}
    assert numbers == {*cancel_order.STATUSES, 429}


def test_every_exception_is_in_the_tree() -> None:
    """The tree has every public exception exactly once."""
    drawn = re.findall(r"~autoshares_cancel\.(\w+)`", from_code.exceptions())
    kinds = {name for name in autoshares_cancel.__all__ if _is_exception(getattr(autoshares_cancel, name))}
    assert sorted(drawn) == sorted(kinds)


def _is_exception(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def test_the_keys_of_json_are_those_of_an_outcome() -> None:
    """The table has every key that the command line prints."""
    keys = re.findall(r"^\| `(\w+)`", from_code.json_keys(), flags=re.MULTILINE)
    outcome = autoshares_cancel.Cancelled(account_id=6303, order_id=73552, status_code=204)
    assert keys == [*outcome.as_dict(), "exit_code"]


def test_every_public_name_is_on_the_page_of_the_api() -> None:
    """Every public name is on the page, as a class or in the table of types."""
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    named = {*re.findall(r"^\.\. auto\w+:: (\w+)$", page, flags=re.MULTILINE)}
    named |= {*re.findall(r"^\| `(\w+)`", from_code.types(), flags=re.MULTILINE)}
    assert named == {*autoshares_cancel.__all__}


def test_every_extra_is_on_the_page_of_versions() -> None:
    """The page has a row for every extra."""
    page = (ROOT / "docs" / "reference" / "versions.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"^\| `(\w+)` \|", page.partition("## Extras")[2], flags=re.MULTILINE)
    assert named == sorted(project["optional-dependencies"])


def test_the_chart_has_the_ratios_of_the_table() -> None:
    """The chart's description has the same ratios, targets and verdicts as the table."""
    rows = [line.strip("| ").split(" | ") for line in from_code.bench().splitlines() if line.startswith("| ")][2:]
    [words] = re.findall(r"<desc[^>]*>(.*)</desc>", from_code.bench_chart())
    assert words.split("; ") == [f"{label}: {ratio} {end}, target {target}" for label, ratio, target, end in rows]


def test_every_table_is_on_a_page() -> None:
    """Every table is on a page, and every table that a page names exists."""
    used = {name for page in PAGES for name in re.findall(r"^\{\{ (\w+) \}\}$", page.read_text("utf-8"), re.MULTILINE)}
    tables = (*from_code.TABLES, *conformance.TABLES)
    assert used == {make.__name__ for make in tables}
    assert all(make().strip() for make in from_code.TABLES)  # test_conformance.py checks the others
