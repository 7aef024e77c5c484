"""The site as `make docs` builds it."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from documents.links import Page
from documents.snippets import ROOT
from support.browser import dom

SITE = ROOT / ".cache" / "docs" / "html"

pytestmark = pytest.mark.site


@pytest.fixture(scope="module")
def pages() -> dict[Path, Page]:
    """Every page of the built site, parsed once."""
    assert (SITE / "index.html").exists(), "run `make docs`"
    return {path: Page(path) for path in SITE.rglob("*.html")}


def test_every_internal_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    """Every internal link of the site names an existing file and an existing anchor."""
    links = [(path, link) for path, page in pages.items() for link in page.links]
    assert [f"{path.name}: {link}" for path, link in links if _is_dead(path, link, pages)] == []
    assert len(links) > 1000


def _is_dead(path: Path, link: str, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not goal.exists():
        return True
    return bool(parts.fragment and goal in pages and unquote(parts.fragment) not in pages[goal].anchors)


def test_every_page_is_built(pages: dict[Path, Page]) -> None:
    """The site has a page for each page of docs/, and besides only the search and the indexes."""
    sources = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    built = {path.relative_to(SITE) for path in pages}
    assert built - sources == {Path(name) for name in ("genindex.html", "py-modindex.html", "search.html")} & built
    assert sources <= built


class Tables(HTMLParser):
    """The cells of the tables of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self._is_in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "td":
            self.cells.append("")
        self._is_in_cell = tag == "td" or (self._is_in_cell and tag != "tr")

    def handle_endtag(self, tag: str) -> None:
        self._is_in_cell = self._is_in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._is_in_cell:
            self.cells[-1] += data


def test_a_browser_shows_the_table_of_outcomes(tmp_path: Path) -> None:
    """The table of outcomes has outcomes and exit codes in a browser, after the scripts of the theme."""
    cells = Tables(dom(SITE / "reference" / "outcomes.html", tmp_path)).cells
    assert {"OutcomeUnknown", "NotSent", "0", "5", "exit_code"} <= set(cells)


def test_a_browser_shows_the_chart_of_ratios_and_its_words(tmp_path: Path) -> None:
    """The page has one chart with a title and a description, which the Markdown parser has not split."""
    page = dom(SITE / "proof.html", tmp_path)
    [chart] = re.findall(r'<svg[^>]*class="bench-chart".*?</svg>', page, re.DOTALL)
    assert chart.count("<rect ") == chart.count('<text x="0"') > 10
    assert "<title id=" in chart
    assert "<desc id=" in chart


def test_a_browser_shows_the_mock_beside_the_vendor(tmp_path: Path) -> None:
    """The tables of the page have a status, a parameter and a setting in a browser."""
    cells = Tables(dom(SITE / "reference" / "conformance.html", tmp_path)).cells
    assert {"409", "accountId", "single_session", "as documented"} <= set(cells)
