"""Pages in the vendor's form, rendered from the kept facts, so that no sentence is the vendor's."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from contract_facts.model import Facts, Parameter, Reply

VENDOR = Path(__file__).parents[2] / "openapi" / "vendor"
Node = Mapping[str, Any]


def kept_pages(folder: Path = VENDOR) -> dict[str, Node]:
    """Every file of openapi/vendor/ or of a release, by its name without the suffix."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))}


def page_of(kept: Node) -> str:
    """The page in Markdown, with our own descriptions in place of the vendor's."""
    lines = ["# Syntax", ""]
    for operation in kept["operations"]:
        lines += _operation(operation)
    return "\n".join(lines)


def _operation(operation: Node) -> Iterator[str]:
    yield from (f"## {operation['heading']}", "", "```", operation["call"], "```", "")
    yield from ("### Description", "", f"What {operation['heading']} is for.", "")
    yield from ("### Parameters", "", "| Type | Name | Description | Schema | Default |", "| - | - | - | - | - |")
    yield from map(_parameter, operation["parameters"])
    yield from ("", "### Responses", "", "| HTTP Code | Description | Schema |", "| - | - | - |")
    for status, reply in operation["statuses"].items():
        body = reply.get("body", "No Content").replace("unknown", "object")
        yield f"| **{status}** | {reply['meaning']} | {body} |"
    if operation["produces"]:
        yield from ("", "### Produces", "", *(f"* `{media_type}`" for media_type in operation["produces"]))
    yield ""


def _parameter(each: Node) -> str:
    need = "required" if each["required"] else "optional"
    default = f'`"{each["default"]}"`' if "default" in each else ""
    name = f"**{each['in'].capitalize()}** | **{each['name']}** *{need}*"
    return f"| {name} | {each['meaning']} | {each['type']} | {default} |"


def as_kept(facts: Facts, chosen: list[dict[str, str]]) -> str:
    """A file of openapi/vendor/ with the facts of a page, as a maintainer would record them."""
    operations: list[dict[str, Any]] = []
    for operation in facts.operations:
        statuses = {reply.status: _reply_as_kept(reply) for reply in operation.replies}
        produces = sorted({media_type for reply in operation.replies for media_type in reply.bodies})
        operations.append(
            {
                "heading": operation.heading,
                "call": operation.name,
                **operation.rest,
                "parameters": list(map(_parameter_as_kept, operation.parameters)),
                "statuses": statuses,
                "produces": produces,
                "chosen": chosen,
            }
        )
    page = {"page": "a page", "source": "a test", "read": "2026-11-26", "operations": operations}
    return yaml.safe_dump(page, sort_keys=False)


def _parameter_as_kept(each: Parameter) -> dict[str, Any]:
    kept = {"in": each.place, "name": each.name, "required": each.required, "type": each.type, "wording": each.wording}
    return kept if each.default is None else {**kept, "default": each.default}


def _reply_as_kept(reply: Reply) -> dict[str, Any]:
    return {"wording": reply.wording, **({"body": reply.rest["schema"]} if reply.bodies else {})}
