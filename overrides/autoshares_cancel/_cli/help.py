"""The help of a command: its arguments are shown by their metavars alone, in every version of Typer."""

from typing import Any, Final

from typer.core import TyperCommand

ARGUMENT: Final = "argument"
"""The kind of a parameter that is no option."""


class Command(TyperCommand):
    """A command whose help has ORDER_ID... where Typer, by its version, has {order_ids}... and list[int]."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Give the words of the usage line."""
        given = (each.metavar for each in self.get_params(ctx) if each.param_type_name == ARGUMENT)
        return [self.options_metavar or "", *filter(None, given)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options."""
        rows: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for each in self.get_params(ctx):
            record = each.get_help_record(ctx)
            if record is not None and each.param_type_name == ARGUMENT:
                rows["Arguments"].append((each.metavar or record[0], record[1]))
            elif record is not None:
                rows["Options"].append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
