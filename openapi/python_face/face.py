"""Snapshots of the Python interface: of a tree, of a commit, or as kept by a release."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from contract_facts.bases import Base, unpack_commit
from contract_facts.model import FactsError
from python_face.signatures import SEARCHED, signatures_of

FOLDER = "python"
"""The folder in which a release keeps its snapshot, beside the specification."""
_SIGNATURES, _FACTS = "signatures.txt", "facts.json"
_OPENAPI = Path(__file__).resolve().parents[1]
_SECONDS = 120


@frozen(kw_only=True)
class Face:
    """A snapshot of the Python interface: everything that a program can see of the package."""

    signatures: str
    facts: Mapping[str, Mapping[str, str]]

    def keep(self, folder: Path) -> None:
        """Write the snapshot to a folder, which is created."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _SIGNATURES).write_text(self.signatures, encoding="utf-8")
        (folder / _FACTS).write_text(json.dumps(self.facts, indent=1) + "\n", encoding="utf-8")


def kept_face(folder: Path) -> Face | None:
    """Read the snapshot that a release has kept; None if it has kept none."""
    if not folder.is_dir():
        return None
    signatures = (folder / _SIGNATURES).read_text(encoding="utf-8")
    return Face(signatures=signatures, facts=json.loads((folder / _FACTS).read_text(encoding="utf-8")))


def face_of_tree(tree: Path) -> Face | None:
    """Take a snapshot of a tree; None if it has no package. Raises FactsError if the package can't be imported."""
    if not (tree / "overrides" / "autoshares_cancel").is_dir():
        return None
    path = os.pathsep.join(map(str, (_OPENAPI, *(tree / name for name in SEARCHED))))
    ended = subprocess.run(
        [sys.executable, "-m", "python_face.facts"],
        env={**os.environ, "PYTHONPATH": path},
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise FactsError(f"{tree}: the package can't be read: {ended.stderr.strip().splitlines()[-1:]}")
    return Face(signatures=signatures_of(tree), facts=json.loads(ended.stdout))


def face_of_base(root: Path, base: Base) -> Face | None:
    """Read or take the snapshot of a base; None if it is not known."""
    if base.folder is not None:
        return kept_face(base.folder / FOLDER)
    if base.commit is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        unpack_commit(root, base.commit, SEARCHED, Path(folder))
        return face_of_tree(Path(folder))
