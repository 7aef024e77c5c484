"""`make release` in a small tree with stand-ins for commands: its steps, its results, and the restored tree."""

import errno
import hashlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from support.release_tree import FACE, LATER, Commands, git, make_tree, release, state, stop

from python_face.face import kept_face
from releasing.rated import Rated
from releasing.tree import CHANGELOG, CONSTANT, PYPROJECT

JUDGES = ["drift", "lint", "types", "test", "tools", "contract"]
STEPS = [
    *("clean tree", "compat", "version", "changelog", "snapshot", *JUDGES),
    *("build twice", "check archives", "commit and tag"),
]
ARCHIVES = ["build", "build", "twine", "check-wheel-contents"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tree, in its own folder."""
    return make_tree(tmp_path / "tree")


def begun(lines: list[str]) -> list[str]:
    return [line.removesuffix(" ...") for line in lines if line.endswith(" ...")]


def test_the_first_release_has_the_version_of_the_project(root: Path) -> None:
    """All steps run in sequence; the commit has the dated changelog and the snapshot, and dist/ has the archives."""
    commands = Commands()
    code, lines = release(root, commands)
    assert (code, begun(lines), commands.names) == (0, STEPS, [*JUDGES, *ARCHIVES])
    assert "compat: 0.0 s, nothing was released before" in lines
    assert git(root, "tag") == "v0.1.0\n"
    assert git(root, "log", "--format=%s", "v0.1.0") == "build: release 0.1.0\nall of it\n"
    assert git(root, "status", "--porcelain") == ""
    assert "\n## 0.1.0 (2026-11-26)\n\nRating: major\n" in (root / CHANGELOG).read_text(encoding="utf-8")
    kept = root / "openapi" / "released" / "0.1.0"
    assert kept_face(kept / "python") == FACE
    assert {path.name for path in (kept / "vendor").iterdir()} == {"token.yaml"}
    assert (kept / "autoshares.yaml").read_bytes() == (root / "openapi" / "autoshares.yaml").read_bytes()


def test_the_hashes_are_beside_the_archives_and_in_the_tag(root: Path) -> None:
    """The hashes are in dist/SHA256SUMS and in the tag's message, so that a later build can be compared."""
    release(root, Commands())
    names = ["a.tar.gz", "a.whl"]
    assert sorted(path.name for path in (root / "dist").iterdir()) == ["SHA256SUMS", *names]
    lines = [f"{hashlib.sha256((root / 'dist' / name).read_bytes()).hexdigest()}  {name}" for name in names]
    assert (root / "dist" / "SHA256SUMS").read_text(encoding="utf-8").splitlines() == lines
    assert git(root, "tag", "--format=%(contents)").splitlines()[2:4] == lines


def test_a_later_release_has_the_version_that_the_rating_asks_for(root: Path) -> None:
    """The new version is in pyproject.toml, in the constant and in the environment; the old snapshot is kept."""
    git(root, "tag", "v0.1.0")
    commands = Commands()
    code, lines = release(root, commands, rated=LATER)
    assert (code, commands.names) == (0, ["uv version", "install", *JUDGES, *ARCHIVES])
    assert "    major   new outcome Lost" in lines
    assert 'version = "0.2.0"' in (root / PYPROJECT).read_text(encoding="utf-8")
    assert (root / CONSTANT).read_text(encoding="utf-8") == '__version__ = "0.2.0"\n'
    assert git(root, "tag") == "v0.1.0\nv0.2.0\n"
    assert (root / "openapi" / "released" / "0.1.0" / "vendor" / "gone.yaml").is_file()


@pytest.mark.parametrize("name", ["uv version", "install", *JUDGES, "build", "twine", "check-wheel-contents"])
def test_the_first_command_that_fails_is_the_last(name: str, root: Path) -> None:
    """A failed command gives exit code 1 and one line, and the tree is restored with the time of each file."""
    git(root, "tag", "v0.1.0")
    before, commands = state(root), Commands({name: stop})
    code, lines = release(root, commands, rated=LATER)
    stopped = [line for line in lines if line.startswith("stopped: ")]
    assert (code, stopped) == (1, ["stopped: it failed; nothing is released"] if name != "install" else stopped)
    assert lines[-1] == stopped[0]
    assert state(root) == before
    ran = ["uv version", "install", *JUDGES, *ARCHIVES]
    assert commands.names[: ran.index(name) + 1] == ran[: ran.index(name) + 1]
    assert set(commands.names[ran.index(name) + 1 :]) <= {"install"}  # the restored version


def unclean(root: Path) -> None:
    (root / "new.py").touch()


def tagged(root: Path) -> None:
    git(root, "tag", "v0.2.0")


def detached(root: Path) -> None:
    git(root, "checkout", "--quiet", "--detach")


def without_entries(root: Path) -> None:
    (root / CHANGELOG).write_text("# Changelog\n\n## 0.1.0\n\n- All.\n", encoding="utf-8")
    git(root, "commit", "--quiet", "--all", "--message", "no entry")


def refusing_commits(root: Path) -> None:
    hook = root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (unclean, "the tree is not clean: ?? new.py"),
        (detached, "git symbolic-ref failed: "),
        (tagged, "there is a tag v0.2.0 already"),
        (without_entries, 'CHANGELOG.md: no entry below "## Unreleased"'),
        (refusing_commits, "git commit failed: "),
    ],
)
def test_a_tree_that_can_not_be_released_stays_as_it_is(
    spoil: Callable[[Path], None], problem: str, root: Path
) -> None:
    """A tree that cannot be released gives one line with the reason and is not changed."""
    spoil(root)
    before = state(root)
    code, lines = release(root, Commands(), rated=LATER)
    assert code == 1
    assert lines[-1].startswith(f"stopped: {problem}")
    assert state(root) == before


