"""Reads the facts of a page as the vendor publishes it.

1. A heading followed by a code block with a method and a path begins an operation.
2. Below it come Description, Parameters, Responses and Produces, each at most once, in any order, with deeper headings.
3. Parameters and Responses are one table each, Produces is one list. Anything else in them is an error.
4. Other sections are ignored after Responses, and errors before. Instructions in a page are never followed.
5. Any other form is an error that names the line, because it may hide a change.
"""

import re

from attrs import field, frozen

from contract_facts.model import METHODS, Facts, Operation, fingerprint
from contract_facts.page_blocks import Section, sections
from contract_facts.page_tables import Tables

_CALL = re.compile(rf"({'|'.join(METHODS).upper()})\s+(/\S*)")
Call = tuple[str, str]
_PARTS = ("description", "parameters", "responses", "produces")


@frozen(kw_only=True)
class Page:
    """The facts of a page, and the headings, with lines, of the sections that are not compared."""

    facts: Facts
    ignored: tuple[tuple[str, int], ...]


def facts_of_page(text: str, source: str) -> Page:
    """Read the facts of a page. Raises FactsError with the line that has another form."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = _Reader(Tables(source, text.split("\n")))
    reader.read(sections(text))
    if not reader.operations:
        raise reader.tables.error(1, "no operation: expected a heading and a code block with a method and a path")
    return Page(facts=Facts(operations=tuple(reader.operations)), ignored=tuple(reader.ignored))


@frozen
class _Reader:
    """Reads one page; holds the operations found and the sections ignored so far."""

    tables: Tables
    operations: list[Operation] = field(factory=list[Operation])
    ignored: list[tuple[str, int]] = field(factory=list[tuple[str, int]])

    def read(self, found: list[Section]) -> None:
        while found:
            section, *found = found
            size = next((at for at, each in enumerate(found) if each.level <= section.level), len(found))
            call = _call(section)
            if call is None or self.is_example(call, found[:size]):
                self.ignore(section)
            else:
                self.operations.append(self.operation(section, call, found[:size]))
                found = found[size:]

    def ignore(self, section: Section) -> None:
        has_table = any(block.kind == "table" for block in section.blocks)
        if section.title.casefold() in _PARTS and (has_table or not self.operations):  # its call has an unknown form
            raise self.tables.error(section.line, f"{section.title!r} belongs to no operation")
        if section.blocks:
            self.ignored.append((section.title, section.line))

    def is_example(self, call: Call, parts: list[Section]) -> bool:
        """Whether a code block is only an example call of an operation that the page has described before."""
        if any(part.title.casefold() in _PARTS for part in parts):
            return False
        return any(_is_call_of(call, operation) for operation in self.operations)

    def operation(self, section: Section, call: Call, found: list[Section]) -> Operation:
        if len(section.blocks) != 1:
            raise self.tables.error(section.blocks[1].line, "expected nothing but one code block")
        parts = self.parts(section, found)
        operation = Operation(
            method=call[0],
            path=call[1],
            parameters=tuple(self.tables.parameters(parts["parameters"])),
            replies=tuple(self.tables.replies(parts["responses"], parts.get("produces"))),
            rest=_description(parts.get("description")),
            heading=section.title,
            line=section.line,
        )
        self.check(operation, parts["parameters"])
        return operation

    def check(self, operation: Operation, parameters: Section) -> None:
        """Check that path and table name the same parameters, and that the operation comes once."""
        in_path = [each.name for each in operation.parameters if each.place == "path"]
        if sorted(in_path) != sorted(re.findall(r"\{([^{}]*)\}", operation.path)):
            raise self.tables.error(parameters.line, f"the path does not have the table's parameters {in_path}")
        if any(operation.key == other.key for other in self.operations):
            raise self.tables.error(operation.line, f"{operation.name} is there twice")

    def parts(self, section: Section, found: list[Section]) -> dict[str, Section]:
        """Return the sections of an operation by title. Other sections are ignored after Responses, errors before."""
        parts: dict[str, Section] = {}
        for each in found:
            title = each.title.casefold()
            if title in parts and each.level == found[0].level:
                raise self.tables.error(each.line, f"{each.title!r} is there twice")
            if title in _PARTS and each.level == found[0].level:
                parts[title] = each
            elif "responses" in parts:
                self.ignored.append((each.title, each.line))
            else:
                raise self.tables.error(each.line, f"{each.title!r} is not expected before the table of responses")
        for needed in {"parameters", "responses"} - parts.keys():
            raise self.tables.error(section.line, f"{section.title!r} has no section {needed.capitalize()!r}")
        return parts


def _call(section: Section) -> Call | None:
    """Return method and path from a code block of this section; None if no block has them."""
    for block in section.blocks:
        if block.kind in {"fence", "code_block"} and (call := _CALL.fullmatch(block.tokens[0].content.strip())):
            return call[1], call[2]
    return None


def _is_call_of(call: Call, operation: Operation) -> bool:
    method, path = call
    pattern = "[^/]+".join(map(re.escape, re.split(r"\{[^{}]*\}", operation.path)))
    return method == operation.method and re.fullmatch(pattern, path) is not None


def _description(section: Section | None) -> dict[str, str]:
    if section is None:
        return {}
    return {"description": fingerprint(" ".join(token.content for block in section.blocks for token in block.tokens))}
