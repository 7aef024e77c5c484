"""Parsing the lines of a file into orders."""

import json
from collections.abc import Callable

import pytest

from autoshares_cancel._cli.run.rows import CsvRows, JsonRows, Row, WrongFile, WrongLine, rows_of, text_of

HEADER = "note,order_id,account_id\r\n"


def csv_row(text: str, header: str = HEADER) -> Row | None:
    return rows_of(header, 1, None).row(7, text)


def json_row(text: str) -> Row | None:
    return rows_of("{}", 1, None).row(7, text)


def test_csv_columns_stand_in_any_order_and_others_are_kept() -> None:
    """A CSV row is the pair of ids, with its line number and its other columns, also with commas and quotes."""
    row = csv_row('"a ""b"", c", 73552 ,6303\r\n')
    assert row == (6303, 73552)
    assert row is not None
    assert (row.account_id, row.order_id, row.line, row.others) == (6303, 73552, 7, {"note": 'a "b", c'})
    assert not row.in_doubt


def test_json_keys_stand_in_any_order_and_others_are_kept() -> None:
    """A JSON row is the pair of ids; other keys are kept, with values of any type."""
    row = json_row('{"note": [1, null], "order_id": 73552, "account_id": 6303}')
    assert row == (6303, 73552)
    assert row is not None
    assert row.others == {"note": [1, None]}


@pytest.mark.parametrize("text", ["", "\n", "  \r\n"])
def test_an_empty_line_says_nothing(text: str) -> None:
    """An empty line is no order, and no error."""
    assert csv_row(text) is None
    assert json_row(text) is None


def test_the_header_is_no_order() -> None:
    """The header and the empty lines above it are skipped."""
    rows = rows_of("account_id,order_id", 3, None)
    assert rows.row(3, "account_id,order_id") is None
    assert rows.row(4, "1,2") == (1, 2)


@pytest.mark.parametrize("number", [-(2**31), -1, 0, 2**31 - 1])
def test_every_int32_is_an_order(number: int) -> None:
    """Law 9: the lowest and the highest int32 are accepted."""
    assert csv_row(f"n,{number},{number}") == (number, number)
    assert json_row(json.dumps({"account_id": number, "order_id": number})) == (number, number)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("n,1", "it has 2 columns, and the header has 3"),
        ("n,1,2,3", "it has 4 columns"),
        ("n,1.0,2", "order_id must be plain digits, not '1.0'"),
        ("n,,2", "order_id must be plain digits, not ''"),
        ("n,1_0,2", "order_id must be plain digits"),
        ("n,+1,2", "order_id must be plain digits"),
        ("n,\u0661,2", "order_id must be plain digits"),
        ("n,0x1,2", "order_id must be plain digits"),
        (f"n,{2**31},2", "order_id must be an int32"),
        (f"n,1,{-(2**31) - 1}", "account_id must be an int32"),
        ('"n,1,2', "it is no CSV: unexpected end of data"),
        ("n,1,2\r3,4,5", "it is no CSV"),
        ("n\udcff,1,2", "it is no UTF-8"),
    ],
    ids=ascii,
)
def test_a_csv_line_that_is_no_order_says_why(text: str, why: str) -> None:
    """Law 9: an id must be an int32 in plain digits; any other CSV line is refused, with its problem."""
    with pytest.raises(WrongLine, match=why):
        csv_row(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "it is no JSON"),
        ("[1, 2]", "it is no JSON object"),
        ("null", "it is no JSON object"),
        ('{"order_id": 1}', "it has no account_id"),
        ('{"account_id": 1, "order_id": "2"}', "order_id must be an int, not str"),
        ('{"account_id": true, "order_id": 2}', "account_id must be an int, not bool"),
        ('{"account_id": 1, "order_id": 2.0}', "order_id must be an int, not float"),
        ('{"account_id": 1, "order_id": 2147483648}', "order_id must be an int32"),
        ('{"account_id": 1, "order_id": 2, "order_id": 3}', "a key is there twice"),
        (f'{{"account_id": 1, "order_id": 1{"0" * 5000}}}', "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ('{"account_id": 1, "order_id": 2, "n": "\udcff"}', "it is no UTF-8"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_json_line_that_is_no_order_says_why(text: str, why: str) -> None:
    """Law 9: an id is an integer; a line with a key twice is refused, because neither value is certain."""
    with pytest.raises(WrongLine, match=why):
        json_row(text)


def test_a_message_about_a_long_line_is_short() -> None:
    """The message of a very long line is short."""
    for text in (f"n,{'x' * 10_000},2", f"n,{'9' * 20},2"):
        with pytest.raises(WrongLine) as wrong:
            csv_row(text)
        assert len(str(wrong.value)) < 150


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("order_id,note", "no column account_id; it has 'order_id, note'"),
        ("account_id|order_id", "no column account_id; it has 'account_id|order_id'"),
        ("Account,Order", "no column account_id; it has 'Account, Order'"),
        ("account_id,Order No", "no column order_id; it has 'account_id, Order No'"),
        ("account_id,client order id", "no column order_id"),
        (
            "account_id,order_id,Account ID",
            "ambiguous: 'account_id' and 'Account ID' both mean account_id: leave one out",
        ),
        ("note;orderId;ORDER_ID;account_id", "ambiguous: 'orderId' and 'ORDER_ID' both mean order_id"),
        ("6303,73552", "no column account_id"),
        ("account_id,order_id,order_id", "the column 'order_id' twice"),
        ("account_id,order_id,n,n", "the column 'n' twice"),
        ('account_id,"order_id', "can't be read: it is no CSV"),
        ("account_id,order_id\rn", "can't be read"),
        ("account_id,order_id,\udcff", "it is no UTF-8"),
    ],
    ids=ascii,
)
def test_a_header_without_certain_id_columns_says_why(header: str, why: str) -> None:
    """A file whose header names no certain id columns is refused as a whole, and the message says why."""
    with pytest.raises(WrongFile, match=why):
        rows_of(header, 1, None)


