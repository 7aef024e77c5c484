"""The public names."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import pytest

import autoshares_cancel
import autoshares_openapi
from autoshares_cancel import AsyncClient, Client, errors

OVERRIDES = Path(autoshares_cancel.__file__).parent


def test_public_names_are_exactly_all_and_sorted() -> None:
    """The names without an underscore are exactly __all__, sorted, without submodules."""
    modules = {path.stem for path in OVERRIDES.glob("[!_]*.py")} | {"contract", "mock"}
    # pytest adds names that are no identifiers to the modules of its plugins, and of what is installed with them.
    names = {name for name in dir(autoshares_cancel) if name.isidentifier() and not name.startswith("_")}
    public = names - modules
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


def test_the_drawn_exception_tree_is_the_real_one() -> None:
    """The tree at the top of errors.py is the tree of the classes."""
    lines = (errors.__doc__ or "").splitlines()
    found = [re.match(r"[ ├└│─]*(\w+)", line) for line in lines if "──" in line or line == "AutosharesError"]
    drawn = [(match.start(1), match[1]) for match in found if match]
    for position, (indent, name) in enumerate(drawn[1:], start=1):
        base = next(above for depth, above in reversed(drawn[:position]) if depth < indent)
        assert base in [kind.__name__ for kind in getattr(errors, name).__bases__], name
    assert len(drawn) == 21


def test_only_seven_modules_touch_the_generated_package() -> None:
    """House rule 1: only these modules import the generated package, which imports none of the hand-written ones."""

    def imports(path: Path) -> set[str]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        return {name.split(".")[0] for name in nodes + names}

    touching = {
        path.relative_to(OVERRIDES).as_posix()
        for path in OVERRIDES.rglob("*.py")
        if "autoshares_openapi" in imports(path) and not path.is_relative_to(OVERRIDES / "contract")
    }
    assert touching == {
        "_auth/login.py",
        "_cancel/outcomes.py",
        "_cancel/replies.py",
        "_cancel/success.py",
        "_engine/requests.py",
        "_http/brought.py",
        "_values/contract.py",
    }
    generated = list(Path(autoshares_openapi.__file__).parent.rglob("*.py"))
    assert len(generated) > 5
    assert not [path for path in generated if "autoshares_cancel" in imports(path)]


def test_import_loads_no_extra() -> None:
    """The libraries of the extras are loaded on first use."""
    # rich is left out: httpx imports it wherever it is installed.
    extras = {"click", "httptools", "opentelemetry", "starlette", "uvicorn"}
    code = f"import sys, autoshares_cancel; print({extras} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


LATER = {"anyio", "asyncio", "h11", "httpcore", "httpx", "ssl"}
CLIENT_CODE = "from autoshares_cancel import Client, AsyncClient"
NAMES_CODE = "import autoshares_cancel"


@pytest.mark.parametrize("code", [NAMES_CODE, CLIENT_CODE])
def test_what_is_not_used_is_not_loaded(code: str) -> None:
    """Importing the package or a client loads no network library, no event loop and no batch code."""
    found = f"print({LATER} & {{*sys.modules}} | {{name for name in sys.modules if 'cancel._batch' in name}})"
    command = [sys.executable, "-c", f"import sys; {code}; {found}"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def public_callables() -> Iterator[tuple[str, Any]]:
    """Every public class and function, and every public method, property and constructor of a class."""
    for name in autoshares_cancel.__all__:
        value = getattr(autoshares_cancel, name)
        if not isinstance(value, type):
            continue
        yield name, value
        for member, found in vars(value).items():
            plain = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
            if inspect.isfunction(plain) and (member == "__init__" or not member.startswith("_")):
                yield f"{name}.{member}", plain


CALLABLES = dict(public_callables())


@pytest.mark.parametrize("name", CALLABLES)
def test_type_hints_can_be_read(name: str) -> None:
    """typing.get_type_hints works, also where an annotation names a class that is imported on first use."""
    hints = get_type_hints(CALLABLES[name])
    assert not [hint for hint in hints.values() if isinstance(hint, str)]


def test_type_hints_name_public_classes() -> None:
    """Type hints give the public classes that users import."""
    assert get_type_hints(Client.cancel_all)["return"] is autoshares_cancel.AllCancelled
    assert get_type_hints(AsyncClient.__init__)["verify"] == autoshares_cancel.Verify
    assert get_type_hints(Client.cancel_orders)["on_progress"] == autoshares_cancel.OnProgress | None
    assert get_type_hints(Client.cancel_on_exit)["return"] is autoshares_cancel.CancelOnExit
    assert get_type_hints(CALLABLES["Order.state"])["return"] is autoshares_cancel.State


CLIENTS = (Client, AsyncClient)
CALLS = ("cancel_order", "warm_up", "read_order", "cancel_orders", "cancel_all", "cancel_on_exit", "open_orders")
METHODS = ("__init__", "from_env", *CALLS)


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("method", ["__init__", *CALLS])
def test_a_wrong_argument_names_the_public_class(kind: type, method: str) -> None:
    """The TypeError of a misspelt argument leads to the class that the caller used."""
    with pytest.raises(TypeError, match=rf"^{kind.__name__}\.{method}\(\) got an unexpected keyword argument 'wrong'"):
        vars(kind)[method](object(), wrong=1)


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_wrong_option_of_from_env_names_the_public_class(
    kind: type[Client | AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The TypeError names the constructor of the class, whose options from_env takes."""
    for name, value in {"BASE_URL": "http://127.0.0.1:9/api", "APP_KEY": "an-app-key", "TOKEN": "a-token"}.items():
        monkeypatch.setenv(f"AUTOSHARES_{name}", value)
    options: Any = {"wrong": 1}
    with pytest.raises(TypeError, match=rf"^{kind.__name__}\.__init__\(\) got an unexpected keyword argument 'wrong'"):
        kind.from_env(**options)


@pytest.mark.parametrize("method", METHODS)
def test_both_clients_take_the_same(method: str) -> None:
    """Law 8: names, defaults and types are the same, except for the types of orders and transport."""
    blocking, awaiting = (inspect.signature(vars(cast(type, kind))[method].__get__(None, kind)) for kind in CLIENTS)
    ours, theirs = (
        [(each.name, each.kind, each.default, each.annotation) for each in signature.parameters.values()]
        for signature in (blocking, awaiting)
    )
    apart = {"orders", "transport"}
    assert [name for name, *_ in ours] == [name for name, *_ in theirs]
    assert [each for each in ours if each[0] not in apart] == [each for each in theirs if each[0] not in apart]


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_client_is_its_own_class(kind: type) -> None:
    """Every public method is defined in the class itself, with a docstring."""
    assert kind.__mro__ == (kind, object)
    assert all(getattr(kind, name).__doc__ for name in vars(kind) if not name.startswith("_"))
