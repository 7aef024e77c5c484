"""The generated package is marked, keyword-only, faithful to the specification, and shows no secrets."""

import importlib
import inspect
import json
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openapi_spec_validator import validate
from support.specification import SPECIFICATION

from autoshares_openapi import UNSET, UnreadableBody
from autoshares_openapi.api.orders import cancel_order
from autoshares_openapi.api.tokens import get_token
from autoshares_openapi.models import TokenReply

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "generated" / "autoshares_openapi"
OPERATIONS: dict[str, dict[str, Any]] = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation["operationId"]).lower(): operation
    for path_item in SPECIFICATION["paths"].values()
    for operation in path_item.values()
}
MODULES: dict[str, ModuleType] = {
    path.stem: importlib.import_module(f"autoshares_openapi.api.{path.parent.name}.{path.stem}")
    for path in COMMITTED.glob("api/*/[!_]*.py")
}
EACH_OPERATION = pytest.mark.parametrize("name", sorted(OPERATIONS))


def test_every_generated_file_begins_with_the_marker() -> None:
    """Every generated file names its source, the generator's version and the command."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    (pin,) = [line for line in groups["generate"] if line.startswith("openapi-python-client==")]
    first = f"# Generated from openapi/autoshares.yaml by {pin.replace('==', ' ')}.\n"
    second = "# Do not edit: change the specification or openapi/templates/, then run `make generate`.\n"
    files = [path for path in COMMITTED.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [path for path in files if not path.read_text(encoding="utf-8").startswith(first + second)] == []


def test_there_is_a_module_for_each_operation() -> None:
    """The package has one module for each specified operation, and no other."""
    assert sorted(MODULES) == sorted(OPERATIONS)


@EACH_OPERATION
def test_the_arguments_of_operations_are_keyword_only(name: str) -> None:
    """Law 9: keyword-only arguments keep account and order from being swapped."""
    module = MODULES[name]
    own = {
        function.__name__: inspect.signature(function).parameters
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
    }
    # A TypeGuard narrows its first positional argument, so this one is positional.
    assert list(own.pop("is_documented")) == ["status_code"]
    assert own.keys() == {"parse", "request"}
    for parameters in own.values():
        assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}


@EACH_OPERATION
def test_statuses_and_media_types_are_the_documented_ones(name: str) -> None:
    """Law 2: the statuses and media types in the code are exactly those of the specification."""
    documented = {
        int(status): tuple(reply.get("content", {})) for status, reply in OPERATIONS[name]["responses"].items()
    }
    module: Any = MODULES[name]
    assert module.STATUSES == get_args(module.Status) == tuple(documented)
    assert dict(module.MEDIA_TYPES) == documented
    assert [status for status in range(1000) if module.is_documented(status)] == list(documented)


def test_the_package_imports_on_its_own(tmp_path: Path) -> None:
    """House rule 1: generated code needs attrs and the standard library; nothing of the overrides, and no httpx."""
    for name in ("attr", "attrs"):
        (tmp_path / name).symlink_to(Path(sysconfig.get_path("purelib")) / name, target_is_directory=True)
    code = (
        "import importlib, pkgutil, sys\n"
        f"sys.path += [{str(COMMITTED.parent)!r}, {str(tmp_path)!r}]\n"
        "import autoshares_openapi as package\n"
        "for module in pkgutil.walk_packages(package.__path__, 'autoshares_openapi.'):\n"
        "    print(importlib.import_module(module.name).__name__)\n"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert set(run.stdout.split()) >= {module.__name__ for module in MODULES.values()}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["State", "Token"]), inner),
    max_leaves=20,
)
FIELD_VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.just({})
)
BODIES = st.binary() | JSON.map(lambda value: json.dumps(value).encode())


def read(parse: Callable[..., Any], status_code: int, content: bytes) -> Any:
    """The result of parse; an UnreadableBody is a value here, and every other exception is raised."""
    try:
        return parse(status_code=status_code, content=content)
    except UnreadableBody as unreadable:
        return unreadable


@given(status_code=st.sampled_from(cancel_order.STATUSES), content=BODIES)
@example(status_code=200, content=b"")
@example(status_code=200, content=b"\xff\xfe")
@example(status_code=200, content=b"[" * 100_000)
@example(status_code=200, content=b"9" * 5_000)
@example(status_code=200, content=b"null")
@example(status_code=200, content=b"[]")
def test_any_body_of_a_cancel_is_read_or_unreadable(status_code: int, content: bytes) -> None:
    """Law 3: a body gives an object, nothing, or UnreadableBody with its status; never another exception."""
    reply = read(cancel_order.parse, status_code, content)
    if status_code != 200:
        assert reply is None
    elif isinstance(reply, UnreadableBody):
        assert reply.status_code == 200
    else:
        assert same(dict(reply.additional_properties), json.loads(content, parse_float=Decimal))


@given(status_code=st.sampled_from(get_token.STATUSES), content=BODIES)
@example(status_code=200, content=b"{}")
@example(status_code=202, content=b'{"State": null}')
@example(status_code=401, content=b"[" * 100_000)
def test_any_body_of_a_log_in_is_read_or_unreadable(status_code: int, content: bytes) -> None:
    """Law 3: a body gives an object or UnreadableBody with its status; never another exception."""
    reply = read(get_token.parse, status_code, content)
    if isinstance(reply, UnreadableBody):
        assert reply.status_code == status_code
    else:
        assert same(as_object(reply), json.loads(content, parse_float=Decimal))


@given(source=st.dictionaries(st.text(), FIELD_VALUES), state=st.text())
def test_a_documented_body_is_never_unreadable(source: dict[str, Any], state: str) -> None:
    """Every JSON object is readable as the body of a cancel's 200, and, with a State, as that of a log-in."""
    content = json.dumps({**source, "State": state}).encode()
    assert not isinstance(read(cancel_order.parse, 200, content), UnreadableBody)
    assert not isinstance(read(get_token.parse, 200, content), UnreadableBody)


