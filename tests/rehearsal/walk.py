"""One change of the vendor's, from its page to the rating, in a copy of what the commands read."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from attrs import frozen
from rehearsal.edits import Rehearsed
from support.vendor_pages import as_kept, kept_pages, page_of

from contract_facts.page import facts_of_page

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "openapi" / "released" / "0.1.0"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
"""Without what a hook of git's would lead to the repository of this tree."""
_SECONDS = 60


@frozen(kw_only=True)
class Walk:
    """What the maintainer saw: `make watch` on the page, again after all edits, and then `make compat`."""

    watched: tuple[str, ...]
    watch_code: int
    code_after_edits: int
    rated: tuple[str, ...]
    rating: str
    compat_code: int

    def found(self) -> list[str]:
        """The kind and subject of each change that `make watch` printed."""
        kinds = r"(?:new|gone|widened|renamed|redefaulted|reworded)(?: optional| required)?"
        words = re.compile(rf": ({kinds} (?:media type|\w+ parameter|\w+)) ")
        return [match[1] for line in self.watched if (match := words.search(line))]


def copy_tree(folder: Path) -> dict[str, str]:
    """Copy the commands, and the contract as it was released, its wording being ours; the pages as the vendor has them.

    The release is the first one, so that what the vendor changes later does not change what is rehearsed.
    """
    for name in ("contract_facts", "python_face"):
        shutil.copytree(ROOT / "openapi" / name, folder / "openapi" / name)
    for name in ("watch.py", "compat.py"):
        shutil.copy(ROOT / "openapi" / name, folder / "openapi")
    shutil.copy(RELEASED / "autoshares.yaml", folder / "openapi")
    (folder / "openapi" / "vendor").mkdir()
    pages = {name: page_of(kept) for name, kept in kept_pages(RELEASED / "vendor").items()}
    for name, page in pages.items():
        record(folder, name, page)
    released = folder / "openapi" / "released" / RELEASED.name
    shutil.copytree(folder / "openapi" / "vendor", released / "vendor")
    shutil.copy(RELEASED / "autoshares.yaml", released)
    (folder / "pyproject.toml").write_text(f'[project]\nversion = "{RELEASED.name}"\n', encoding="utf-8")
    changelog = f"# Changelog\n\n## Unreleased\n\n## {RELEASED.name}\n"
    (folder / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    return pages


def record(folder: Path, name: str, page: str) -> None:
    """Keep the facts of a page, as the maintainer does."""
    operations = kept_pages(RELEASED / "vendor")[name]["operations"]
    chosen = [choice for operation in operations for choice in operation.get("chosen", ())]
    kept = as_kept(facts_of_page(page, name).facts, chosen)
    (folder / "openapi" / "vendor" / f"{name}.yaml").write_text(kept, encoding="utf-8")


def walk(rehearsed: Rehearsed, folder: Path) -> Walk:
    """Change the page, watch, edit what `make watch` names, watch again, and rate."""
    page = copy_tree(folder)[rehearsed.page]
    for edit in rehearsed.on_the_page:
        page = edit.apply(page)
    (folder / "page.md").write_text(page, encoding="utf-8")
    watch_code, watched = run(folder, "watch.py", "page.md")
    record(folder, rehearsed.page, page)
    specification = folder / "openapi" / "autoshares.yaml"
    text = specification.read_text(encoding="utf-8")
    for edit in rehearsed.in_the_specification:
        text = edit.apply(text)
    specification.write_text(text, encoding="utf-8")
    code_after_edits, _ = run(folder, "watch.py", "page.md")
    compat_code, rated = run(folder, "compat.py")
    ratings = [match[1] for line in rated if (match := re.match(r"rating: (\w+)", line))]
    return Walk(
        watched=tuple(watched),
        watch_code=watch_code,
        code_after_edits=code_after_edits,
        rated=tuple(rated),
        rating="".join(ratings),
        compat_code=compat_code,
    )


def run(folder: Path, script: str, *arguments: str) -> tuple[int, list[str]]:
    """Run one of the copied scripts; its exit code and the lines that it printed."""
    ended = subprocess.run(
        [sys.executable, f"openapi/{script}", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return ended.returncode, ended.stdout.splitlines()
