"""Recognizes files that can't be read as orders by how they begin, and names the fix. Pure."""

from typing import Final

UNPACK: Final = "unpack it first, as in {} FILE | autoshares-cancel orders -"
AS_CSV: Final = "save the sheet as CSV in UTF-8"
AS_UTF_8: Final = "save it as UTF-8, or convert it, as in iconv -f {0} -t UTF-8 FILE | autoshares-cancel orders -"
BEGINNINGS: Final = (
    (b"\xff\xfe\0\0", f"it is UTF-32: {AS_UTF_8.format('UTF-32')}"),
    (b"\0\0\xfe\xff", f"it is UTF-32: {AS_UTF_8.format('UTF-32')}"),
    (b"\xff\xfe", f"it is UTF-16: {AS_UTF_8.format('UTF-16')}"),
    (b"\xfe\xff", f"it is UTF-16: {AS_UTF_8.format('UTF-16')}"),
    (b"\x1f\x8b", f"it is packed with gzip: {UNPACK.format('gunzip -c')}"),
    (b"BZh91AY&SY", f"it is packed with bzip2: {UNPACK.format('bunzip2 -c')}"),
    (b"\xfd7zXZ\0", f"it is packed with xz: {UNPACK.format('xz -dc')}"),
    (b"(\xb5/\xfd", f"it is packed with zstd: {UNPACK.format('zstd -dc')}"),
    (b"PK\x03\x04", f"it is a spreadsheet (.xlsx, .ods) or a zip archive: {AS_CSV}, or unpack it first"),
    (b"PK\x05\x06", "it is an empty zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive: unpack it first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"it is a spreadsheet of an old Excel (.xls): {AS_CSV}"),
    (b"PAR1", "it is a Parquet file: write the orders as CSV or JSON lines"),
    (b"%PDF-", "it is a PDF: write the orders as CSV or JSON lines"),
)
NULS: Final = f"it has NUL bytes, as UTF-16 and binary files have: {AS_UTF_8.format('UTF-16LE')}"
ARRAY: Final = "it is a JSON array: write one object per line, as in jq -c '.[]' FILE | autoshares-cancel orders -"
SPREAD: Final = (
    "it has a JSON object on several lines: write one object per line, as in jq -c . FILE | autoshares-cancel orders -"
)


def problem_of(first: bytes) -> str | None:
    """Why no order can be read from a file, by its first line that is not empty; None if there is no such reason."""
    for beginning, problem in BEGINNINGS:
        if first.startswith(beginning):
            return problem
    return NULS if b"\0" in first else None


def json_problem_of(first: str) -> str | None:
    """Why JSON is no JSON lines, by its first line that is not empty; None if it may be."""
    if first.lstrip().startswith("["):
        return ARRAY
    return SPREAD if first.strip() == "{" else None
