"""The contract suite finds its files wherever the package is installed: from the wheel, and from the checkout."""

import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest
from support.python_path import python_path

from autoshares_cancel.contract.report.page import page
from autoshares_cancel.contract.report.shape import Report
from autoshares_cancel.contract.run import SERVER, SETTINGS
from autoshares_cancel.contract.server.specification import IN_CHECKOUT, IN_WHEEL, OPERATIONS, SPECIFICATION_FILE

EMPTY: dict[str, Any] = {
    "verdict": "conforms",
    "totals": {"red": 0},
    "findings": [],
    "pending": [{"what": "409, not 204", "client": "", "curl": "curl -i", "rule": "", "since": "0.2", "tests": []}],
    "remarks": [{"what": "404, not 422", "reason": "known", "rule": "", "tests": []}],
    "unneeded": [{"check": "requests · no order", "rule": "405", "reason": "until May"}],
    "cells": [],
    "server": None,
    "started": "",
    "seconds": 0.0,
}


TABLES = ["example.toml", "mock.toml", "pinned.toml", "quirks.toml", "schemathesis.toml", "schemathesis_peers.toml"]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_data_of_the_package(name: str) -> None:
    """Each table is read by the package's name, without a path of the checkout."""
    assert tomllib.loads(files("autoshares_cancel.contract.server").joinpath(name).read_text(encoding="utf-8"))


def test_the_page_is_made_from_its_template() -> None:
    """The template is data of the package, and the page of the report is made from it."""
    assert files("autoshares_cancel.contract.report").joinpath("page.html.jinja").is_file()
    text = page(cast(Report, {**EMPTY, "conforms": True, "seed": None}))
    assert "<title>contract: conforms</title>" in text
    assert "409, not 204 (new in 0.2)" in text
    assert "404, not 422; accepted: known" in text
    assert "No finding needs check = &#34;requests · no order&#34; and rule = &#34;405&#34; (until May)." in text


def test_the_specification_is_read() -> None:
    """There is one specification: that of the wheel, or that of the checkout."""
    assert [path.is_file() for path in (IN_WHEEL, IN_CHECKOUT)].count(True) == 1
    assert SPECIFICATION_FILE.is_file()
    assert OPERATIONS["cancelOrder"].path == "/v{version}/accounts/{accountId}/orders/{orderId}"


def test_the_suite_is_collected_from_any_folder(tmp_path: Path) -> None:
    """Pytest takes its settings from the package, and finds every file of the suite."""
    command = [sys.executable, "-P", "-m", "pytest", "-c", str(SETTINGS), "--rootdir", str(SERVER), "--collect-only"]
    environment = {"PYTHONPATH": python_path(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1"}
    ended = subprocess.run(
        [*command, str(SERVER)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    modules = {line.partition("::")[0] for line in ended.stdout.splitlines() if "::" in line}
    assert modules == {path.name for path in SERVER.glob("test_*.py")}
    assert list(tmp_path.iterdir()) == []
