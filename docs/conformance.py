"""What the vendor's pages say and what the mock does, side by side, as tables of Markdown.

The vendor's side comes from openapi/vendor/. The mock's side is what a mock answers (mock_replies.py), the scenarios
that the contract suite tries at it, and its rules. conformance.toml has the words for what was chosen.
"""

import inspect
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import attrs
import httpx
from from_code import ROOT, table
from mock_replies import Call, Circumstances, ask, media_types, on_request, tried
from vendor_pages import Page, pages

from autoshares_cancel.mock._settings import Settings
from autoshares_cancel.mock.api import cancel, list_orders, list_query, order_call, read, rules
from contract_facts.vendor import kept_facts

Row = tuple[str, ...]

KINDS: Final = {
    "documented": "as documented",
    "open": "**chosen**: the pages leave it open",
    "disagree": "**chosen**: two pages disagree",
    "less": "**less**: the mock does not have all of it",
    "fault": "a fault for tests",
}
HEADS: Final = ("the vendor", "the mock", "compared")
EVERY_ORDER_CALL: Final = "*"
MEDIA_TYPES: Final = ("application/json", "text/json")
ON_REQUEST: Final = "by "
"""How the names of scenarios begin that ask for a status."""
SHORT: Final = 110
SCENARIOS: Final = ROOT / "overrides" / "autoshares_cancel" / "contract" / "server" / "mock.toml"


@cache
def words() -> Mapping[str, Any]:
    """The notes by operation and row, the choices, and the settings."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def conform_cancel_order() -> str:
    """The quick cancel."""
    return _side_by_side("cancelOrder")


def conform_cancel_order_at_venue() -> str:
    """The cancel that the venue checks."""
    return _side_by_side("cancelOrderAtVenue")


def conform_get_order() -> str:
    """The reading of one order."""
    return _side_by_side("getOrder")


def conform_list_orders() -> str:
    """The list of an account's orders."""
    return _side_by_side("listOrders")


def conform_get_token() -> str:
    """The log-in."""
    return _side_by_side("getToken")


def _side_by_side(name: str) -> str:
    page = pages()[name]
    parts = {
        "parameter": [*_parameters(name, page), _media_types(name, page)],
        "status": _statuses(name, page),
        "request": _choices(name, page.call()),
    }
    tables = (table((head, *HEADS), rows) for head, rows in parts.items())
    return "\n\n".join([f"`{page.name}`: the page *{page.title}*, read on {page.read}.", *tables])


def _parameters(name: str, page: Page) -> Iterator[Row]:
    for each in page.operation["parameters"]:
        default = f", default `{each['default']}`" if "default" in each else ""
        need = "required" if each["required"] else "optional"
        says = f"{each['in']}, {need}, {each['type']}{default}: {each['meaning']}"
        kind, note = _note(name, f"parameter {each['name']}")
        yield f"`{each['name']}`", says, _with_parameter(page, each["name"]), _compared(kind, note)
    for parameter, (place, because) in page.chosen_parameters().items():
        does, compared = _with_parameter(page, parameter), _compared("disagree", because)
        yield f"`{parameter}`", f"{place}; not in this page's table", does, compared


def _with_parameter(page: Page, parameter: str) -> str:
    return "; ".join(f"{what}: {status}" for what, status in tried(page.call(), parameter))


def _media_types(name: str, page: Page) -> Row:
    documented = page.operation["produces"]
    sent = media_types(page.call(), MEDIA_TYPES)
    kind, note = _note(name, "media types")
    if kind == "documented" and documented != sent:
        raise ValueError(f"{name}: the page has {documented}, the mock sends {sent}, and conformance.toml has no note")
    return "media types", _listed(documented) or "none", f"{_listed(sent)}, by `Accept`", _compared(kind, note)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _statuses(name: str, page: Page) -> Iterator[Row]:
    for status, documented in page.operation["statuses"].items():
        reply = on_request(page.call(), status)
        body = {"object": "an object", "unknown": "a body"}.get(documented.get("body"), "no body")
        does = f"{', '.join(_causes(name, page, status)) or 'on request only'}; {_body(reply)}"
        compared = _compared(*_note(name, f"status {status}"))
        if ("body" in documented) != bool(reply.content):
            compared += f". The body is {_compared('disagree', _why_a_body(page, status))}"
        yield status, f"{documented['meaning']}; {body}", does, compared


