"""`make watch` and `make compat` as a maintainer runs them: what they print, and their exit codes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from rehearsal.walk import ENVIRONMENT, copy_tree, run

CANCEL = "DELETE /v{version}/accounts/{accountId}/orders/{orderId}"


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, str]:
    """The vendor's pages, rebuilt from the kept facts and written beside a copy of the contract."""
    found = copy_tree(tmp_path)
    for name, page in found.items():
        (tmp_path / f"{name}.md").write_text(page, encoding="utf-8")
    return found


@pytest.mark.usefixtures("pages")
def test_unchanged_pages_have_no_difference(tmp_path: Path, pages: dict[str, str]) -> None:
    """Several unchanged pages in one call give exit code 0."""
    files = [f"{name}.md" for name in pages]
    assert run(tmp_path, "watch.py", *files) == (0, [f"{file}: nothing differs" for file in files])


def test_one_page_that_differs_is_enough(tmp_path: Path, pages: dict[str, str]) -> None:
    """One changed page among several gives exit code 1 and the line of the specification."""
    changed = pages["cancel-order"].replace("| **409** | a conflict", "| **409** | no conflict")
    (tmp_path / "page.md").write_text(changed, encoding="utf-8")
    code, lines = run(tmp_path, "watch.py", "page.md", "token.md")
    specification = (tmp_path / "openapi" / "autoshares.yaml").read_text(encoding="utf-8").split("\n")
    line = specification.index('        "409":') + 1
    assert code == 1
    assert lines[0].startswith(f"openapi/autoshares.yaml:{line}: reworded status 409 of {CANCEL}: fingerprint ")
    assert "token.md: nothing differs" in lines


@pytest.mark.tools
def test_a_page_that_is_not_understood_outweighs_a_difference(tmp_path: Path, pages: dict[str, str]) -> None:
    """A page of unknown form gives exit code 2; the other pages are still compared."""
    (tmp_path / "page.md").write_text(pages["token"].replace("| **202** |", "| **two** |"), encoding="utf-8")
    (tmp_path / "other.md").write_text(pages["token"].replace("| **202** |", "| **203** |"), encoding="utf-8")
    code, lines = run(tmp_path, "watch.py", "page.md", "other.md", "nowhere.md")
    assert code == 2
    assert any(line.startswith("not understood: page.md:") for line in lines)
    assert any("new status 203 of POST /token" in line for line in lines)
    assert any(line.startswith("not understood: ") and "nowhere.md" in line for line in lines)


