"""The public names."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import autoshares_cancel
import autoshares_openapi
from autoshares_cancel import errors

OVERRIDES = Path(autoshares_cancel.__file__).parent


def test_public_names_are_exactly_all_and_sorted() -> None:
    """The names without an underscore are exactly __all__, sorted, without submodules."""
    modules = {path.stem for path in OVERRIDES.glob("[!_]*.py")} | {"mock"}
    public = {name for name in dir(autoshares_cancel) if not name.startswith("_")} - modules
    assert sorted(public) == sorted(autoshares_cancel.__all__)
    assert all(hasattr(autoshares_cancel, name) for name in public)
    assert autoshares_cancel.__all__ == sorted(autoshares_cancel.__all__)


def test_every_exception_is_public() -> None:
    """A caller can import every exception by name."""
    kinds = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__ and not name.startswith("_")
    }
    assert kinds <= set(autoshares_cancel.__all__)


def test_outcome_is_the_union_of_all_leaves() -> None:
    """Outcome has Cancelled, OutcomeUnknown, and every class without a subclass that a cancel can end with."""

    def leaves(kind: type) -> set[type]:
        below: list[type] = kind.__subclasses__()
        return {leaf for one in below for leaf in leaves(one)} or {kind}

    assert set(get_args(autoshares_cancel.Outcome)) == {
        autoshares_cancel.Cancelled,
        autoshares_cancel.OutcomeUnknown,
        *leaves(autoshares_cancel.CancelError),
        *leaves(autoshares_cancel.AuthenticationError),
        *leaves(autoshares_cancel.ConfigurationError),
    }


def test_only_reading_gives_an_outcome_of_its_own() -> None:
    """A cancel never raises the exceptions of reading and listing; Outcome has all others."""
    missing = set(errors.AutosharesError.__subclasses__()) - {
        base for kind in get_args(autoshares_cancel.Outcome) for base in kind.__mro__
    }
    listing = {autoshares_cancel.OrdersRemain, autoshares_cancel.OrdersUnreadable}
    assert missing == {autoshares_cancel.OrderUnreadable, *listing}


def test_the_tree_that_is_drawn_is_the_tree_that_is_there() -> None:
    """The tree at the top of errors.py is the tree of the classes."""
    lines = (errors.__doc__ or "").splitlines()
    found = [re.match(r"[ ├└│─]*(\w+)", line) for line in lines if "──" in line or line == "AutosharesError"]
    drawn = [(match.start(1), match[1]) for match in found if match]
    for position, (indent, name) in enumerate(drawn[1:], start=1):
        base = next(above for depth, above in reversed(drawn[:position]) if depth < indent)
        assert base in [kind.__name__ for kind in getattr(errors, name).__bases__], name
    assert len(drawn) == 20


def test_only_four_modules_touch_the_generated_package() -> None:
    """House rule 1: log-in, outcomes, replies and requests import the generated package; it imports nothing of ours."""

    def imports(path: Path) -> set[str]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        return {name.split(".")[0] for name in nodes + names}

    touching = {
        path.relative_to(OVERRIDES).as_posix()
        for path in OVERRIDES.rglob("*.py")
        if "autoshares_openapi" in imports(path)
    }
    assert touching == {"_auth/login.py", "_cancel/outcomes.py", "_cancel/replies.py", "_client.py"}
    generated = list(Path(autoshares_openapi.__file__).parent.rglob("*.py"))
    assert len(generated) > 5
    assert not [path for path in generated if "autoshares_cancel" in imports(path)]


def test_import_loads_no_extra() -> None:
    """The libraries of the extras are loaded on first use."""
    # httpx loads rich by itself where it finds it, so rich can't be asked about.
    extras = {"httptools", "opentelemetry", "starlette", "typer", "uvicorn"}
    code = f"import sys, autoshares_cancel; print({extras} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
