"""Prints the outcomes of a file of orders, as lines or as JSON."""

import json
from collections.abc import Mapping

from attrs import frozen

from autoshares_cancel._cli.output import FAILURE, Output
from autoshares_cancel._cli.run.rows import Row


@frozen
class Printer:
    """Prints rows on stdout and problems on stderr."""

    as_json: bool
    output: Output

    def print_row(self, row: Row, values: Mapping[str, object], text: str, *, from_journal: bool = False) -> None:
        """Print one row: `text` for people, or `values` as JSON with the row's other columns.

        All other columns are in `columns`, and also beside our keys where no key of ours has their name.
        """
        if self.as_json:
            ours = {**values, "line": row.line, "from_journal": from_journal, "columns": row.others}
            text = json.dumps({**row.others, **ours})
        code = values.get("exit_code", 0)
        self.output.row(text, code if isinstance(code, int) and not self.as_json else None)

    def print_problem(self, text: str) -> None:
        """Print a problem on stderr."""
        self.output.note(text, FAILURE)
