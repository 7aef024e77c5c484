"""Writes the signatures of all public names as stub text, read from a tree without importing it.

1. Each module has a section. A name that an earlier section has is written as an alias.
2. A class lists inherited members as its own, and not its bases, because most bases are private.
3. Docstrings and private names are left out. Values are kept only for type aliases.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import griffe

MODULES = (
    "autoshares_cancel",
    "autoshares_cancel.errors",
    "autoshares_cancel.telemetry",
    "autoshares_cancel.mock",
    "autoshares_openapi",
)
NOT_CONSTRUCTED = frozenset({"AsyncBatch", "AsyncCancelOnExit", "Batch", "CancelOnExit"})
"""Classes that only methods of a client construct; their arguments are internal."""
UNKNOWN = "object"
"""The text in place of a missing annotation."""
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""The address in a repr, which differs between processes."""
SEARCHED = ("overrides", "generated")
_INTERNAL = frozenset({"__attrs_post_init__", "__reduce__", "__repr__", "__slots__", "__str__"})
_BY_MEMBERS = frozenset({"Outcome", "Side", "When"})
"""Aliases whose members are facts of their own, so that their values are left out here."""
_SECTION = re.compile(r"^# module (\S+)$", re.MULTILINE)


def signatures_of(tree: Path, modules: tuple[str, ...] = MODULES) -> str:
    """Return the signatures of a tree as text. Reads its sources, and imports nothing."""
    loader = griffe.GriffeLoader(search_paths=[tree / name for name in SEARCHED])
    for package in dict.fromkeys(module.split(".")[0] for module in modules):
        loader.load(package, try_relative_path=False)
    loader.resolve_aliases(implicit=True)
    seen: dict[str, str] = {}
    sections = ("\n".join((f"# module {name}", *_of_module(loader.modules_collection[name], seen))) for name in modules)
    return "\n\n".join(sections) + "\n"


def modules_of(text: str) -> dict[str, griffe.Module]:
    """Parse the text of signatures into modules, by name."""
    _, *parts = _SECTION.split(text)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {name: griffe.visit(name, Path(f"{name}.pyi"), code) for name, code in pairs}


def _of_module(module: griffe.Module, seen: dict[str, str]) -> Iterator[str]:
    for name in sorted(_public_names(module)):
        item = module.members[name]
        path = item.canonical_path
        if path in seen:
            yield f"{name} = {seen[path]}"
            continue
        seen[path] = f"{module.path}.{name}"
        yield from _of_item(name, item.final_target if isinstance(item, griffe.Alias) else item)


def _public_names(module: griffe.Module) -> Iterator[str]:
    if module.exports is not None:
        yield from map(str, module.exports)
        return
    for name, item in module.members.items():
        if not name.startswith("_") and not item.is_alias and (item.is_class or item.is_function):
            yield name


def _of_item(name: str, item: griffe.Object) -> Iterator[str]:
    if isinstance(item, griffe.Class):
        yield f"class {name}:"
        members = {each: member for each, member in sorted(item.all_members.items()) if _is_public(each, name)}
        yield from (f"    {_of_member(each, member)}" for each, member in members.items())
        if not members:
            yield "    ..."
    else:
        value = item.value if isinstance(item, griffe.Attribute) and name not in _BY_MEMBERS else None
        yield _of_member(name, item) + ("" if value is None else f" = {value}")


def _is_public(name: str, owner: str) -> bool:
    if name == "__init__":
        return owner not in NOT_CONSTRUCTED
    return not name.startswith("_") or (name.startswith("__") and name not in _INTERNAL)


def _of_member(name: str, member: griffe.Object | griffe.Alias) -> str:
    item = member.final_target if isinstance(member, griffe.Alias) else member
    if isinstance(item, griffe.Function):
        return f"{'async ' if 'async' in item.labels else ''}def {item.signature(name=name)}: ..."
    annotation = item.annotation if isinstance(item, griffe.Attribute) else None
    return f"{name}: {annotation or UNKNOWN}"
