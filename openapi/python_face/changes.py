"""Compares two snapshots of the Python interface, and lists the changes in a form that the table of ratings has.

1. griffe finds the changes of signatures that break callers. This module adds new names, and other annotations or
   values.
2. Defaults are compared as facts, by their values and not by their expressions.
"""

from collections.abc import Collection, Iterator, Mapping

import griffe
from attrs import evolve

from contract_facts.changes import Change
from python_face.face import Face
from python_face.signatures import UNKNOWN, modules_of

_BREAKAGES = {
    griffe.BreakageKind.OBJECT_REMOVED: ("gone", "public name"),
    griffe.BreakageKind.OBJECT_CHANGED_KIND: ("changed", "public name"),
    griffe.BreakageKind.PARAMETER_REMOVED: ("gone", "argument"),
    griffe.BreakageKind.PARAMETER_MOVED: ("moved", "argument"),
    griffe.BreakageKind.PARAMETER_CHANGED_KIND: ("changed", "argument"),
    griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED: ("now required", "argument"),
    griffe.BreakageKind.PARAMETER_ADDED_REQUIRED: ("new required", "argument"),
}
Members = Mapping[str, griffe.Object | griffe.Alias]


def diff_faces(before: Face, after: Face) -> list[Change]:
    """List every change between two snapshots; empty only if signatures and facts are the same."""
    old, new = modules_of(before.signatures), modules_of(after.signatures)
    changes = list(_of_modules(old, new))
    added = {name for module in old.keys() & new.keys() for name in new[module].members.keys() - old[module].members}
    for subject in dict.fromkeys((*before.facts, *after.facts)):
        changes += _of_facts(subject, before.facts.get(subject, {}), after.facts.get(subject, {}), added)
    return list(dict.fromkeys(changes))


def _of_modules(before: Mapping[str, griffe.Module], after: Mapping[str, griffe.Module]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        if name not in before or name not in after:
            yield Change(kind="new" if name in after else "gone", subject="public name", name=name)
            continue
        for breakage in griffe.find_breaking_changes(before[name], after[name]):
            yield from _of_breakage(breakage)
        yield from _of_members(before[name].members, after[name].members)


def _of_breakage(breakage: griffe.Breakage) -> Iterator[Change]:
    if breakage.kind is griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT:
        return
    kind, subject = _BREAKAGES.get(breakage.kind, (breakage.kind.name.lower(), "public name"))
    path = breakage.obj.path
    if subject != "argument":
        yield Change(kind=kind, subject=subject, name=path)
        return
    argument = breakage.old_value or breakage.new_value
    yield Change(kind=kind, subject=subject, name=argument.name, operation=path)


def _of_members(before: Members, after: Members) -> Iterator[Change]:
    """Yield new members of a module or class, and members with another annotation or value."""
    for name, new in after.items():
        old = before.get(name)
        if old is None:
            yield Change(kind="new", subject="public name", name=new.path)
        elif isinstance(old, griffe.Class) and isinstance(new, griffe.Class):
            yield from _of_members(old.members, new.members)
        elif isinstance(old, griffe.Function) and isinstance(new, griffe.Function):
            yield from _of_function(old, new)
        elif (was := _text(old)) != (now := _text(new)) and UNKNOWN not in {was, now}:
            yield Change(kind="retyped", subject="public name", name=new.path, detail=f"{was} -> {now}")


def _of_function(old: griffe.Function, new: griffe.Function) -> Iterator[Change]:
    known = {argument.name: argument for argument in old.parameters}
    for argument in new.parameters:
        about = Change(kind="retyped", subject="argument", name=argument.name, operation=new.path)
        before = known.get(argument.name)
        if before is None:
            if not argument.required:
                yield evolve(about, kind="new optional")
            continue
        if before.required and not argument.required:
            yield evolve(about, kind="now optional")
        if (was := str(before.annotation)) != (now := str(argument.annotation)):
            yield evolve(about, detail=f"{was} -> {now}")
    if (was := _returned(old)) != (now := _returned(new)):
        yield Change(kind="retyped", subject="result", name=new.path, detail=f"{was} -> {now}")


def _returned(function: griffe.Function) -> str:
    return f"{'async ' if 'async' in function.labels else ''}{function.returns}"


def _text(item: griffe.Object | griffe.Alias) -> str:
    if not isinstance(item, griffe.Attribute):
        return item.kind.value  # griffe reports another kind of object
    return f"{item.annotation}" + ("" if item.value is None else f" = {item.value}")


def _of_facts(
    subject: str, before: Mapping[str, str], after: Mapping[str, str], added: Collection[str]
) -> Iterator[Change]:
    """Yield the changes of one kind of facts. A field of a public name that was `added` is no change of its own."""
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        about = Change(kind="changed", subject=subject, name=name)
        if old is None or new is None:
            is_of_new = subject == "field" and name.rpartition(" of ")[2] in added
            if subject != "default" and not is_of_new:  # a default comes and goes with its argument
                yield evolve(about, kind="gone" if new is None else _new(new))
        elif old != new:
            optional = old.startswith("required") and new.startswith(old.replace("required", "optional", 1))
            yield evolve(about, kind="now optional") if optional else evolve(about, detail=f"{old} -> {new}")


def _new(value: str) -> str:
    need = value.split(",", maxsplit=1)[0]
    return f"new {need}" if need in {"optional", "required"} else "new"
