"""The snippets of the README and of the site."""

from pathlib import Path

import pytest
from documents.snippets import PAGES, ROOT, run_snippets, snippets_of

from autoshares_cancel.mock import MockServer

WITH_SNIPPETS = {page.relative_to(ROOT).as_posix(): page for page in PAGES if snippets_of(page)}
FIRST = {"README.md", "docs/quick-start.md"}
"""The pages that `make test` runs; `make docs` runs the others, which start many processes."""


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=() if page in FIRST else pytest.mark.site) for page in WITH_SNIPPETS]
)
def test_every_snippet_runs_as_it_stands(page: str, exchange: MockServer) -> None:
    """The snippets of a page run unchanged and in sequence, against a mock with its usual orders."""
    run_snippets(WITH_SNIPPETS[page], server=exchange)


def test_a_snippet_that_fails_is_found(tmp_path: Path) -> None:
    """A failing Python or shell snippet fails the page; other languages are not run."""
    page = tmp_path / "page.md"
    page.write_text("```console\nfalse\n```\n\n```python\nassert 1 + 1 == 2\n```\n", encoding="utf-8")
    run_snippets(page)
    for wrong in ("python\nassert 1 + 1 == 3", "bash\nfalse", "bash\nfalse | true"):
        page.write_text(f"```{wrong}\n```\n", encoding="utf-8")
        with pytest.raises(AssertionError):
            run_snippets(page)
