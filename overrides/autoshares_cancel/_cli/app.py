"""The command line: arguments in, lines and exit codes out. Needs the extra `cli`."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from autoshares_cancel._cli.help import Command
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
"""The module of each command, which has a function of the same name and its HELP."""
PLAIN: Final[dict[str, Any]] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


class Commands(TyperGroup):
    """Imports the module of a command only when the command is called: a single cancel needs none of the others."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the help."""
        del ctx
        return [*COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command; None if there is none of that name."""
        del ctx
        name = COMMANDS.get(cmd_name)
        if name is None:
            return None
        module = import_module(f"autoshares_cancel._cli.{name}")
        function: Callable[..., None] = getattr(module, name)
        alone = typer.Typer(add_completion=False, **PLAIN)
        alone.command(cmd_name, cls=Command, help=module.HELP)(function)
        return typer.main.get_command(alone)


app = typer.Typer(
    cls=Commands,
    help="Cancel orders at Autoshares Trader and report whether they are cancelled, open or unknown.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    **PLAIN,
)


def _print_version(value: bool) -> None:  # noqa: FBT001  # Typer's callback
    if value:
        typer.echo(f"autoshares-cancel {__version__}")
        raise typer.Exit


ShowVersion = Annotated[
    bool, typer.Option("--version", "-V", callback=_print_version, is_eager=True, help="Show the version and exit.")
]


@app.callback()
def _root(*, _: ShowVersion = False) -> None:
    pass