@given(
    state=st.text(),
    others=st.dictionaries(st.sampled_from(["Step", "Reason", "Token", "token", "state", "Else"]), FIELD_VALUES),
)
@example(state="Expecting", others={"Step": None, "Reason": 1, "Token": True})
def test_a_field_of_another_type_is_kept_aside(state: str, others: dict[str, Any]) -> None:
    """A field of another type is UNSET, and its value is kept in additional_properties."""
    source = {"State": state, **others}
    reply = TokenReply.from_dict(source)
    assert as_object(reply) == source
    for name in ("Step", "Reason", "Token"):
        value = getattr(reply, name.lower())
        assert value is UNSET or type(value) is str
        assert (value is UNSET) == (type(others.get(name)) is not str)


def as_object(reply: TokenReply) -> dict[str, Any]:
    """The JSON object that a reply was read from."""
    fields = {"State": reply.state, "Step": reply.step, "Reason": reply.reason, "Token": reply.token}
    known = {name: value for name, value in fields.items() if value is not UNSET}
    assert not known.keys() & reply.additional_properties.keys()
    return {**known, **reply.additional_properties}


def same(left: object, right: object) -> bool:
    # As text, since NaN is not equal to itself.
    return json.dumps(left, sort_keys=True, default=repr) == json.dumps(right, sort_keys=True, default=repr)


def test_no_secret_is_in_the_representation_of_a_reply() -> None:
    """Law 5: the repr of a reply has no token, also none of a wrong type, and no undocumented field."""
    reply = TokenReply.from_dict({"State": "Succeeded", "Token": "s3cret-token", "Else": "s3cret-else"})
    odd = TokenReply.from_dict({"State": "Succeeded", "Token": ["s3cret-token"]})
    assert reply.token == "s3cret-token"
    assert repr(reply) == str(reply) == "TokenReply(state='Succeeded', step=UNSET, reason=UNSET)"
    assert repr(odd) == str(odd) == "TokenReply(state='Succeeded', step=UNSET, reason=UNSET)"


def test_no_secret_is_in_the_representation_of_a_request() -> None:
    """Law 5: credentials are sent in headers, and the repr of a request has no headers."""
    names = ("username", "password", "verification_code", "pin_code")
    request = get_token.request(**{name: f"s3cret-{name}" for name in names})
    assert sorted(request.headers.values()) == sorted(f"s3cret-{name}" for name in names)
    assert repr(request) == str(request) == "Request(method='POST', path='/token')"


def test_the_specification_is_valid() -> None:
    """The specification is valid OpenAPI 3.1."""
    assert SPECIFICATION["openapi"] == "3.1.0"
    validate(SPECIFICATION)


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The target of a reference inside the specification."""
    target: dict[str, Any] = SPECIFICATION
    for key in node.get("$ref", "").removeprefix("#/").split("/"):
        target = target[key] if key else node
    return target


def places_for_examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every parameter, and every body that is documented."""
    for name, operation in OPERATIONS.items():
        for parameter in map(resolved, operation.get("parameters", ())):
            yield f"{name} {parameter['name']}", parameter
        for status, reply in operation["responses"].items():
            for media_type, body in resolved(reply).get("content", {}).items():
                yield f"{name} {status} {media_type}", body


def test_everything_that_is_documented_has_an_example() -> None:
    """Every parameter and every body has an example in the specification."""
    places = dict(places_for_examples())
    assert len(places) == 31
    assert [name for name, place in places.items() if not place.get("examples") and "example" not in place] == []
