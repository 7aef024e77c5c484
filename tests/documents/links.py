"""The links of Markdown pages, and of the built site."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token


def targets_of(page: Path) -> Iterator[str]:
    """The targets of a Markdown page's links, without those to other sites."""
    for token in _all(MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))):
        target = str(token.attrs.get("href") or token.attrs.get("src") or "")
        if target and not urlsplit(target).scheme:
            yield unquote(target)


def anchors_of(page: Path) -> set[str]:
    """The anchors of the headings of a Markdown page, as GitHub and MyST make them."""
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    titles = (text.content for head, text in pairwise(tokens) if head.type == "heading_open")
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


class Page(HTMLParser):
    """The links and the anchors of a page of the built site."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors |= {value for value in (found.get("id"), found.get("name")) if value}
        self.links |= {value for value in (found.get("href"), found.get("src")) if value}
