"""Facts about the command line that programs rely on: exit codes, keys of JSON objects, options. Imports it."""

import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import click

from autoshares_cancel import NotSent, Order
from autoshares_cancel._cli import report, show
from autoshares_cancel._cli.app import app
from autoshares_cancel._cli.exit_codes import Exit
from autoshares_cancel._cli.readings import Reading
from autoshares_cancel._cli.run.printer import Printer
from autoshares_cancel._cli.run.rows import Row
from python_face.signatures import ADDRESS

Named = Iterator[tuple[str, str]]


def exit_codes() -> Named:
    """Yield each exit code by its name, and the code of each outcome."""
    yield from ((each.name.lower(), str(int(each))) for each in Exit)
    yield from ((f"of {kind.__name__}", str(int(code))) for kind, code in report.EXIT_CODES.items())


def json_keys() -> Named:
    """Yield the keys of every object that as_dict makes or `--json` prints."""
    outcome, order = NotSent(account_id=1, order_id=1), Order(account_id=1, order_id=1)
    reading = show.as_object(Reading(account_id=1, order_id=1), has_waited=False)
    objects: dict[str, Mapping[str, Any]] = {
        "an outcome": outcome.as_dict(),
        "an order": order.as_dict(),
        "order --json": report.as_object(1, 1, outcome),
        "orders --json": _row_of_a_file(outcome),
        "show --json": reading,
    }
    for name, found in objects.items():
        yield from ((f"{key} of {name}", "key") for key in found)


def _row_of_a_file(outcome: NotSent) -> dict[str, Any]:
    printed: list[str] = []

    def keep(text: str, _: object) -> None:
        printed.append(text)

    output = SimpleNamespace(row=keep)
    row = Row.of(1, 1, line=2, others={})
    Printer(as_json=True, output=cast(Any, output)).print_row(row, report.as_object(1, 1, outcome), "")
    found: dict[str, Any] = json.loads(printed[0])
    return found


def options() -> Named:
    """Yield the options and arguments of the command line."""
    context = click.Context(app)
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        for each in command.params if command else ():
            for spelling in (*each.opts, *each.secondary_opts):
                need = "required" if each.required else f"optional, default {_shown(each.default)}"
                yield f"{spelling} of {name}", need


def _shown(default: object) -> str:
    return "computed" if callable(default) else ADDRESS.sub("", repr(default))