def test_what_a_person_has_to_write_stops_the_release(root: Path) -> None:
    """A missing rating in the changelog stops the release before anything is changed."""
    commands = Commands()
    code, lines = release(root, commands, rated=Rated(base=(0, 1, 0), missing=("CHANGELOG.md: write Rating: major",)))
    assert (code, commands.names) == (1, [])
    assert lines[-1] == "stopped: CHANGELOG.md: write Rating: major; nothing is released"


def test_a_full_disk_is_one_line(root: Path) -> None:
    """A full disk gives one line without a traceback, and nothing is released."""

    def fill() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = state(root)
    code, lines = release(root, Commands({"lint": fill}))
    assert (code, lines[-1]) == (1, "stopped: [Errno 28] No space left on device; nothing is released")
    assert state(root) == before


def test_builds_that_differ_are_not_released(root: Path) -> None:
    """Two builds that differ stop the release, and the tree is not changed."""
    before = state(root)
    code, lines = release(root, Commands(salt=lambda number: bytes([number])))
    assert code == 1
    assert lines[-1].startswith("stopped: a.tar.gz differs between two builds of the same files")
    assert state(root) == before


def test_a_dry_run_shows_everything_and_changes_nothing(root: Path) -> None:
    """A dry run runs all steps and prints hashes, files and the tag, but changes nothing."""
    git(root, "tag", "v0.1.0")
    before, commands = state(root), Commands()
    code, lines = release(root, commands, rated=LATER, is_dry=True)
    assert (code, begun(lines)) == (0, STEPS)
    assert state(root) == before
    assert "    M openapi" not in lines
    assert any(line.endswith("  a.whl") for line in lines)
    assert any("openapi/released/0.2.0/python/facts.json" in line for line in lines)
    assert lines[-1] == "commit and tag: 0.0 s, not done, because this is a dry run: build: release 0.2.0, v0.2.0"
    assert commands.names[-1] == "install"  # the restored version


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_tree_as_it_was(number: int, root: Path) -> None:
    """A signal gives exit code 130 and restores the tree and the signal handlers."""
    before = state(root)
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    code, lines = release(root, Commands({"types": lambda: os.kill(os.getpid(), number)}))
    assert (code, lines[-1]) == (130, "stopped: interrupted; nothing is released")
    assert begun(lines) == STEPS[: STEPS.index("types") + 1]
    assert state(root) == before
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == handlers
