"""The contract suite: it judges one server by its replies. Needs the extra `contract`.

`autoshares-cancel contract BASE_URL` runs it. `EXAMPLE` is the path of a commented file of scenarios.
"""

from pathlib import Path
from typing import Final

EXAMPLE: Final = Path(__file__).with_name("server") / "example.toml"
