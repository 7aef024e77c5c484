"""Reads the facts of an OpenAPI document.

Credentials become required headers, as on the vendor's pages. Every value without a field in the model is kept in
`rest`, so that no difference between two documents is lost.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contract_facts.model import METHODS, RANGES, Facts, FactsError, Operation, Parameter, Reply, fingerprint, flattened
from contract_facts.yaml_lines import Located, read_yaml

_OF_A_PARAMETER = {"in", "name", "required", "description", "schema"}
_OF_A_SCHEMA = {"type", "format", "default", "minimum", "maximum"}
_OF_AN_OPERATION = {"parameters", "responses", "security"}
_COMPONENTS = {"parameters", "responses", "securitySchemes"}


def read_specification(path: Path) -> Facts:
    """Read the facts of an OpenAPI file. Raises FactsError."""
    return facts_of_specification(path.read_text(encoding="utf-8"), path.name)


def facts_of_specification(text: str, source: str) -> Facts:
    """Read the facts of an OpenAPI document. Raises FactsError, with the place, if it has another form."""
    document = read_yaml(text, source)
    try:
        paths = document["paths"]
        operations = tuple(_operations(document, paths))
        rest = {**_without(document, {"paths", "components", "security"})}
        rest["components"] = _without(document.get("components", {}), _COMPONENTS)
        items = {path: _without(item, {*METHODS, "parameters"}) for path, item in paths.items()}
        rest["paths"] = {path: item for path, item in items.items() if item}
        return Facts(operations=operations, rest=_rest(rest), line=document.lines["paths"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FactsError(f"{source}: is not in the form of an OpenAPI document: {error!r}") from error


def _without(mapping: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    """Return the mapping without these keys."""
    return {key: value for key, value in mapping.items() if key not in keys}


def resolved(document: Located, node: Located) -> Located:
    """Return a part of the document, or the target of its reference."""
    while "$ref" in node:
        found: Any = document
        for key in node["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        node = found
    return node


def _operations(document: Located, paths: Located) -> Iterator[Operation]:
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                yield _operation(document, path, method, item)


def _operation(document: Located, path: str, method: str, item: Located) -> Operation:
    content, line = item[method], item.lines[method]
    parameters = [*item.get("parameters", ()), *content.get("parameters", ())]
    requirements: list[Located] = content.get("security", document.get("security", []))
    rest = _without(content, _OF_AN_OPERATION)
    if len(requirements) != 1:  # alternatives have no field
        rest["security"] = requirements
    return Operation(
        method=method.upper(),
        path=path,
        parameters=(
            *_credentials(document, requirements, line),
            *(_parameter(resolved(document, each)) for each in parameters),
        ),
        replies=tuple(_reply(document, status, content["responses"]) for status in content["responses"]),
        rest=_rest(rest),
        line=line,
        parameters_line=content.lines.get("parameters", line),
        replies_line=content.lines["responses"],
    )


def _parameter(node: Located) -> Parameter:
    schema: Mapping[str, Any] = node.get("schema", {})
    kind = f"{schema.get('type', '')} ({schema['format']})" if "format" in schema else str(schema.get("type", ""))
    lowest, highest = RANGES.get(kind, (None, None))
    rest = {**_without(node, _OF_A_PARAMETER), "schema": _without(schema, _OF_A_SCHEMA)}
    return Parameter(
        place=node["in"],
        name=node["name"],
        required=node.get("required", False),
        type=kind,
        lowest=schema.get("minimum", lowest),
        highest=schema.get("maximum", highest),
        default=str(schema["default"]) if "default" in schema else None,
        wording=_wording(node),
        rest=_rest(rest),
        line=node.line,
    )


def _credentials(document: Located, requirements: list[Located], line: int) -> Iterator[Parameter]:
    """Yield a header for each credential; it is required if every alternative needs it."""
    for name in dict.fromkeys(name for requirement in requirements for name in requirement):
        scheme = resolved(document, document["components"]["securitySchemes"][name])
        place, header = _place_of_credential(name, scheme)
        yield Parameter(
            place=place,
            name=header,
            required=all(name in requirement for requirement in requirements),
            type="string",
            wording=_wording(scheme),
            rest=_rest(_without(scheme, {"type", "scheme", "in", "name", "description"})),
            credential=name,
            line=line,
        )


def _place_of_credential(name: str, scheme: Located) -> tuple[str, str]:
    match scheme:
        case {"type": "apiKey", "in": str(place), "name": str(header)}:
            return place, header
        case {"type": "http", "scheme": "bearer"}:
            return "header", "Authorization"
        case _:
            return str(scheme["type"]), name


def _reply(document: Located, status: str, replies: Located) -> Reply:
    node = resolved(document, replies[status])
    return Reply(
        status=status,
        bodies={media_type: _rest(body) for media_type, body in node.get("content", {}).items()},
        wording=_wording(node),
        rest=_rest(_without(node, {"description", "content"})),
        line=replies.lines[status],
    )


def _wording(node: Mapping[str, Any]) -> str | None:
    return fingerprint(node["description"]) if "description" in node else None


def _rest(node: dict[str, Any]) -> dict[str, str]:
    return dict(flattened(node)) if node else {}
