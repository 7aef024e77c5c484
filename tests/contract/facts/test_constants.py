"""The constants that all operations share: a change of the specification changes them or is an error."""

from pathlib import Path

import pytest

from autoshares_openapi import types
from contract_facts.constants import constants
from contract_facts.model import Facts, FactsError
from contract_facts.specification import facts_of_specification

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "openapi" / "released" / "0.1.0" / "autoshares.yaml").read_text(encoding="utf-8")
CREDENTIALS = "security:\n        - appKey: []\n          accessToken: []\n"


def facts(text: str) -> Facts:
    return facts_of_specification(text, "text")


def test_the_constants_are_in_the_generated_package() -> None:
    """The generated constants equal those that the specification gives."""
    found: dict[str, object] = {}
    specification = (ROOT / "openapi" / "autoshares.yaml").read_text(encoding="utf-8")
    exec(f"from typing import Final, Literal\n{constants(facts(specification))}", found)
    values = {name: value for name, value in found.items() if name.isupper()}
    assert values == {name: getattr(types, name) for name in values}
    assert len(values) == 9


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('default: "1"', 'default: "2"', 'DEFAULT_VERSION: Final = "2"'),
        ("maximum: 2147483647\n      example: 73552", "maximum: 9\n      example: 1", "range(-2147483648, 9 + 1)"),
        ("text/json:", "text/xml:", 'ACCEPT: Final = "application/json, text/xml, text/json"'),
        ("name: Et-App-Key", "name: App-Key", 'APP_KEY_HEADER: Final = "App-Key"'),
        (
            CREDENTIALS,
            "security:\n        - accessToken: []\n",
            'Literal["Authorization", "Authorization, Et-App-Key"]',
        ),
    ],
)
def test_a_change_of_the_specification_is_a_change_of_a_constant(old: str, new: str, line: str) -> None:
    """A change of the specification changes a constant in generated/, so that type checkers notice it."""
    changed = TEXT.replace(old, new, 1)
    assert changed != TEXT
    assert line in constants(facts(changed))
    assert line not in constants(facts(TEXT))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('        default: "1"\n', ""),
        (
            '- $ref: "#/components/parameters/orderId"',
            "- {name: orderId, in: path, required: true, schema: {type: integer}}",
        ),
    ],
)
def test_operations_that_differ_in_a_constant_are_an_error(old: str, new: str) -> None:
    """Operations that differ in a constant are an error, because one constant cannot have two values."""
    changed = TEXT.replace(old, new, 1)
    assert changed != TEXT
    with pytest.raises(FactsError, match="for all operations"):
        constants(facts(changed))
