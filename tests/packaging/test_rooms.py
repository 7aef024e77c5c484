"""House rule 1: the folders of the client are layers, and no folder imports one above or beside it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "overrides" / "autoshares_cancel"
LINTER = Path(sys.executable).with_name("lint-imports")
PLANTED = {
    "_async_client.py": "from autoshares_cancel._client import Client",
    "_values/order.py": "from autoshares_cancel._retry import policy",
    "_auth/login.py": "from autoshares_cancel._http import request",
    "_engine/call.py": "if TYPE_CHECKING:\n    from autoshares_cancel._batch import state",
    "mock/api/cancel.py": "from autoshares_cancel import errors",
}


def broken_contracts(tree: Path) -> list[str]:
    """The contracts that the packages in this tree break, by import-linter."""
    path = os.pathsep.join(str(tree / name) for name in ("overrides", "generated"))
    command = [str(LINTER), "--no-logo", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": path}
    run = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    broken = [line for line in run.stdout.splitlines() if re.search(r" BROKEN( \(\d+ ignored imports?\))?$", line)]
    assert run.returncode == bool(broken), run.stdout + run.stderr
    return broken


def test_no_room_imports_one_above_or_beside_it() -> None:
    """No folder imports one above or beside it, not even for type checkers only."""
    assert broken_contracts(ROOT) == []


@pytest.mark.parametrize("module", PLANTED)
def test_an_import_that_goes_up_is_found(module: str, tmp_path: Path) -> None:
    """An import of a layer above or beside breaks exactly one contract."""
    for name in ("overrides", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "overrides" / "autoshares_cancel" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{PLANTED[module]}\n")
    assert len(broken_contracts(tmp_path)) == 1


def test_the_first_level_fits_on_a_screen() -> None:
    """The client's top folder has at most 18 entries."""
    assert len([path for path in CLIENT.iterdir() if path.name != "__pycache__"]) <= 18
