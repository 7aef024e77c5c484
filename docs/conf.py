"""The settings of Sphinx. `make docs` builds the site."""

import re
import sys
from pathlib import Path
from typing import Any

import attrs
from sphinx.ext.napoleon import Config, GoogleDocstring

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / name) for name in ("docs", "generated", "openapi", "overrides", "tests")]

import conformance  # noqa: E402  # below the path that it is found on
import from_code  # noqa: E402

from autoshares_cancel import __version__  # noqa: E402

project = "autoshares-cancel"
author = "The autoshares-cancel contributors"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
default_role = "code"
maximum_signature_line_length = 100

html_theme = "furo"
html_title = f"autoshares-cancel {__version__}"
html_copy_source = False
html_show_copyright = False

myst_enable_extensions = ["substitution"]
myst_heading_anchors = 3
myst_substitutions = {make.__name__: make() for make in (*from_code.TABLES, *conformance.TABLES)}

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
nitpick_ignore_regex = [
    ("py:.*", r"(?!autoshares_cancel\.).*"),  # the site links to no other site, so that it is built without a network
    ("py:class", r"autoshares_cancel\..*\.(AboutOrder|AsDict|LoginLock|O|Secret|TracksCall|_Call)"),  # not public
]

SECTIONS = Config(napoleon_use_rtype=False)
WITHOUT_SECTIONS = {"attribute", "data", "property"}
BATCHES = {"AsyncBatch", "AsyncCancelOnExit", "Batch", "CancelOnExit"}
VALUES = {"AllCancelled", "Attempt", "AttemptEvent", "Cancelled", "Order", "OutcomeEvent", "Progress"}
MADE_BY_CLIENTS = {f"autoshares_cancel.{name}" for name in BATCHES | VALUES}


def set_sections(_: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Lay out `Args:` and keys. The extension napoleon would take a colon in a text about an attribute for a type."""
    lines[:] = [re.sub(r"^(\w+): (int|str|bool|float); ", r"- `\1` (\2): ", line) for line in lines]
    if what not in WITHOUT_SECTIONS:
        lines[:] = GoogleDocstring(lines, SECTIONS, what=what, name=name, obj=obj, options=options).lines()


def set_arguments(
    _: Any, what: str, name: str, obj: Any, __: Any, text: str | None, returns: str
) -> tuple[str, str] | None:
    """Leave out the arguments of what only a client makes or raises, and show defaults that attrs hides."""
    if text is None:
        return None  # Sphinx can't replace what it has not found
    if name in MADE_BY_CLIENTS or what == "exception":
        return "", returns
    if not attrs.has(obj):
        return None
    fields = attrs.fields_dict(obj)
    return re.sub(r"attr_dict\['(\w+)'\]\.default", lambda found: repr(fields[found[1]].default), text), returns


def setup(app: Any) -> None:
    """Connect to Sphinx."""
    app.connect("autodoc-process-signature", set_arguments)
    app.connect("autodoc-process-docstring", set_sections)