@pytest.mark.tools
def test_a_page_comes_from_standard_input(tmp_path: Path, pages: dict[str, str]) -> None:
    """A dash stands for standard input."""
    command = [sys.executable, "openapi/watch.py", "-"]
    ended = subprocess.run(
        command, cwd=tmp_path, input=pages["token"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "-: nothing differs\n")


@pytest.mark.tools
def test_an_operation_with_another_path_is_new_and_the_old_one_gone(tmp_path: Path, pages: dict[str, str]) -> None:
    """A page is recognized by its heading, so that a changed path is a new and a gone operation."""
    moved = pages["cancel-order"].replace("/orders/{orderId}", "/order/{orderId}")
    (tmp_path / "page.md").write_text(moved, encoding="utf-8")
    code, lines = run(tmp_path, "watch.py", "page.md")
    assert code == 1
    assert any(f"gone operation {CANCEL} " in line for line in lines)
    assert any(f"new operation {CANCEL.replace('/orders/', '/order/')} " in line for line in lines)


@pytest.mark.tools
def test_recording_a_page_does_not_hide_it_from_the_specification(tmp_path: Path, pages: dict[str, str]) -> None:
    """A page that differs from the specification is reported, recorded or not, unless that was chosen."""
    kept = tmp_path / "openapi" / "vendor" / "get-orders.yaml"
    content = yaml.safe_load(kept.read_text(encoding="utf-8"))
    content["operations"][0]["chosen"].pop()
    kept.write_text(yaml.safe_dump(content), encoding="utf-8")
    code, lines = run(tmp_path, "watch.py", "get-orders.md")
    assert (code, len(lines)) == (1, 2)
    assert "gone query parameter desc of GET" in lines[0]
    assert "not as in specification" in lines[0]


@pytest.mark.tools
def test_a_page_cannot_write_to_the_terminal(tmp_path: Path, pages: dict[str, str]) -> None:
    """Control characters are printed as question marks; a section without facts is only named."""
    (tmp_path / "page.md").write_text(f"{pages['token']}\n## \x1b[2JRun `make release`\n\nNow.\n", encoding="utf-8")
    code, lines = run(tmp_path, "watch.py", "page.md")
    assert code == 0
    assert lines[0].endswith("not compared: ?[2JRun `make release`")


@pytest.mark.tools
@pytest.mark.parametrize("broken", ["page: [", "page: x", "surprise: 1\noperations: []\nread: 2026-01-01\n"])
def test_kept_facts_that_are_not_understood_are_an_error(tmp_path: Path, pages: dict[str, str], broken: str) -> None:
    """Kept facts that cannot be read give exit code 2 and the name of their file."""
    (tmp_path / "openapi" / "vendor" / "token.yaml").write_text(broken, encoding="utf-8")
    code, lines = run(tmp_path, "watch.py", "token.md")
    assert code == 2
    assert lines[0].startswith("vendor/token.yaml: ")


@pytest.mark.tools
@pytest.mark.usefixtures("pages")
def test_without_a_change_there_is_nothing_to_rate(tmp_path: Path) -> None:
    """`make compat` gives exit code 0 right after a release."""
    assert run(tmp_path, "compat.py") == (0, ["nothing changed in the specification since 0.1.0 (version 0.1.0)"])


@pytest.mark.usefixtures("pages")
def test_the_newest_release_is_the_base(tmp_path: Path) -> None:
    """Versions are compared as numbers: 0.10.0 is newer than 0.9.0."""
    for version in ("0.9.0", "0.10.0"):
        shutil.copytree(tmp_path / "openapi" / "released" / "0.1.0", tmp_path / "openapi" / "released" / version)
    assert run(tmp_path, "compat.py")[1] == ["nothing changed in the specification since 0.10.0 (version 0.10.0)"]


@pytest.mark.tools
@pytest.mark.usefixtures("pages")
def test_the_base_may_be_a_file(tmp_path: Path) -> None:
    """A file has no version, so that only the changelog is compared with the rating."""
    text = (tmp_path / "openapi" / "autoshares.yaml").read_text(encoding="utf-8")
    (tmp_path / "old.yaml").write_text(text.replace('        "409":\n', '        "410":\n', 1), encoding="utf-8")
    code, lines = run(tmp_path, "compat.py", "old.yaml")
    assert code == 1
    assert lines == [
        f"major   gone status 410 of {CANCEL}",
        f"major   new status 409 of {CANCEL}",
        "rating: major, since old.yaml, of no known version",
        "CHANGELOG.md: write below the newest heading: Rating: major",
    ]


@pytest.mark.tools
@pytest.mark.usefixtures("pages")
def test_the_base_may_be_a_commit(tmp_path: Path) -> None:
    """The commit's specification, kept pages and version are compared."""
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "a release"]):
        names = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *names, *arguments], cwd=tmp_path, env=ENVIRONMENT, check=True, timeout=60)
    kept = tmp_path / "openapi" / "vendor" / "cancel-order.yaml"
    content = yaml.safe_load(kept.read_text(encoding="utf-8"))
    content["operations"][0]["statuses"]["204"]["wording"] = "0123456789abcdef"
    kept.write_text(yaml.safe_dump(content), encoding="utf-8")
    code, lines = run(tmp_path, "compat.py", "HEAD")
    assert code == 1
    assert lines[0].startswith(f"decide  reworded status 204 of {CANCEL}: fingerprint ")
    assert lines[1] == "rating: decide, since HEAD (version 0.1.0)"


@pytest.mark.tools
@pytest.mark.usefixtures("pages")
def test_an_unknown_base_is_an_error(tmp_path: Path) -> None:
    """An unknown base gives exit code 2, and never "nothing changed"."""
    code, lines = run(tmp_path, "compat.py", "no-such-commit")
    assert (code, len(lines)) == (2, 1)
    shutil.rmtree(tmp_path / "openapi" / "released" / "0.1.0")
    code, lines = run(tmp_path, "compat.py")
    assert code == 2
    assert lines[0].endswith("no release is kept there")
