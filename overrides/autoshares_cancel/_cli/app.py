"""The command line: arguments in, lines and exit codes out. Needs the extra `cli`."""

from importlib import import_module
from typing import Final

import click

from autoshares_cancel._values.version import __version__

COMMANDS: Final = {
    "order": "order",
    "orders": "orders",
    "all": "cancel_all",
    "show": "show",
    "sweep": "sweep",
    "worker": "worker",
    "mock": "mock",
    "contract": "contract",
}
"""The module of each command, which has the same name."""


class Commands(click.Group):
    """Imports the module of a command only when the command is called: a single cancel needs none of the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        del ctx
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None if there is none of that name."""
        del ctx
        name = COMMANDS.get(cmd_name)
        if name is None:
            return None
        command: click.Command = getattr(import_module(f"autoshares_cancel._cli.{name}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(__version__, "--version", "-V", message="autoshares-cancel %(version)s")
def app() -> None:
    """Cancel orders at Autoshares Trader and report whether they are cancelled, open or unknown."""
