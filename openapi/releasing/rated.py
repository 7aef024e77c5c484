"""Rates a tree that is to be released, as `make compat` does."""

from pathlib import Path

from attrs import field, frozen

import compat
from contract_facts.bases import Base, Version, find_base, shown, version_of
from contract_facts.changes import Change
from contract_facts.model import FactsError
from contract_facts.ratings import Rating, rating_of
from contract_facts.verdict import verdict
from python_face.face import FOLDER
from releasing.steps import Stopped
from releasing.tree import CHANGELOG, PYPROJECT, Tree


@frozen(kw_only=True)
class Rated:
    """The last release, the rating since, and the changelog lines still to write. `base` is None before the first."""

    base: Version | None = None
    rating: Rating = Rating.NONE
    missing: tuple[str, ...] = ()
    lines: tuple[str, ...] = field(default=())


def rate(tree: Tree) -> Rated:
    """Compare the tree with its last release. Raises Stopped if the release can't be found or read."""
    try:
        base = find_base(tree.root, "")
        version = version_of((tree.root / PYPROJECT).read_text(encoding="utf-8"))
        if base.version is None or _is_first(tree, base, version):
            return Rated()
        compared = compat.compare(base, tree.root)
        changelog = (tree.root / CHANGELOG).read_text(encoding="utf-8")
        found = verdict(compared.changes, base.version, version, changelog)
    except (FactsError, OSError) as error:
        raise Stopped(str(error)) from error
    lines = (*map(_shown, sorted(compared.changes, key=rating_of, reverse=True)), compared.lacking)
    return Rated(base=base.version, rating=found.rating, missing=found.missing, lines=tuple(filter(None, lines)))


def _shown(change: Change) -> str:
    return f"{rating_of(change)!s:<8}{change}"


def _is_first(tree: Tree, base: Base, version: Version) -> bool:
    """Whether the version in pyproject.toml was never released, although its contract is kept."""
    if base.version != version or tree.has_tag(f"v{shown(version)}"):
        return False
    if (base.folder or Path()).joinpath(FOLDER).is_dir():
        raise Stopped(f"{shown(version)} was released, and there is no tag v{shown(version)}: git fetch --tags")
    return True