def _why_a_body(page: Page, status: str) -> str:
    if not on_request(page.call(), status, bodies="none").content:
        return "The guides show it (setting `bodies`)"
    return kept_facts().chosen[f"gone body of status {status} of {page.name}"]


def _causes(name: str, page: Page, status: str) -> Iterator[str]:
    """What has a status without a request for it: scenarios of the contract suite, and wrong parameters."""
    scenarios = tomllib.loads(SCENARIOS.read_text("utf-8"))["scenarios"]
    for each in scenarios:
        is_of_row = (each.get("operation", "cancelOrder"), str(each["status"])) == (name, status)
        if is_of_row and not each["name"].startswith(ON_REQUEST) and each.get("media_type") != MEDIA_TYPES[1]:
            yield each["name"]
    call = page.call()
    wrong = [each for each, place in call.places.items() if place != "header" and int(status) == _if_wrong(call, each)]
    if wrong:
        yield f"a wrong {_listed(wrong)}"


def _if_wrong(call: Call, parameter: str) -> int:
    return list(tried(call, parameter))[-1][1]


def _body(reply: httpx.Response) -> str:
    if not reply.content:
        return "no body"
    document = reply.json()
    shown = document | {"Token": "…"} if "Token" in document else document
    text = json.dumps(shown, ensure_ascii=False)
    return f"`{text}`" if len(text) <= SHORT else f"an object with {_listed(document)}"


def _choices(name: str, call: Call) -> Iterator[Row]:
    for each in words()["choice"]:
        if name in each["operations"]:
            sent = attrs.evolve(call, **{key: each[key] for key in ("method", "path") if key in each})
            circumstances = {key: each[key] for key in ("settings", "advance", "log_in_again", "twice") if key in each}
            reply = ask(sent, each.get("with"), given=Circumstances(**circumstances))
            allowed = f", `Allow: {reply.headers['Allow']}`" if "Allow" in reply.headers else ""
            kind, note = each["kind"], each.get("note", "")
            yield each["what"], each["vendor"], f"{reply.status_code}{allowed}", _compared(kind, note)


def _note(name: str, row: str) -> tuple[str, str]:
    notes = words()["notes"]
    found = notes.get(name, {}).get(row) or (name != "getToken" and notes[EVERY_ORDER_CALL].get(row))
    return (found["kind"], found["note"]) if found else ("documented", "")


def _compared(kind: str, note: str) -> str:
    return f"{KINDS[kind]}. {note[0].upper()}{note[1:]}" if note else KINDS[kind]


def conform_rules() -> str:
    """The rules that decide about a call on orders, first to last."""
    last = {"a cancel": cancel, "a reading": read, "a list": list_orders}
    ninth = "\n".join(f"   - {what}: {_rules(module)}" for what, module in last.items())
    return f"{_first_paragraph(order_call)}\n\n{_rules(rules)}\n9. The operation decides:\n{ninth}"


def _rules(module: ModuleType) -> str:
    """The numbered rules of a module; of several from the ninth on, the sentences."""
    found = re.findall(r"^(\d+)\. (.+(?:\n {3}.+)*)", inspect.getdoc(module) or "", re.MULTILINE)
    lines = [(number, " ".join(text.split())) for number, text in found]
    if int(lines[0][0]) > 1:
        return " ".join(text for _, text in lines)
    return "\n".join(f"{number}. {text}" for number, text in lines)


def _first_paragraph(module: ModuleType) -> str:
    return " ".join((inspect.getdoc(module) or "").split("\n\n")[1].split())


def conform_list_query() -> str:
    """The rules of a list's parameters."""
    return _rules(list_query)


def conform_settings() -> str:
    """The settings of the mock: each default is a choice, too."""
    return table(("setting", "default", *HEADS), map(_setting, attrs.fields(Settings)))


def _setting(field: Any) -> Row:
    noted = words()["settings"][field.name]
    return f"`{field.name}`", f"`{field.default!r}`", noted["vendor"], noted["mock"], KINDS[noted["kind"]]


TABLES: Final = (
    conform_cancel_order,
    conform_cancel_order_at_venue,
    conform_get_order,
    conform_list_orders,
    conform_get_token,
    conform_rules,
    conform_list_query,
    conform_settings,
)
