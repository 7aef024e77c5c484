"""Reads the tables of a page: parameters, responses, and the list of media types."""

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from contract_facts.model import PLACES, RANGES, FactsError, Parameter, Reply, fingerprint
from contract_facts.page_blocks import Block, Row, Section, rows, texts_of

_NAME = re.compile(r"[\w.-]+")
_STATUS = re.compile(r"[1-5]\d\d|[1-5]XX|default")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_PLACES = (*PLACES, "body", "cookie", "formdata")
_NO_BODY = "no content"


@frozen
class Tables:
    """Reads the tables of one page. `source` and `lines` are the page's name and lines, for messages."""

    source: str
    lines: Sequence[str]

    def error(self, line: int, problem: str) -> FactsError:
        """Make the error for a line that has another form."""
        return FactsError(f"{self.source}:{line}: {problem}")

    def parameters(self, section: Section) -> Iterator[Parameter]:
        """Read the table of parameters. Raises FactsError."""
        seen: set[tuple[str, str]] = set()
        for row in self._rows(section, {"type", "name", "description", "schema"}, {"default"}):
            parameter = self._parameter(row)
            if (parameter.place, parameter.name) in seen:
                raise self.error(row.line, f"{parameter.name!r} is there twice")
            seen.add((parameter.place, parameter.name))
            yield parameter

    def replies(self, section: Section, produces: Section | None) -> Iterator[Reply]:
        """Read the table of responses. A reply with a body gets all media types of the list. Raises FactsError."""
        produced = self._media_types(produces) if produces else ()
        seen: set[str] = set()
        for row in self._rows(section, {"http code", "description", "schema"}, set()):
            reply = self._reply(row, produced)
            if reply.status in seen:
                raise self.error(row.line, f"{reply.status} is there twice")
            seen.add(reply.status)
            yield reply

    def _rows(self, section: Section, required: set[str], optional: set[str]) -> list[Row]:
        """Return the rows of a section that must be one table with these columns. Raises FactsError."""
        first, *others = section.blocks or [_nothing(section)]
        wrong = [block for block in (first, *others) if block.kind != "table"] or others
        if wrong:
            raise self.error(wrong[0].line, f"expected one table below {section.title!r}, and no {wrong[0].kind}")
        found = rows(first, self.lines, self.source)
        if not found:
            raise self.error(first.line, f"the table below {section.title!r} is empty")
        columns = set(found[0].cells)
        if not required <= columns <= required | optional:
            raise self.error(first.line, f"expected the columns {sorted(required)}, not {sorted(columns)}")
        return found

    def _parameter(self, row: Row) -> Parameter:
        place, kind = row.cells["type"].text.casefold(), row.cells["schema"].text
        cell = row.cells["name"]
        name, need = cell.strong, cell.emphasised.casefold()
        if place not in _PLACES:
            raise self.error(row.line, f"a parameter in {place!r}: expected one of {', '.join(_PLACES)}")
        if not _NAME.fullmatch(name) or need not in {"required", "optional"}:
            raise self.error(row.line, "expected a **name**, and *required* or *optional*")
        if cell.text.casefold() != f"{name} {need}".casefold() or not kind:
            raise self.error(row.line, f"something else beside {name!r}, or no schema")
        lowest, highest = RANGES.get(kind, (None, None))
        return Parameter(
            place=place,
            name=name,
            required=need == "required",
            type=kind,
            lowest=lowest,
            highest=highest,
            default=_default(row),
            wording=fingerprint(row.cells["description"].text),
            line=row.line,
        )

    def _reply(self, row: Row, produced: tuple[str, ...]) -> Reply:
        status, schema = row.cells["http code"].text, row.cells["schema"].text
        if not _STATUS.fullmatch(status) or not schema:
            raise self.error(row.line, f"expected a status and a schema, not {status!r} and {schema!r}")
        empty = schema.casefold() == _NO_BODY
        if not empty and not produced:
            raise self.error(row.line, f"{status} has a body, and the page has no media types")
        return Reply(
            status=status,
            bodies={} if empty else {media_type: {} for media_type in produced},
            wording=fingerprint(row.cells["description"].text),
            rest={} if empty else {"schema": schema},
            line=row.line,
        )

    def _media_types(self, section: Section) -> tuple[str, ...]:
        first, *others = section.blocks or [_nothing(section)]
        media_types = texts_of(first)
        if first.kind != "bullet_list" or not all(map(_MEDIA_TYPE.fullmatch, media_types)):
            raise self.error(first.line, f"expected one list of media types below {section.title!r}")
        for block in others:  # text may follow
            if block.kind in {"bullet_list", "ordered_list", "table"}:
                raise self.error(block.line, f"expected one list below {section.title!r}, and no {block.kind}")
        return tuple(media_types)


def _nothing(section: Section) -> Block:
    return Block(kind="nothing", tokens=(), line=section.line)


def _default(row: Row) -> str | None:
    text = row.cells["default"].text if "default" in row.cells else ""
    return re.sub(r'^"(.*)"$', r"\1", text) if text else None
