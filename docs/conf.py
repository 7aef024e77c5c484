"""The settings of Sphinx. `make docs` builds the site."""

import sys
from pathlib import Path
from typing import Any

from sphinx.ext.napoleon import Config, GoogleDocstring

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / name) for name in ("docs", "generated", "overrides")]

import from_code  # noqa: E402  # below the path that it is found on

from autoshares_cancel import __version__  # noqa: E402

project = "autoshares-cancel"
author = "The autoshares-cancel contributors"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
default_role = "code"

html_theme = "furo"
html_title = f"autoshares-cancel {__version__}"
html_copy_source = False
html_show_copyright = False

myst_enable_extensions = ["substitution"]
myst_heading_anchors = 3
myst_substitutions = {make.__name__: make() for make in from_code.TABLES}

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
nitpick_ignore_regex = [
    ("py:.*", r"(?!autoshares_cancel\.).*"),  # the site links to no other site, so that it is built without a network
    ("py:class", r"autoshares_cancel\..*\.(AboutOrder|AsDict|LoginLock|O|Secret|TracksCall|_Call)"),  # not public
]

SECTIONS = Config(napoleon_use_rtype=False)
WITHOUT_SECTIONS = {"attribute", "data", "property"}
MADE_BY_CLIENTS = {f"autoshares_cancel.{name}" for name in ("AsyncBatch", "AsyncCancelOnExit", "Batch", "CancelOnExit")}


def set_sections(_: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Lay out `Args:`. The extension napoleon would also take a colon in a sentence about an attribute for a type."""
    if what not in WITHOUT_SECTIONS:
        lines[:] = GoogleDocstring(lines, SECTIONS, what=what, name=name, obj=obj, options=options).lines()


def hide_arguments(_: Any, __: str, name: str, *___: Any) -> tuple[str, None] | None:
    """Leave out the arguments of classes that only a client makes."""
    return ("", None) if name in MADE_BY_CLIENTS else None


def setup(app: Any) -> None:
    """Connect to Sphinx."""
    app.connect("autodoc-process-signature", hide_arguments)
    app.connect("autodoc-process-docstring", set_sections)
