"""Pages as a browser shows them."""

import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest


class Matrices(HTMLParser):
    """The cells of a page's tables, (section, row, column) → state, and the names of all its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: dict[tuple[str, str, str], str] = {}
        self.elements: set[str] = set()
        self._path: list[str] = []
        self._caption, self._row, self._column = "", "", 0
        self._columns: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self._path.append(" ".join([tag, *(f"{name}={value}" for name, value in attrs if name == "scope")]))
        if tag == "table":
            self._columns = []
        self._column = -1 if tag == "tr" else self._column + (tag == "td")

    def handle_endtag(self, tag: str) -> None:
        while self._path and self._path.pop().partition(" ")[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        element = self._path[-1] if self._path else ""
        if element == "caption":
            self._caption = data
        elif element == "th scope=col":
            self._columns.append(data)
        elif element == "th scope=row":
            self._row = data
        elif element == "span":
            self.cells[self._caption, self._row, self._columns[self._column]] = data


def browser() -> str:
    """The path of a Chromium; without one the test is skipped, or fails if CI has installed one."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and os.environ.get("CI_HAS_BROWSER") != "1":
        pytest.skip("needs a browser to open the page: apt-get install chromium")
    assert found, "CI_HAS_BROWSER=1, but there is no chromium, chromium-browser or google-chrome"
    return found


def dom(page: Path, folder: Path) -> str:
    """The page's DOM from a browser. Output goes to a file, because a pipe may stay open after the browser ends."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
    command = [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *quiet]
    with (folder / "dom.html").open("wb") as output:
        subprocess.run(
            [*command, f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri()],
            env={**os.environ, "HOME": str(folder)},
            stdout=output,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )
    return (folder / "dom.html").read_text(encoding="utf-8")
