"""The table of exit codes: in the code, in the help, in the README."""

from pathlib import Path
from typing import Final

import pytest

from autoshares_cancel._cli.exit_codes import GRAVITY, LABELS, MEANINGS, Exit, as_help, as_markdown, gravest
from autoshares_cancel._cli.options import EXIT_CODES_HELP

README: Final = Path(__file__).parents[3] / "README.md"


def test_every_exit_code_has_a_meaning() -> None:
    """Every code has a gravity, a word for the last line, and a meaning."""
    assert sorted(GRAVITY) == sorted(Exit) == sorted(LABELS)


def test_the_table_is_the_same_everywhere() -> None:
    """The README and the help show the table of the code."""
    assert as_markdown() in README.read_text(encoding="utf-8")
    assert as_help() == EXIT_CODES_HELP
    assert all(meaning.when in EXIT_CODES_HELP for meaning in MEANINGS)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 4, 0], 4),
        ([4, 3], 3),
        ([6, 7], 7),
        ([7, 5, 6], 5),
        ([0, 6], 6),
        ([2, 7], 2),
        ([5, 2], 5),
        ([3, 8], 8),
        ([8, 6], 6),
        ([1, 2, 7], 1),
        ([1, 5], 5),
    ],
)
def test_the_gravest_code_wins(codes: list[int], expected: int) -> None:
    """The exit code of a run is its gravest; 5 (unknown) is graver than all others."""
    assert gravest(codes) == expected
