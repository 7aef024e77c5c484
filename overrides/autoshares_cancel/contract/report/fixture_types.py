"""The types of the plugin's fixtures. They are apart so that pytest imports the plugin before a conftest.py does."""

from typing import NoReturn, Protocol


class Cell(Protocol):
    """Declare that this test decides one cell of the report: green, red, or not shown."""

    def __call__(self, section: str, row: str, column: str, *, note: str = "") -> None: ...


class Finding(Protocol):
    """Fail this test with one line about the fault, and its reproduction as client code and as a curl command."""

    def __call__(self, what: str, *, client: str = "", curl: str = "") -> NoReturn: ...


class Remark(Protocol):
    """Report a deviation that is no finding: the contract leaves it open, or there is a reason to accept it."""

    def __call__(self, what: str, *, reason: str = "") -> None: ...
