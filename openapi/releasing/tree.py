"""The git working tree of a release: commits the changes of a release, or restores the tree."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attrs import define, field

from releasing.steps import Stopped

PYPROJECT: Final = "pyproject.toml"
CHANGELOG: Final = "CHANGELOG.md"
CONSTANT: Final = "overrides/autoshares_cancel/_values/version.py"
"""The file that repeats the version, because reading the metadata is slow."""
RELEASED: Final = "openapi/released"
_WRITTEN: Final = (PYPROJECT, CHANGELOG, CONSTANT, RELEASED)


@define
class Tree:
    """A git working tree. Call `begin` first; later only the files in `_WRITTEN` may differ."""

    root: Path
    _head: str = ""
    _tag: str = ""
    _times: dict[Path, tuple[int, int]] = field(factory=dict[Path, tuple[int, int]])

    def begin(self) -> str:
        """Record the state. Raises Stopped if the tree is not clean, or git can't commit in it."""
        changed = self.git("status", "--porcelain").splitlines()
        if changed:
            raise Stopped(f"the tree is not clean: {changed[0].strip()}" + (" ..." if len(changed) > 1 else ""))
        branch = self.git("symbolic-ref", "--short", "HEAD")
        self.git("var", "GIT_COMMITTER_IDENT")
        names = self.git("ls-files", "-z", "--", *_WRITTEN).split("\0")
        stats = {path: path.stat() for path in (self.root / name for name in names if name)}
        self._times = {path: (stat.st_atime_ns, stat.st_mtime_ns) for path, stat in stats.items()}
        self._head = self.git("rev-parse", "HEAD")
        return f"{branch} at {self._head[:12]}"

    def has_tag(self, tag: str) -> bool:
        """Whether the tag exists."""
        return bool(self.git("tag", "--list", tag))

    def files(self) -> list[str]:
        """Return the files that a commit of the whole tree would have."""
        names = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        return [name for name in names if name and (self.root / name).is_file()]

    def changes(self) -> list[str]:
        """Return the changes that a commit would have, one line for each file."""
        return self.git("status", "--porcelain", "--untracked-files=all").splitlines()

    def commit(self, subject: str, tag: str, message: str) -> None:
        """Commit the changed files of the release, and tag the commit."""
        self.git("add", "--", *_WRITTEN)
        self.git("commit", "--quiet", "--message", subject)
        self._tag = tag
        self.git("tag", "--annotate", tag, "--message", message)

    def restore(self) -> None:
        """Restore the recorded state, including the files' times, by which make decides what is old."""
        if not self._head:
            return
        if self._tag and self.has_tag(self._tag):
            self.git("tag", "--delete", self._tag)
        self.git("reset", "--quiet", "--soft", self._head)
        self.git("reset", "--quiet", "--", *_WRITTEN)
        self.git("checkout", "--quiet", self._head, "--", *_WRITTEN)
        self.git("clean", "--quiet", "-d", "--force", "--", RELEASED)
        for path, times in self._times.items():
            os.utime(path, ns=times)
        left = self.changes()
        if left:
            raise Stopped(f"{left[0].strip()}, which no step of the release has written")

    def git(self, command: str, *arguments: str) -> str:
        """Run a git command, and return its output. Raises Stopped if it fails."""
        return _git(self.root, (command, *arguments))


def _git(root: Path, words: Sequence[str]) -> str:
    ended = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    if ended.returncode:
        lines = (ended.stderr or ended.stdout).strip().splitlines() or ["it printed nothing"]
        raise Stopped(f"git {words[0]} failed: {lines[-1]}")
    return ended.stdout.rstrip("\n")