SPELLINGS = ("{}_id", "{}Id", "{} Id", "{} ID", "{}-id", "{}ID", "{}id", "{}_ID", " {} id ")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("change", [str, str.upper, str.title], ids=["as is", "upper", "title"])
def test_the_ids_are_found_in_every_spelling_and_behind_every_delimiter(
    delimiter: str, spelling: str, change: Callable[[str], str]
) -> None:
    """Law 9: ids are found in the spellings of spreadsheets and of the vendor's API; other columns keep their names."""
    names = ["Note", change(spelling.format("order")), change(spelling.format("account"))]
    others = "," if delimiter == ";" else ";"
    row = csv_row(delimiter.join([f"a{others}b", "73552", "6303"]), delimiter.join(names))
    assert row == (6303, 73552)
    assert row is not None
    assert row.others == {"Note": f"a{others}b"}
    key = spelling.strip()
    values = {"Note": 1, change(key.format("order")): 73552, change(key.format("account")): 6303}
    row = json_row(json.dumps(values))
    assert row == (6303, 73552)
    assert row is not None
    assert row.others == {"Note": 1}


@pytest.mark.parametrize(
    "header", ['"account_id";"order_id";"a,b"', "account_id;order_id;a,b,c,d", "account_id;order_id"]
)
def test_the_delimiter_is_the_one_that_gives_both_columns(header: str) -> None:
    """The delimiter is the character that gives both id columns of the header, whatever other characters it has."""
    rows = rows_of(header, 1, None)
    assert rows.row(2, ";".join(["1", "2", "x"][: header.count(";") + 1])) == (1, 2)
    with pytest.raises(WrongLine, match="columns, and the header has"):
        rows.row(3, "1,2,x")


def test_a_delimiter_that_the_caller_gives_comes_first() -> None:
    """Law 9: a header is read with the given delimiter, and with no other."""
    assert rows_of("account_id|order_id|a,b", 1, None, "|").row(2, "1|2|3,4") == (1, 2)
    with pytest.raises(WrongFile, match="no column account_id"):
        rows_of("account_id,order_id", 1, None, ";")
    with pytest.raises(WrongFile, match="JSON lines have no delimiter: leave --delimiter out"):
        rows_of("{}", 1, None, ";")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"account_id": 1, "accountId": 1, "order_id": 2}', "'account_id' and 'accountId' both mean account_id"),
        ('{"account_id": 1, "order_id": 2, "ORDER ID": 3}', "'order_id' and 'ORDER ID' both mean order_id"),
        ('{"account_id": 1, "order no": 2}', "it has no order_id"),
        ('{"account_id": 1, " order_id": 2}', "it has no order_id"),
    ],
    ids=ascii,
)
def test_two_keys_of_one_meaning_are_refused(text: str, why: str) -> None:
    """Law 9: an object with two keys of one meaning is refused, because either number may be the order."""
    with pytest.raises(WrongLine, match=why):
        json_row(text)


def test_the_first_character_says_what_a_file_is() -> None:
    """A file that begins with a brace is JSON lines, and any other one is CSV, unless the caller gives the format."""
    assert isinstance(rows_of('  {"order_id": 1}', 1, None), JsonRows)
    assert isinstance(rows_of("account_id,order_id", 1, None), CsvRows)
    assert isinstance(rows_of("account_id,order_id", 1, "json"), JsonRows)
    assert isinstance(rows_of("account_id,order_id,{", 1, "csv"), CsvRows)


def test_a_byte_order_mark_begins_a_file_only() -> None:
    """A byte order mark, as spreadsheets write it, is removed from the first line only."""
    assert text_of("\ufeffaccount_id".encode(), 1) == "account_id"
    assert text_of("\ufeffx".encode(), 2) == "\ufeffx"
    assert not text_of(b"\xff", 1).isascii()
