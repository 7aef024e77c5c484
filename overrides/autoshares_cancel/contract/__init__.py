"""The judge: the contract suite that judges one server by its replies. Needs the extra `contract`.

`autoshares-cancel contract BASE_URL` runs it. `EXAMPLE` is a file of scenarios with all explanations.
"""

from pathlib import Path
from typing import Final

EXAMPLE: Final = Path(__file__).with_name("server") / "example.toml"
