"""The types of the plugin's fixtures; pytest must import the plugin itself, before a conftest.py does."""

from typing import NoReturn, Protocol


class Cell(Protocol):
    """Say that this test decides one cell of the report: green, red, or not shown."""

    def __call__(self, section: str, row: str, column: str, *, note: str = "") -> None: ...


class Finding(Protocol):
    """Fail this test: one line of what is wrong, and how to see it as client code and as a curl command."""

    def __call__(self, what: str, *, client: str = "", curl: str = "") -> NoReturn: ...


class Remark(Protocol):
    """Report what is no finding: a deviation that the contract leaves open, or one with a reason to accept it."""

    def __call__(self, what: str, *, reason: str = "") -> None: ...
