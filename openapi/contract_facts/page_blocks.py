"""Splits a vendor's page, which is Markdown, into sections of blocks. Every part has its line for messages."""

import re
from collections.abc import Iterator, Sequence

from attrs import field, frozen
from markdown_it import MarkdownIt
from markdown_it.token import Token

from contract_facts.model import FactsError


@frozen(kw_only=True)
class Cell:
    """A cell of a table: its whole text, its strong text, and its emphasised text."""

    text: str
    strong: str
    emphasised: str


@frozen(kw_only=True)
class Row:
    """A row of a table: its cells by the names of the columns in lower case."""

    cells: dict[str, Cell]
    line: int


@frozen(kw_only=True)
class Block:
    """A block below a heading: its markdown-it kind, its tokens, and its line."""

    kind: str
    tokens: Sequence[Token]
    line: int


@frozen(kw_only=True)
class Section:
    """A heading and all blocks up to the next one. The first section of a page has level 0 and no title."""

    level: int
    title: str
    line: int
    blocks: list[Block] = field(factory=list[Block])


def sections(text: str) -> list[Section]:
    """Return the sections of a page, in order."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text.removeprefix("\ufeff"))
    found = [Section(level=0, title="", line=1)]
    for block in _blocks(tokens):
        if block.kind == "heading":
            title = block.tokens[1].content.strip()
            found.append(Section(level=int(block.tokens[0].tag[1:]), title=title, line=block.line))
        else:
            found[-1].blocks.append(block)
    return found


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    """Yield the outermost blocks, each with all tokens from the opening to the closing one."""
    start = depth = 0
    for number, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            whole = tokens[start : number + 1]
            (first, _) = whole[0].map or (0, 0)
            yield Block(kind=whole[0].type.removesuffix("_open"), tokens=whole, line=first + 1)
            start = number + 1


def rows(block: Block, lines: Sequence[str], where: str) -> list[Row]:
    """Return the rows of a table. Raises FactsError if a row has another number of cells than the head."""
    head, *body = [_cells(block.tokens, token) for token in block.tokens if token.type == "tr_open"]
    columns = [cell.text.casefold() for cell in head]
    if len(set(columns)) != len(columns) or not all(columns):
        raise FactsError(f"{where}:{block.line}: columns without a name, or with the same one")
    starts = [token.map[0] for token in block.tokens if token.type == "tr_open" and token.map]
    edges = _separators(lines[starts[0]])
    for start in starts[1:]:
        if _separators(lines[start]) != edges:
            raise FactsError(f"{where}:{start + 1}: this row has not as many cells as its table has columns")
    return [
        Row(cells=dict(zip(columns, cells, strict=True)), line=start + 1)
        for cells, start in zip(body, starts[1:], strict=True)
    ]


def _separators(line: str) -> int:
    """Count the bars that separate cells of a row; an escaped bar is text."""
    return len(re.findall(r"(?<!\\)\|", line))


def _cells(tokens: Sequence[Token], row: Token) -> list[Cell]:
    """Return the cells of the row that begins with this token."""
    begin = next(number for number, token in enumerate(tokens) if token is row)
    cells: list[Cell] = []
    for token in tokens[begin:]:
        if token.type == "tr_close":
            break
        if token.type == "inline":
            cells.append(_cell(token))
    return cells


def _cell(inline: Token) -> Cell:
    texts: dict[str, list[str]] = {"strong": [], "em": [], "all": []}
    inside: list[str] = []
    for token in inline.children or ():
        if token.nesting > 0:
            inside.append(token.tag)
        elif token.nesting < 0:
            inside.pop()
        text = " " if token.type in {"softbreak", "hardbreak"} else token.content
        for part in {"all", *inside} & texts.keys():
            texts[part].append(text)
    strong, emphasised, everything = (" ".join("".join(texts[part]).split()) for part in ("strong", "em", "all"))
    return Cell(text=everything, strong=strong, emphasised=emphasised)


def texts_of(block: Block) -> list[str]:
    """Return the text of each paragraph or item of a block, without marks of code and emphasis."""
    return [_cell(token).text for token in block.tokens if token.type == "inline"]
