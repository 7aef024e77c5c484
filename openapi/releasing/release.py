"""The steps of a release, in order.

The snapshot is taken before the archives are built, so that a build of the tag gives the same bytes.
"""

import shutil
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from attrs import define, field

from contract_facts.bases import SPECIFICATION, Version, shown, version_of
from python_face.face import FOLDER, Face
from releasing.archives import SUMS, build_twice, check, sums_of
from releasing.commands import Run
from releasing.rated import Rated
from releasing.steps import Step, Stopped
from releasing.tree import CHANGELOG, CONSTANT, PYPROJECT, RELEASED, Tree
from releasing.versions import next_release, with_version

JUDGES: Final = ("drift", "lint", "types", "test", "tools", "contract")
"""The make targets that must pass."""
READY: Final = ".venv/.ready"
"""The file that make compares with pyproject.toml. make must not rebuild the environment that this program runs in."""


@define(kw_only=True)
class Release:
    """One release of a tree. All access to other programs, the clock and the terminal is in its fields."""

    tree: Tree
    run: Run
    rate: Callable[[Tree], Rated]
    face: Callable[[Path], Face | None]
    work: Path
    day: date
    say: Callable[[str], None]
    bump: str = ""
    is_dry: bool = False
    _rated: Rated = field(factory=Rated)
    _version: Version = (0, 0, 0)
    _is_installed: bool = False
    _archives: dict[str, bytes] = field(factory=dict[str, bytes])

    def steps(self) -> list[Step]:
        """Return all steps, in order."""
        judges = [Step(target, partial(self._make, target)) for target in JUDGES]
        return [
            Step("clean tree", self.tree.begin),
            Step("compat", self._compat),
            Step("version", self._set_version),
            Step("changelog", self._date_changelog),
            Step("snapshot", self._keep_snapshot),
            *judges,
            Step("build twice", self._build),
            Step("check archives", self._check),
            Step("commit and tag", self._show if self.is_dry else self._publish),
        ]

    def restore(self) -> None:
        """Restore the tree, and reinstall the version in it if another was installed."""
        self.tree.restore()
        if self._is_installed:
            self._install()

    @property
    def _root(self) -> Path:
        return self.tree.root

    @property
    def _tag(self) -> str:
        return f"v{shown(self._version)}"

    def _compat(self) -> str:
        self._rated = self.rate(self.tree)
        for line in self._rated.lines:
            self.say(f"    {line}")
        if self._rated.missing:
            raise Stopped(self._rated.missing[0])
        if self._rated.base is None:
            return "nothing was released before"
        return f"rating: {self._rated.rating}, since {shown(self._rated.base)}"

    def _set_version(self) -> str:
        current = version_of((self._root / PYPROJECT).read_text(encoding="utf-8"))
        self._version = next_release(self._rated.base, current, self._rated.rating, self.bump)
        if self.tree.has_tag(self._tag):
            raise Stopped(f"there is a tag {self._tag} already")
        if self._version == current:
            return f"{shown(current)}, as pyproject.toml has it"
        uv = Path(sys.executable).with_name("uv")
        self.run("uv version", [uv, "version", "--frozen", shown(self._version)], cwd=self._root)
        constant = self._root / CONSTANT
        text, old = constant.read_text(encoding="utf-8"), f'"{shown(current)}"'
        if text.count(old) != 1:
            raise Stopped(f"{CONSTANT}: expected {old} once")
        constant.write_text(text.replace(old, f'"{shown(self._version)}"'), encoding="utf-8")
        self._is_installed = True
        self._install()
        return f"{shown(current)} -> {shown(self._version)}"

    def _install(self) -> None:
        uv = Path(sys.executable).with_name("uv")
        words = ["pip", "install", "--python", sys.executable, "--no-deps", "--no-build-isolation", "--editable", "."]
        self.run("install", [uv, *words], cwd=self._root)

    def _date_changelog(self) -> str:
        path = self._root / CHANGELOG
        path.write_text(with_version(path.read_text(encoding="utf-8"), self._version, self.day), encoding="utf-8")
        return f"{shown(self._version)} ({self.day.isoformat()})"

    def _keep_snapshot(self) -> str:
        name = f"{RELEASED}/{shown(self._version)}"
        folder, openapi = self._root / name, self._root / "openapi"
        face = self.face(self._root)
        if face is None:
            raise Stopped("there is no package to release")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(openapi / "vendor", folder / "vendor")
        shutil.copy(openapi / SPECIFICATION, folder)
        face.keep(folder / FOLDER)
        return name

    def _make(self, target: str) -> str:
        self.run(target, ["make", f"--old-file={READY}", target], cwd=self._root)
        return ""

    def _build(self) -> str:
        self._archives = build_twice(self._root, self.tree.files(), self.work, self.run)
        return "the same to the byte"

    def _check(self) -> str:
        folder = self.work / "dist"
        folder.mkdir()
        for name, data in self._archives.items():
            (folder / name).write_bytes(data)
        check(folder, self._root, self.run)
        (folder / SUMS).write_text(sums_of(self._archives), encoding="utf-8")
        return ", ".join(self._archives)

    def _show(self) -> str:
        lines = (*self.tree.changes(), *sums_of(self._archives).splitlines())
        for line in lines:
            self.say(f"    {line}")
        return f"not done, because this is a dry run: {self._subject}, {self._tag}"

    @property
    def _subject(self) -> str:
        return f"build: release {shown(self._version)}"

    def _publish(self) -> str:
        dist, beside = self._root / "dist", self._root / ".cache" / "dist"
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(self.work / "dist", beside)
        self.tree.commit(self._subject, self._tag, f"{shown(self._version)}\n\n{sums_of(self._archives)}")
        shutil.rmtree(dist, ignore_errors=True)
        beside.rename(dist)
        if (self._root / READY).is_file():
            (self._root / READY).touch()
        return f"{self._tag}; archives and {SUMS} are in dist/"
