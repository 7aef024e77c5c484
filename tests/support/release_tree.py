"""A small git tree with the files that a release reads and writes, and minimal stand-ins for its commands."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import define, field
from rehearsal.walk import ENVIRONMENT

from contract_facts.ratings import Rating
from python_face.face import Face
from releasing.rated import Rated
from releasing.release import Release
from releasing.steps import Stopped, run_steps
from releasing.tree import CHANGELOG, CONSTANT, PYPROJECT, Tree

DAY = date(2026, 11, 26)
FILES = {
    PYPROJECT: '[project]\nname = "a"\nversion = "0.1.0"\n',
    CHANGELOG: "# Changelog\n\nNewest first.\n\n## Unreleased\n\nRating: major\n\n### Added\n\n- All of it.\n",
    CONSTANT: '__version__ = "0.1.0"\n',
    "openapi/autoshares.yaml": "openapi: 3.0.3\n",
    "openapi/vendor/token.yaml": "page: x\n",
    "openapi/released/0.1.0/autoshares.yaml": "openapi: 3.0.2\n",
    "openapi/released/0.1.0/vendor/gone.yaml": "page: y\n",
    ".gitignore": "dist/\n.cache/\n",
}
FACE = Face(signatures="# module a\n", facts={"exit code": {"unknown": "5"}})
LATER = Rated(base=(0, 1, 0), rating=Rating.MAJOR, lines=("major   new outcome Lost",))


def git(root: Path, *words: str) -> str:
    """Run a git command, and return its output."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *words]
    ended = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=60)
    return ended.stdout


def make_tree(root: Path) -> Path:
    """Write and commit the tree; dist/ has the archives of an earlier build."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "all of it")):
        git(root, *words)
    for name, value in {"user.name": "a", "user.email": "a@example.org", "commit.gpgsign": "false"}.items():
        git(root, "config", name, value)
    (root / "dist").mkdir()
    (root / "dist" / "old.whl").write_bytes(b"old")
    return root


def state(root: Path) -> dict[str, object]:
    """Everything that a failed release must not change: files with their times, HEAD, tags and status."""
    without = {root / ".git", root / ".cache"}
    paths = [path for path in root.rglob("*") if path.is_file() and without.isdisjoint(path.parents)]
    files = {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}
    words = {"head": ("rev-parse", "HEAD"), "tags": ("tag",), "status": ("status", "--porcelain")}
    return {**files, **{name: git(root, *command) for name, command in words.items()}}


@define
class Commands:
    """Stand-ins for uv, make, build, twine and check-wheel-contents that record the name of each command."""

    act: Mapping[str, Callable[[], object]] = field(factory=dict[str, Callable[[], object]])
    """A function to call in the command of this name."""
    names: list[str] = field(factory=list[str])
    salt: Callable[[int], bytes] = lambda _: b""
    """Bytes that a build adds to its archives, by the number of the command."""

    def __call__(self, name: str, command: Sequence[str | Path], *, cwd: Path, **_: str) -> str:
        self.names.append(name)
        self.act.get(name, str)()
        if name == "uv version":
            path = cwd / PYPROJECT
            path.write_text(path.read_text(encoding="utf-8").replace("0.1.0", str(command[-1])), encoding="utf-8")
        if name == "build":
            output, source = map(Path, command[-2:])
            output.mkdir(parents=True)
            data = (source / CHANGELOG).read_bytes() + self.salt(len(self.names))
            for archive in ("a.whl", "a.tar.gz"):
                (output / archive).write_bytes(data)
        return ""


def stop() -> None:
    """Fail as a command does."""
    raise Stopped("it failed")


def release(
    root: Path, commands: Commands, *, rated: Rated | None = None, bump: str = "", is_dry: bool = False
) -> tuple[int, list[str]]:
    """Release the tree; return the exit code and the printed lines."""
    lines: list[str] = []
    work = root.with_name(f"{root.name}-work")
    work.mkdir(exist_ok=True)
    it = Release(
        tree=Tree(root),
        run=commands,
        rate=lambda _: rated or Rated(),
        face=lambda _: FACE,
        work=work,
        day=DAY,
        say=lines.append,
        bump=bump,
        is_dry=is_dry,
    )
    code = run_steps(it.steps(), it, is_dry=is_dry, say=lines.append, clock=lambda: 0.0)
    return code, lines
