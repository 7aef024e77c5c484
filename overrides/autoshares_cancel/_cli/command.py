"""A command, its arguments and its options. Help describes arguments as it does options, in every version of click."""

from pathlib import Path
from typing import Any

import click


class Argument(click.Argument):
    """An argument with a help text."""

    def __init__(self, name: str, *, help: str, metavar: str, **attributes: Any) -> None:  # noqa: A002  # as options have it
        super().__init__([name], metavar=metavar, **attributes)
        self.row = (metavar, f"{help}  [required]" if self.required else help)


class Command(click.Command):
    """A command with such arguments."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Give the words of the usage line."""
        arguments = [each.row[0] for each in self.get_params(ctx) if isinstance(each, Argument)]
        return [self.options_metavar or "", *arguments]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the arguments, then the options."""
        params = self.get_params(ctx)
        arguments = [each.row for each in params if isinstance(each, Argument)]
        options = [each.get_help_record(ctx) for each in params if isinstance(each, click.Option)]
        for title, rows in {"Arguments": arguments, "Options": [row for row in options if row is not None]}.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def option(*names: str, default: Any = None, **attributes: Any) -> click.Option:
    """An option with a value."""
    return click.Option(names, default=default, **attributes)


def flag(*names: str, default: bool = False, **attributes: Any) -> click.Option:
    """An option without a value."""
    return click.Option(names, is_flag=True, default=default, **attributes)


def seconds(name: str, **attributes: Any) -> click.Option:
    """An option whose value is a number of seconds."""
    return option(name, type=float, metavar="SECONDS", **attributes)


def path(*names: str, **attributes: Any) -> click.Option:
    """An option whose value is a Path."""
    return option(*names, type=click.Path(path_type=Path), **attributes)
