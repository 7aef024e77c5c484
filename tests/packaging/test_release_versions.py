"""The version of a release, its section of the changelog, and the release that it is compared with."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from rehearsal.walk import copy_tree
from support.release_tree import FACE, git

from contract_facts.bases import Version
from contract_facts.ratings import Rating
from releasing.rated import Rated, rate
from releasing.steps import Stopped
from releasing.tree import Tree
from releasing.versions import next_release, with_version

DAY = date(2026, 11, 26)
SECTION = "## Unreleased\n\nRating: minor\n\n### Added\n\n- A thing.\n"
OLDER = "\n## 0.1.0 (2026-01-01)\n\n- The first.\n"


@pytest.mark.parametrize(
    ("base", "current", "rating", "bump", "version"),
    [
        (None, (0, 1, 0), Rating.NONE, "", (0, 1, 0)),
        (None, (0, 1, 0), Rating.NONE, "minor", (0, 2, 0)),
        ((0, 1, 0), (0, 1, 0), Rating.NONE, "", (0, 1, 1)),
        ((0, 1, 0), (0, 1, 0), Rating.MINOR, "", (0, 1, 1)),
        ((0, 1, 0), (0, 1, 0), Rating.MAJOR, "", (0, 2, 0)),
        ((0, 1, 0), (0, 1, 1), Rating.MAJOR, "", (0, 2, 0)),
        ((0, 1, 0), (0, 3, 0), Rating.MAJOR, "", (0, 3, 0)),
        ((0, 1, 0), (0, 1, 0), Rating.MINOR, "minor", (0, 2, 0)),
        ((1, 2, 3), (1, 2, 3), Rating.MINOR, "", (1, 3, 0)),
        ((1, 2, 3), (1, 2, 3), Rating.NONE, "major", (2, 0, 0)),
    ],
)
def test_the_next_version(base: Version | None, current: Version, rating: Rating, bump: str, version: Version) -> None:
    """The first version is the project's; a later one follows the rating, or is the project's if that is larger."""
    assert next_release(base, current, rating, bump) == version


def test_a_bump_below_the_rating_is_refused() -> None:
    """BUMP may raise the version by more than the rating requires, but not by less."""
    with pytest.raises(Stopped, match=r"^BUMP=patch makes it 0\.1\.1, and major makes it 0\.2\.0 or later$"):
        next_release((0, 1, 0), (0, 1, 0), Rating.MAJOR, "patch")


def test_the_newest_section_gets_version_and_date() -> None:
    """Only the heading of the newest section changes; the rest of the changelog stays."""
    dated = with_version(f"# Changelog\n\n{SECTION}{OLDER}", (0, 1, 1), DAY)
    assert dated == f"# Changelog\n\n{SECTION}{OLDER}".replace("## Unreleased", "## 0.1.1 (2026-11-26)")


@pytest.mark.parametrize(
    "changelog",
    [
        "# Changelog\n",
        f"# Changelog\n{OLDER}",
        f"# Changelog\n\n## Unreleased\n{OLDER}",
        f"# Changelog\n\n## Unreleased\n\nRating: minor\n{OLDER}",
        f"# Changelog\n{OLDER}\n{SECTION}",
    ],
)
def test_a_changelog_without_news_stops_the_release(changelog: str) -> None:
    """A changelog without a newest section that has an entry stops the release."""
    with pytest.raises(Stopped, match=r"^CHANGELOG\.md: "):
        with_version(changelog, (0, 1, 1), DAY)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A git tree with the contract of 0.1.0, which is also the version of its pyproject.toml."""
    copy_tree(tmp_path)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "all of it")
    return tmp_path


def test_before_the_first_tag_nothing_was_released(root: Path) -> None:
    """Before the first tag, the kept contract of the version is not compared."""
    specification = root / "openapi" / "autoshares.yaml"
    specification.write_text(specification.read_text(encoding="utf-8").replace('"409"', '"410"'), encoding="utf-8")
    assert rate(Tree(root)) == Rated()


def test_after_the_first_tag_the_rating_counts(root: Path) -> None:
    """After the first tag, changes are listed and the changelog must have the rating; the version is set later."""
    git(root, "tag", "v0.1.0")
    assert rate(Tree(root)) == Rated(base=(0, 1, 0))
    specification = root / "openapi" / "autoshares.yaml"
    text = specification.read_text(encoding="utf-8").replace('        "409":\n', '        "410":\n', 1)
    specification.write_text(text, encoding="utf-8")
    rated = rate(Tree(root))
    assert (rated.rating, len(rated.lines)) == (Rating.MAJOR, 2)
    assert rated.missing == ("CHANGELOG.md: write below the newest heading: Rating: major",)


def test_a_release_without_its_tag_is_no_first_release(root: Path) -> None:
    """A complete snapshot without its tag stops the release, because a clone without tags would overwrite it."""
    FACE.keep(root / "openapi" / "released" / "0.1.0" / "python")
    with pytest.raises(Stopped, match="git fetch --tags"):
        rate(Tree(root))


def test_a_tree_without_a_snapshot_is_not_released(root: Path) -> None:
    """A tree without the snapshot of the last release is not released, because nothing could be compared."""
    shutil.rmtree(root / "openapi" / "released" / "0.1.0")
    with pytest.raises(Stopped, match="no release is kept there"):
        rate(Tree(root))
