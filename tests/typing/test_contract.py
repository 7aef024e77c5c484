"""Type checkers report a changed constant of the specification where the code relies on it (law 2)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "overrides" / "autoshares_cancel" / "_values" / "contract.py"
TYPES = ROOT / "generated" / "autoshares_openapi" / "types.py"
CHANGES = {
    "as_it_is": ("", ""),
    "order_is_int64": ('ORDER_ID_TYPE: Final = "integer (int32)"', 'ORDER_ID_TYPE: Final = "integer (int64)"'),
    "account_is_int64": ('ACCOUNT_ID_TYPE: Final = "integer (int32)"', 'ACCOUNT_ID_TYPE: Final = "integer (int64)"'),
    "header_is_dropped": ('Literal["Authorization, Et-App-Key"]', 'Literal["Authorization"]'),
}
CHECKERS = {"mypy": ("mypy", "--strict", "."), "pyright": ("pyright", "--pythonpath", sys.executable, ".")}


@pytest.mark.parametrize("checker", ["mypy", pytest.param("pyright", marks=pytest.mark.types)])
def test_another_type_of_id_and_a_dropped_header_are_stopped(checker: str, tmp_path: Path) -> None:
    """Each change fails in the module that holds the constants; the unchanged constants pass."""
    types, contract = TYPES.read_text(encoding="utf-8"), CONTRACT.read_text(encoding="utf-8")
    for name, (old, new) in CHANGES.items():
        assert old in types
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "types.py").write_text(types.replace(old, new, 1) if old else types, encoding="utf-8")
        uses = contract.replace("from autoshares_openapi import types", f"from {name} import types")
        (tmp_path / f"uses_{name}.py").write_text(uses, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", *CHECKERS[checker]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    stopped = re.findall(r"uses_(\w+)\.py:\d+:.* ?error", ended.stdout)
    assert set(stopped) == CHANGES.keys() - {"as_it_is"}, ended.stdout + ended.stderr
