"""Reads a journal that an earlier run has left into SeenOrders. Changes nothing in it."""

from pathlib import Path
from typing import BinaryIO, Final

from autoshares_cancel._cli.run.journal_file import WrongJournal
from autoshares_cancel._cli.run.journal_lines import (
    HEAD,
    LONGEST_LINE,
    VERSION,
    WrongEntry,
    entry_of,
    head,
    may_be_torn,
    parsed,
    standing_after,
)
from autoshares_cancel._cli.run.seen_orders import Known, SeenOrders, Standing

TRIED_AGAIN: Final = "with another one, orders that this one knows are tried again"


def read_journal(stream: BinaryIO, path: Path, base_url: str, seen_orders: SeenOrders) -> tuple[int, bool]:
    """Read all lines. Returns the bytes of those that count, and whether the last of them lacks its line end.

    What is behind these bytes is a torn line. Raises WrongJournal.
    """
    number, place = 0, stream.seek(0)
    while line := stream.readline(LONGEST_LINE):
        number += 1
        is_head = number == 1
        if not (_takes_head(line, path, base_url) if is_head else _takes(line, number, place, path, seen_orders)):
            break
        place += len(line)
        if not line.endswith(b"\n"):
            return place, True
    return place, False


def _takes_head(line: bytes, path: Path, base_url: str) -> bool:
    """Check the head. Returns whether it is whole: a torn one is only taken for ours if it can be nothing else."""
    if len(line) >= len(HEAD) and head(base_url).startswith(line):
        return len(line) >= len(head(base_url)) - 1
    try:
        values = parsed(line)
        version, url = values["journal"], values["base_url"]
    except (ValueError, KeyError, RecursionError):
        raise WrongJournal(f"{path} is no journal of autoshares-cancel: give another --journal") from None
    if version != VERSION:
        raise WrongJournal(
            f"{path} was written by another version of autoshares-cancel: resume it with that version, or give another"
            f" --journal; {TRIED_AGAIN}"
        )
    if url != base_url:
        raise WrongJournal(f"{path} belongs to {url}, and AUTOSHARES_BASE_URL is {base_url}: give another --journal")
    return True


def _takes(line: bytes, number: int, place: int, path: Path, seen_orders: SeenOrders) -> bool:
    """Note what a line says. Returns False for the beginning of a line that was cut off by a kill."""
    try:
        entry = entry_of(line)
    except WrongEntry:
        if not line.endswith(b"\n") and may_be_torn(line):
            return False
        raise WrongJournal(
            f"line {number} of the journal {path} can't be read: fix it, or give another --journal; {TRIED_AGAIN}"
        ) from None
    known = seen_orders.of(entry.order)
    if known.standing is not Standing.FINAL:
        seen_orders.put(entry.order, Known(standing_after(known.standing, entry), place, known.line))
    return True
