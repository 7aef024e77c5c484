"""The specification, read once for all tests."""

from pathlib import Path
from typing import Any, Final

import yaml

FILE: Final = Path(__file__).parents[2] / "openapi" / "autoshares.yaml"
SPECIFICATION: Final[dict[str, Any]] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)  # safe
