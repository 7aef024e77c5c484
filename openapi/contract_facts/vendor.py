"""Reads the kept pages in openapi/vendor/: the vendor's facts in our words, with fingerprints of the vendor's words.

`chosen` names each place where the specification departs from a page, with the reason. An unknown fact, such as the
wording of a page that was not read as a whole, is left out; `make watch` reports it as soon as a page has it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from attrs import frozen

from contract_facts.model import RANGES, Facts, FactsError, Operation, Parameter, Reply
from contract_facts.yaml_lines import Located, read_yaml

FOLDER = Path(__file__).parents[1] / "vendor"
_UNKNOWN = "unknown"
_KEYS = {
    "page": {"page", "source", "read", "operations"},
    "operation": {"heading", "call", "description", "parameters", "statuses", "produces", "chosen"},
    "parameter": {"in", "name", "required", "type", "default", "wording", "meaning"},
    "status": {"body", "wording", "meaning"},
    "choice": {"change", "because"},
}


@frozen(kw_only=True)
class Kept:
    """The facts of all kept pages; `chosen` maps the text of each accepted difference to its reason."""

    facts: Facts
    chosen: dict[str, str]


def kept_facts(folder: Path = FOLDER) -> Kept:
    """Read every file of the folder. Raises FactsError for a file that has another form."""
    paths = sorted(folder.glob("*.yaml"))
    return facts_of_kept({f"{folder.name}/{path.name}": path.read_text(encoding="utf-8") for path in paths})


def facts_of_kept(files: Mapping[str, str]) -> Kept:
    """Read the facts of kept pages, given as texts by file name. Raises FactsError."""
    operations: list[Operation] = []
    chosen: dict[str, str] = {}
    for source, text in files.items():
        try:
            page = _checked(read_yaml(text, source), "page")
            date.fromisoformat(str(page["read"]))
            for operation in page["operations"]:
                operations.append(_operation(operation))
                chosen |= dict(_choices(operation))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise FactsError(f"{source}: is not in the form of a kept page: {error!r}") from error
    return Kept(facts=Facts(operations=tuple(operations)), chosen=chosen)


def _checked(node: Located, kind: str) -> Located:
    """Return the node. Raises ValueError for an unknown key, which would be overlooked, or a value of a wrong type."""
    unknown = node.keys() - _KEYS[kind]
    if unknown:
        raise ValueError(f"line {node.line}: unknown keys {sorted(unknown)}")
    if any(not isinstance(node.get(key, ""), str) for key in ("wording", "description", "default")):
        raise ValueError(f"line {node.line}: fingerprints and defaults are texts, in quotes")
    return node


def _operation(node: Located) -> Operation:
    method, path = _checked(node, "operation")["call"].split(" ")
    return Operation(
        method=method,
        path=path,
        parameters=tuple(map(_parameter, node["parameters"])),
        replies=tuple(_reply(status, reply, node["produces"]) for status, reply in node["statuses"].items()),
        rest={"description": node["description"]} if "description" in node else {},
        heading=node["heading"],
        line=node.line,
    )


def _parameter(node: Located) -> Parameter:
    lowest, highest = RANGES.get(_checked(node, "parameter")["type"], (None, None))
    return Parameter(
        place=node["in"],
        name=node["name"],
        required=node["required"],
        type=node["type"],
        lowest=lowest,
        highest=highest,
        default=node.get("default"),
        wording=node.get("wording"),
        line=node.line,
    )


def _reply(status: str, node: Located, produces: list[str]) -> Reply:
    """Read a reply. Without the key `body` it has none; `unknown` is a body whose schema on the page is not known."""
    body: str | None = _checked(node, "status").get("body")
    return Reply(
        status=status,
        bodies={media_type: {} for media_type in produces} if body else {},
        wording=node.get("wording"),
        rest={"schema": body} if body and body != _UNKNOWN else {},
        line=node.line,
    )


def _choices(node: Located) -> Iterator[tuple[str, str]]:
    for choice in node.get("chosen", ()):
        yield _checked(choice, "choice")["change"], choice["because"]
