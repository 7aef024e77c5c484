"""Files that are no CSV and no JSON lines in UTF-8."""

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from support.command import Command

from autoshares_cancel._cli.run.rows import LONGEST_FIRST_LINE
from autoshares_cancel.mock import MockServer

ORDERS = "account_id,order_id\r\n6303,73552\r\n"
OBJECT = '{"account_id": 6303, "order_id": 73552}'
KINDS = [
    *(
        "UTF-16",
        "UTF-16BE",
        "UTF-16LE without a mark",
        "UTF-16BE without a mark",
        "UTF-32",
        "UTF-32BE",
        "UTF-16 behind an empty line",
    ),
    *(
        "gzip",
        "bzip2",
        "xz",
        "xlsx",
        "array",
        "array on several lines",
        "long array",
        "object on several lines",
        "long header",
    ),
]
LONG = " " * 2 * LONGEST_FIRST_LINE


def zipped(text: str) -> bytes:
    """A zip archive with one file, as a spreadsheet is."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", text)
    return stream.getvalue()


@pytest.fixture
def run(mock_server: MockServer) -> Command:
    """Run the command against the mock."""
    return Command(mock_server)


@pytest.mark.parametrize("through", ["file", "stdin"])
@pytest.mark.parametrize(
    ("given", "why"),
    [
        (ORDERS.encode("utf-16"), "it is UTF-16: save it as UTF-8, or convert it, as in iconv -f UTF-16 -t UTF-8 FILE"),
        (b"\xfe\xff" + ORDERS.encode("utf-16-be"), "it is UTF-16: save it as UTF-8"),
        (ORDERS.encode("utf-16-le"), "it has NUL bytes, as UTF-16 and binary files have: save it as UTF-8"),
        (ORDERS.encode("utf-16-be"), "it has NUL bytes"),
        (ORDERS.encode("utf-32"), "it is UTF-32: save it as UTF-8"),
        (b"\0\0\xfe\xff" + ORDERS.encode("utf-32-be"), "it is UTF-32: save it as UTF-8"),
        (b"\n" + OBJECT.encode("utf-16-le"), "it has NUL bytes"),
        (gzip.compress(ORDERS.encode()), "it is packed with gzip: unpack it first, as in gunzip -c FILE |"),
        (bz2.compress(ORDERS.encode()), "it is packed with bzip2: unpack it first, as in bunzip2 -c FILE |"),
        (lzma.compress(ORDERS.encode()), "it is packed with xz: unpack it first, as in xz -dc FILE |"),
        (
            zipped(ORDERS),
            "it is a spreadsheet (.xlsx, .ods) or a zip archive: save the sheet as CSV in UTF-8, or unpack",
        ),
        (f"[{OBJECT}]".encode(), "it is a JSON array: write one object per line, as in jq -c '.[]' FILE |"),
        (f"\ufeff\n  [\n{OBJECT},\n{OBJECT}]\n".encode(), "it is a JSON array"),
        (f"[{LONG}{OBJECT}]".encode(), "it is a JSON array"),
        (
            OBJECT.replace("{", "{\n").encode(),
            "it has a JSON object on several lines: write one object per line, as in jq",
        ),
        (f"account_id,order_id,{LONG}".encode(), "its first line is too long for a CSV header"),
    ],
    ids=KINDS,
)
def test_a_file_of_another_kind_is_refused_with_its_fix(
    run: Command, tmp_path: Path, given: bytes, why: str, through: str
) -> None:
    """Law 12: a file of another kind is refused in one line, before anything is sent; the message names the fix."""
    path = tmp_path / "orders"
    path.write_bytes(given)
    result = run("orders", "-", given=given) if through == "stdin" else run("orders", path)
    assert (result.exit_code, result.stdout, run.requests) == (2, "", [])
    assert result.stderr.startswith(f"Error: {'stdin' if through == 'stdin' else path}: {why}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
def test_a_device_that_never_ends_is_refused(run: Command, device: str) -> None:
    """A device that never ends is refused after its first bytes."""
    result = run("orders", device)
    assert (result.exit_code, run.requests) == (2, [])
    assert "it has NUL bytes" in result.stderr


@pytest.mark.parametrize("options", [["--format", "csv"], ["--delimiter", ";"]], ids=" ".join)
def test_options_do_not_make_another_kind_readable(run: Command, options: list[str]) -> None:
    """A format or delimiter that the caller gives changes nothing about a packed file."""
    result = run("orders", "-", *options, given=gzip.compress(ORDERS.encode()))
    assert (result.exit_code, run.requests) == (2, [])
    assert "it is packed with gzip" in result.stderr
