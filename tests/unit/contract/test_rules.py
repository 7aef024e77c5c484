"""Cases of one rule are one entry of the report, on the page and on the terminal; long texts are shortened."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from support.browser import dom

from autoshares_cancel.contract.report.abridging import abridged
from autoshares_cancel.contract.report.page import page
from autoshares_cancel.contract.report.rules import grouped, rule_of
from autoshares_cancel.contract.report.shape import FindingReport, RemarkReport, Report
from autoshares_cancel.contract.report.terminal import terminal_lines

LONG = "curl 'http://broker.example/v1/accounts/6303/orders/1?filter=" + "x" * 60_000 + "'"
CLIENT = "import os; from autoshares_cancel import Client"
ALIKE = [
    ("reading", "after a cancel", "order 73552: New, not Canceled", "order 73553: New, not Canceled"),
    ("at the end", "cancelled", "order 1 is New; order 2 is New", "order 3 is New"),
    ("statuses", "cancelOrder 401", "a call (sync): the server answered 409", "a call (trio): the server answered 409"),
    ("checks", "in time", "a cancel: after 1.204 s", "a cancel: after 2.5 s"),
]
UNLIKE = [
    ("reading", "r", "an order: 404, not 422", "an order: 500, not 422"),
    ("effects", "r", "GET made Canceled of order 1", "GET made Filled of order 1"),
]


def finding(number: int, **what: str) -> FindingReport:
    """A case of one rule."""
    what = {
        "what": f"order {number} is New",
        "client": "see curl",
        "curl": f"curl {number}",
        "rule": "the rule",
        **what,
    }
    return cast(FindingReport, {**what, "tests": [f"test_{number}"]})


def report(**parts: Any) -> Report:
    """A report of a server that does not conform."""
    cells = [
        {"section": "checks", "row": "r", "column": "c", "state": "red", "notes": [], "reasons": [], "tests": []},
        {"section": "lists", "row": "r", "column": "c", "state": "not shown", "notes": [], "reasons": ["no list"]},
    ]
    about = {"server": "http://broker.example", "started": "", "seconds": 0.0, "seed": None, "finished": True}
    report: dict[str, Any] = {"conforms": False, "verdict": "does not conform", "totals": {"red": 1, "not shown": 1}}
    totals = dict.fromkeys(("green", "pending", "accepted", "noted"), 0) | report["totals"]
    lists: dict[str, Any] = {"findings": [], "pending": [], "remarks": [], "unneeded": []}
    return cast(Report, {**about, **report, "totals": totals, "cells": cells, **lists, **parts})


@pytest.mark.parametrize(("section", "row", "one", "other"), ALIKE)
def test_the_same_complaint_is_one_rule(section: str, row: str, one: str, other: str) -> None:
    """Complaints that differ only in orders, kinds of clients or seconds are one rule."""
    rules = {rule_of(what, "test_that", {"section": section, "row": row}) for what in (one, other)}
    assert len(rules) == 1
    assert rules.pop().startswith(f"{section} · {row}: ")


@pytest.mark.parametrize(("section", "row", "one", "other"), UNLIKE)
def test_another_complaint_is_another_rule(section: str, row: str, one: str, other: str) -> None:
    """Complaints with different statuses are different rules."""
    assert len({rule_of(what, "test_that", {"section": section, "row": row}) for what in (one, other)}) == 2


def test_a_row_is_a_rule_of_its_own_but_for_requests() -> None:
    """Two ways to cancel by mistake are two rules; two requests that get the same wrong status are one."""
    rows = {
        section: {rule_of("DELETE /1: 204, not 409", "test_that", {"section": section, "row": row}) for row in "ab"}
        for section in ("effects", "requests")
    }
    assert {section: len(rules) for section, rules in rows.items()} == {"effects": 2, "requests": 1}


def test_a_server_that_stops_is_one_rule() -> None:
    """Tests that break off at an unanswered request are one rule, whichever request it is."""
    broken = {
        "test_a[1]": "POST /token was not answered: reset",
        "test_b": "GET /v1/orders?n=1 was not answered: reset",
    }
    cell = {"section": "other tests", "row": "test"}
    rules = {rule_of(f"{test}: {what}", test, cell) for test, what in broken.items()}
    assert rules == {"a request was not answered: reset"}


def test_what_is_accepted_for_another_reason_is_another_entry() -> None:
    """Remarks with different reasons are different entries."""
    noted: list[RemarkReport] = [
        {"what": "404, not 422", "reason": reason, "rule": "r: 404, not 422", "tests": []} for reason in ("", "", "May")
    ]
    assert [group.title for group in grouped(noted)] == ["r: 404, not 422 (2 cases)", "404, not 422"]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("order 73552", "order 73552"),
        ("/orders/" + "1" * 5000 + ", many digits", "/orders/1111… (5,000 characters), many digits"),
        ("?" + "ab" * 1000, "?" + "ab" * 39 + "a… (2,001 characters)"),
    ],
)
def test_what_is_too_long_is_shortened_with_its_length(text: str, short: str) -> None:
    """A long run of characters is shortened, and the text after it is kept."""
    assert abridged(text) == short


def test_the_terminal_has_a_line_for_each_rule() -> None:
    """The line has the number of cases; below it is the first case that client code shows, shortened."""
    found = [finding(1), finding(2, client=CLIENT, curl=LONG), finding(3, rule="another")]
    lines = list(terminal_lines(report(findings=found)))
    assert lines == [
        "WRONG: the rule (2 cases)",
        "    order 2 is New",
        f"    {CLIENT}",
        f"    {abridged(LONG)}",
        "    (complete in report.json)",
        "WRONG: order 3 is New",
        "    see curl",
        "    curl 3",
        "NOT SHOWN: lists · r · c: no list",
        "contract: does not conform",
    ]


def test_one_finding_about_many_orders_is_one_line() -> None:
    """The complaint is shown once, and the orders are shown below it."""
    many = "; ".join(f"order {number} is New" for number in range(73552, 73652))
    rule = rule_of(many, "test_that", {"section": "at the end", "row": "cancelled"})
    title, orders, *_ = terminal_lines(report(findings=[finding(1, what=many, rule=rule)]))
    assert title == "WRONG: at the end · cancelled: order … is New"
    assert orders.startswith("    order 73552 is New; order 73553 is New")
    assert len(orders) < 500


def entire() -> Report:
    """A report with something in each part."""
    remarks = [
        {"what": f"{n}", "reason": reason, "rule": reason, "tests": []} for n, reason in enumerate(("", "known"))
    ]
    return report(
        findings=[finding(1, curl=LONG), finding(2), finding(3)],
        pending=[{**finding(4), "since": "0.2"}],
        remarks=remarks,
        unneeded=[{"check": "c", "rule": "", "reason": "known"}],
    )


def test_the_page_goes_from_the_verdict_to_what_was_not_shown() -> None:
    """Further cases are folded; headings have an order, and every table header has a scope."""
    text = page(entire())
    ids = ["matrix", "findings", "remarks", "pending", "accepted", "unneeded", "not-shown"]
    assert re.findall(r'<section id="([a-z-]+)"', text) == ids
    assert re.findall(r'href="#([a-z-]+)"', text) == ids
    levels = [int(level) for level in re.findall(r"<h(\d)", text)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert not re.findall(r"<th(?! scope=)(?=[ >])", text)
    folded = text[text.index("<summary>2 more</summary>") : text.index("</details>", text.index("2 more"))]
    assert (folded.count("<li>"), "order 1 is New" in folded, "order 3 is New" in folded) == (2, False, True)
    assert len(text) < len(LONG)
    assert "xxxx… (60,000 characters)&#39;" in text


def test_a_browser_folds_what_is_not_wrong(tmp_path: Path) -> None:
    """Without JavaScript, a table with a red cell is open, and all others are closed."""
    (tmp_path / "report.html").write_text(page(entire()), encoding="utf-8")
    text = dom(tmp_path / "report.html", tmp_path)
    assert re.findall(r"<details( open)?[^>]*>\s*<summary><b>(\w+)</b>", text) == [(" open", "checks"), ("", "lists")]


def test_a_long_complaint_is_there_once() -> None:
    """A long complaint is the title of its rule, and is not repeated below it."""
    lines = list(terminal_lines(report(findings=[finding(1, what="a word " * 200)])))
    assert lines[0].startswith("WRONG: a word a word")
    assert lines[1] == "    see curl"
