"""Parses lines of a file into orders: CSV with a header, or one JSON object per line. No I/O: a line in, a row out.

1. A record is one line. A quoted line end in a CSV file is an error, so an open quote spoils only its own line and does
   not hide the orders below it.
2. A line that is no order raises WrongLine, and the next line is parsed as usual. A header without both columns, and a
   file that is neither CSV nor JSON lines in UTF-8, raise WrongFile, and no line is parsed.
3. Empty lines are skipped. Other columns are kept unchanged.
"""

import csv
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, Literal, Self, cast

from autoshares_cancel._cli.run.columns import ACCOUNT_ID, DELIMITERS, IDS, ORDER_ID, SameMeaning, names_of_ids
from autoshares_cancel._cli.run.file_kinds import json_problem_of, problem_of
from autoshares_cancel._validation import LONGEST_SHOWN, check_id, parse_id, shortened
from autoshares_cancel.errors import ConfigurationError

Format = Literal["csv", "json"]

LONGEST_FIRST_LINE: Final = 1 << 20
"""Bytes of the first line by which the parser is chosen."""
BYTE_ORDER_MARK: Final = "\ufeff"


class WrongLine(Exception):
    """The line is no order. The message says why."""


class WrongFile(Exception):
    """No order can be read from the file. The message says why, and what to do."""


class Row(tuple[int, int]):  # noqa: SLOT001  # a tuple can't have named slots
    """An order of a file: the pair of account_id and order_id, with its line and its other columns."""

    line: int
    """Counted from 1."""
    others: Mapping[str, object]
    """The other columns."""
    in_doubt: bool
    """Whether an earlier run may have cancelled it."""

    @classmethod
    def of(cls, account_id: int, order_id: int, *, line: int, others: Mapping[str, object]) -> Self:
        """Make a row that is not in doubt."""
        row = cls((account_id, order_id))
        row.line, row.others, row.in_doubt = line, others, False
        return row

    @property
    def account_id(self) -> int:
        """The trading account."""
        return self[0]

    @property
    def order_id(self) -> int:
        """The order."""
        return self[1]


class CsvRows:
    """Parses the lines below a CSV header. Raises WrongFile for a header without the two columns, or unreadable."""

    def __init__(self, header: str, header_at: int, delimiter: str | None = None) -> None:
        self.header_at = header_at
        self._delimiter = _delimiter_of(header) if delimiter is None else delimiter
        try:
            self._names = _names(header, self._delimiter)
        except WrongLine as problem:
            raise WrongFile(f"the header of the CSV file can't be read: {problem}") from None
        twice = [name for name in self._names if self._names.count(name) > 1]
        if twice:
            raise WrongFile(f"the CSV header names the column {shortened(twice[0])} twice")
        try:
            ids = names_of_ids(self._names)
        except SameMeaning as problem:
            raise WrongFile(f"the CSV header is ambiguous: {problem}") from None
        for name in IDS:
            if name not in ids:
                raise WrongFile(f"the CSV header has no column {name}; it has {shortened(', '.join(self._names))}")
        self._ids = ids[ACCOUNT_ID], ids[ORDER_ID]

    def row(self, number: int, text: str) -> Row | None:
        """Parse a line. Returns None for the header and for an empty line. Raises WrongLine."""
        if number <= self.header_at or not text.strip():
            return None
        cells = _cells(text, self._delimiter)
        if len(cells) != len(self._names):
            raise WrongLine(f"it has {len(cells)} columns, and the header has {len(self._names)}")
        values = dict[str, object](zip(self._names, cells, strict=True))
        account_id, order_id = (_integer(meant, values.pop(name)) for meant, name in zip(IDS, self._ids, strict=True))
        return Row.of(account_id, order_id, line=number, others=values)


class JsonRows:
    """Parses JSON objects, one per line."""

    header_at = 0

    def row(self, number: int, text: str) -> Row | None:
        """Parse a line. Returns None for an empty line. Raises WrongLine."""
        if not text.strip():
            return None
        values = _object(text)
        try:
            ids = names_of_ids(values)
        except SameMeaning as problem:
            raise WrongLine(str(problem)) from None
        for name in IDS:
            if name not in ids:
                raise WrongLine(f"it has no {name}")
        account_id, order_id = (_id(meant, values.pop(ids[meant])) for meant in IDS)
        return Row.of(account_id, order_id, line=number, others=values)


Rows = CsvRows | JsonRows


def rows_of(first: str, number: int, given: Format | None, delimiter: str | None = None) -> Rows:
    """Choose the parser of a file by its first line that is not empty, or by the given format. Raises WrongFile."""
    problem = problem_of(first.encode("utf-8", errors="surrogateescape"))
    is_json = first.lstrip().startswith(("{", "[")) if given is None else given == "json"
    if is_json:
        problem = problem or json_problem_of(first)
        if delimiter is not None:
            problem = problem or "JSON lines have no delimiter: leave --delimiter out"
    elif len(first) >= LONGEST_FIRST_LINE:
        problem = problem or "its first line is too long for a CSV header"
    if problem is not None:
        raise WrongFile(problem)
    return JsonRows() if is_json else CsvRows(first, number, delimiter)


def text_of(line: bytes, number: int) -> str:
    """Decode a line. Bytes that are no UTF-8 become surrogates, which _check_text finds later."""
    text = line.decode("utf-8", errors="surrogateescape")
    return text.removeprefix(BYTE_ORDER_MARK) if number == 1 else text


def _delimiter_of(header: str) -> str:
    """The first delimiter that gives both columns, or one of them twice; a comma if none does."""
    for delimiter in DELIMITERS:
        with suppress(WrongLine):
            try:
                has_both = len(names_of_ids(_names(header, delimiter))) == len(IDS)
            except SameMeaning:
                has_both = True  # CsvRows reports it
            if has_both:
                return delimiter
    return DELIMITERS[0]


def _names(header: str, delimiter: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in _cells(header, delimiter))


def _cells(text: str, delimiter: str) -> list[str]:
    _check_text(text)
    try:
        return next(csv.reader((text.rstrip("\r\n"),), delimiter=delimiter, strict=True))
    except csv.Error as problem:
        raise WrongLine(f"it is no CSV: {problem}") from None


def _object(text: str) -> dict[str, Any]:
    _check_text(text)
    try:
        value: object = json.loads(text, object_pairs_hook=unique_keys)
    except (ValueError, RecursionError) as problem:
        raise WrongLine(f"it is no JSON: {problem}") from None
    if not isinstance(value, dict):
        raise WrongLine("it is no JSON object")
    return cast("dict[str, Any]", value)


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make the dict of a JSON object, for json.loads. Raises ValueError if a key is there twice."""
    values = dict(pairs)
    if len(values) != len(pairs):  # two order ids in one line: neither is certain
        raise ValueError("a key is there twice")
    return values


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise WrongLine("it is no UTF-8") from None


def _id(name: str, value: object) -> int:
    try:
        return check_id(name, value)
    except ConfigurationError as problem:
        raise WrongLine(str(problem)[: 3 * LONGEST_SHOWN]) from None


def _integer(name: str, cell: object) -> int:
    try:
        return parse_id(name, str(cell).strip())
    except ConfigurationError as problem:
        raise WrongLine(str(problem)) from None
