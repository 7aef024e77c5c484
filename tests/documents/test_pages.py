"""The pages of the documentation, without building the site."""

import re
from pathlib import Path

import pytest
from documents.links import anchors_of, targets_of
from documents.snippets import PAGES, ROOT

OTHERS = [ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "openapi/README.md")]
EVERY_PAGE = {path.relative_to(ROOT).as_posix(): path for path in (*PAGES, *OTHERS)}
DIRECTIVES = {"{toctree}", "{eval-rst}", "{include}", "{literalinclude}"}
LANGUAGES = {"python", "bash", "console", "text"} | DIRECTIVES


def leads_nowhere(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    goal = (page.parent / name) if name else page
    return not goal.exists() or bool(anchor and goal.suffix == ".md" and anchor not in anchors_of(goal))


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_link_leads_somewhere(page: str) -> None:
    """Every link of a page names an existing file and, if it has an anchor, an existing heading."""
    path = EVERY_PAGE[page]
    assert [target for target in targets_of(path) if leads_nowhere(path, target)] == []


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    """Links to a missing file and to a missing heading are found."""
    page = tmp_path / "page.md"
    page.write_text("# A head\n\n[a](#a-head) [b](page.md#a-head) [c](other.md) [d](#b-head)\n", encoding="utf-8")
    assert [target for target in targets_of(page) if leads_nowhere(page, target)] == ["other.md", "#b-head"]


def test_the_readme_works_without_the_repository() -> None:
    """The README links only to itself and to other sites, because the wheel's metadata has no other file."""
    assert [target for target in targets_of(ROOT / "README.md") if not target.startswith("#")] == []


def test_every_page_is_in_the_contents() -> None:
    """The contents of the first page list every page of the site."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = {line for block in re.findall(r"```\{toctree\}\n(.*?)```", index, re.DOTALL) for line in block.split("\n")}
    pages = {path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert {line for line in listed if line and not line.startswith(":")} == pages - {"index"}


@pytest.mark.parametrize("page", [page for page in EVERY_PAGE if page.startswith(("README", "docs"))])
def test_every_block_has_a_language(page: str) -> None:
    """Every code block has a known language, which decides whether it is run."""
    fences = re.findall(r"^```+(.+)$|^```$", EVERY_PAGE[page].read_text(encoding="utf-8"), flags=re.MULTILINE)
    openings = [fence.partition(" ")[0] for fence in fences if fence]
    assert set(openings) <= LANGUAGES
    assert len(fences) == 2 * len(openings)


MENTIONING = {name: path for name, path in EVERY_PAGE.items() if name != "CHANGELOG.md"}


@pytest.mark.parametrize("page", MENTIONING)
def test_every_make_target_that_a_page_names_exists(page: str) -> None:
    """Every make target in the text and the blocks of a page exists."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z]+)\b", MENTIONING[page].read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(named) <= targets


def test_every_file_that_the_readme_names_exists() -> None:
    """Every file that the README names in backquotes exists."""
    named = re.findall(r"`([\w.-]+/[\w./-]*|[A-Z]+\.md)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [name for name in named if not name.startswith(".cache/") and not (ROOT / name).exists()] == []
    assert len(named) > 4
