"""The Python snippets pass a type checker."""

import subprocess
import sys
from pathlib import Path

import pytest
from documents.snippets import PAGES, ROOT, snippets_of

pytestmark = pytest.mark.site
SECONDS = 300


def test_every_snippet_type_checks(tmp_path: Path) -> None:
    """Every Python snippet passes mypy as strictly as the package; pages with top-level await are left out."""
    for page in PAGES:
        blocks = [str(example.parsed) for example in snippets_of(page) if _is_shown(page, example.line)]
        if blocks and not any("\nawait " in f"\n{block}" or "async with AsyncClient" in block for block in blocks):
            (tmp_path / f"{page.stem.replace('-', '_').lower()}.py").write_text("\n".join(blocks), encoding="utf-8")
    files = sorted(map(str, tmp_path.glob("*.py")))
    assert len(files) > 8
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout


def _is_shown(page: Path, line: int) -> bool:
    return page.read_text(encoding="utf-8").splitlines()[line - 1] == "```python"
