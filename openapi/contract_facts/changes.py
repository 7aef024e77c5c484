"""Compares two sets of facts, and lists the changes in a form that a table can rate and a person can read."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from attrs import evolve, field, frozen

from contract_facts.model import RANGES, Facts, Key, Operation, Parameter, Reply, Rest

DOCUMENTATION = frozenset({"summary", "example", "examples", "externalDocs"})
"""Keys of operations, parameters and bodies that don't describe a server's behaviour."""

K = TypeVar("K")
V = TypeVar("V")


@frozen(kw_only=True)
class Change:
    """One difference: its kind, the subject and name that it concerns, and the operation."""

    kind: str
    subject: str
    name: str
    operation: str = ""
    detail: str = ""
    key: Key | None = field(default=None, eq=False)
    """The operation's method and path; `part` is the key of the parameter, or the status."""
    part: Key | str | None = field(default=None, eq=False)

    @property
    def text(self) -> str:
        """The change without its values."""
        return f"{self.kind} {self.subject} {self.name}" + (f" of {self.operation}" if self.operation else "")

    def __str__(self) -> str:
        return f"{self.text}: {self.detail}" if self.detail else self.text


def diff(before: Facts, after: Facts) -> list[Change]:
    """List every change between two sets of facts; empty only if they are equal."""
    changes = list(_of_rest(Change(kind="", subject="document", name=""), before.rest, after.rest))
    for old, new in _matched(before.by_key(), after.by_key()):
        changes += _of_operation(old, new)
    return list(dict.fromkeys(changes))


def as_on_a_page(facts: Facts) -> Facts:
    """Reduce facts to those that a vendor's page can have: without our wording, bounds and contents of bodies."""

    def bare(operation: Operation) -> Operation:
        parameters = [_with_bounds_of_its_type(evolve(each, wording=None, rest={})) for each in operation.parameters]
        replies = [
            evolve(each, wording=None, rest={}, bodies={name: {} for name in each.bodies}) for each in operation.replies
        ]
        return evolve(operation, parameters=tuple(parameters), replies=tuple(replies), rest={})

    return Facts(operations=tuple(map(bare, facts.operations)), line=facts.line)


def _with_bounds_of_its_type(parameter: Parameter) -> Parameter:
    lowest, highest = RANGES.get(parameter.type, (None, None))
    return evolve(parameter, lowest=lowest, highest=highest)


def _matched(old: Mapping[K, V], new: Mapping[K, V]) -> Iterator[tuple[V | None, V | None]]:
    """Pair the values of two mappings by key; None stands for a missing value."""
    for key in dict.fromkeys((*old, *new)):
        yield old.get(key), new.get(key)


def _of_operation(old: Operation | None, new: Operation | None) -> Iterator[Change]:
    present = old or new
    assert present is not None  # noqa: S101 - a key is in one of the two
    whole = Change(kind="", subject="operation", name=present.name, key=present.key)
    if old is None or new is None:
        yield evolve(whole, kind="gone" if new is None else "new")
        return
    inside = evolve(whole, operation=old.name, name="")
    yield from _of_rest(inside, old.rest, new.rest)
    parameters = old.parameters_on_the_wire(), new.parameters_on_the_wire()
    for part in dict.fromkeys((*parameters[0], *parameters[1])):
        before, after = parameters[0].get(part), parameters[1].get(part)
        names = {each.name for each in old.parameters}
        yield from _of_parameter(evolve(inside, part=part), before, after, names)
    replies = old.replies_by_status(), new.replies_by_status()
    for status in dict.fromkeys((*replies[0], *replies[1])):
        about = evolve(inside, subject="status", name=status, part=status)
        yield from _of_reply(about, replies[0].get(status), replies[1].get(status))


def _of_parameter(about: Change, old: Parameter | None, new: Parameter | None, names: set[str]) -> Iterator[Change]:
    if old is None:
        assert new is not None  # noqa: S101 - a key is in one of the two
        yield evolve(
            about, kind=f"new {'required' if new.required else 'optional'}", subject=_place(new), name=new.name
        )
        return
    about = evolve(about, subject=_place(old), name=old.name)
    if new is None:
        yield evolve(about, kind="gone")
        return
    if old.name != new.name:
        yield evolve(about, kind="swapped" if new.name in names else "renamed", detail=_step(old.name, new.name))
    yield from _of_types(about, old, new)
    if old.default != new.default:
        yield evolve(about, kind="redefaulted", detail=_step(old.default, new.default))
    if old.required != new.required:
        yield evolve(about, kind="now required" if new.required else "now optional")
    yield from _of_wording(about, old, new)
    yield from _of_rest(about, old.rest, new.rest)


def _place(parameter: Parameter) -> str:
    return f"{parameter.place} parameter" if parameter.place in {"path", "query"} else parameter.place


def _of_types(about: Change, old: Parameter, new: Parameter) -> Iterator[Change]:
    """Compare types: integer ranges are widened or narrowed, any other difference is another type."""
    before, after = _range(old), _range(new)
    detail = _step(old.type, new.type) if old.type != new.type else _step(_shown(before), _shown(after))
    if not (old.type.startswith("integer") and new.type.startswith("integer")):
        if (old.type, before) != (new.type, after):
            yield evolve(about, kind="retyped", detail=detail)
    elif before != after:
        wider = after[0] <= before[0] and before[1] <= after[1]
        yield evolve(about, kind="widened" if wider else "narrowed", detail=detail)
    elif old.type != new.type:
        yield evolve(about, kind="changed", detail=detail)


def _of_reply(about: Change, old: Reply | None, new: Reply | None) -> Iterator[Change]:
    if old is None or new is None:
        yield evolve(about, kind="gone" if new is None else "new")
        return
    yield from _of_wording(about, old, new)
    yield from _of_rest(about, old.rest, new.rest)
    if bool(old.bodies) != bool(new.bodies):
        yield evolve(about, kind="new" if new.bodies else "gone", subject="body of status")
        return
    for media_type in dict.fromkeys((*old.bodies, *new.bodies)):
        of_body = evolve(about, subject="media type", name=f"{media_type} of {about.name}")
        if media_type not in new.bodies:
            yield evolve(of_body, kind="gone")
        elif media_type not in old.bodies:
            yield evolve(of_body, kind="new")
        else:
            yield from _of_rest(of_body, old.bodies[media_type], new.bodies[media_type])


def _of_wording(about: Change, old: Parameter | Reply, new: Parameter | Reply) -> Iterator[Change]:
    if old.wording == new.wording:
        return
    kind = "unrecorded" if old.wording is None else "reworded"
    yield evolve(about, kind=kind, detail=f"fingerprint {_step(old.wording, new.wording)}")


def _of_rest(about: Change, old: Rest, new: Rest) -> Iterator[Change]:
    """Yield one change for each value that differs and has no field of its own."""
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            known = name.split(".")[0] in DOCUMENTATION
            subject = f"documentation of {about.subject}" if known else about.subject
            where = f"{about.name} {name}".strip()
            yield evolve(about, kind="changed", subject=subject, name=where, detail=_step(old.get(name), new.get(name)))


def _range(parameter: Parameter) -> tuple[float, float]:
    lowest, highest = parameter.lowest, parameter.highest
    return float("-inf") if lowest is None else lowest, float("inf") if highest is None else highest


def _shown(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]} to {bounds[1]}"


def _step(old: str | None, new: str | None) -> str:
    return f"{'nothing' if old is None else old} -> {'nothing' if new is None else new}"
