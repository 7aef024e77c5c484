"""The choice of cases that `make test` runs of a table of cases."""

from itertools import product

from support.tables import crossed, mainly

COMMANDS, NUMBERS, LOOKS = ("order", "orders", "all"), (2, 15), ("plain", "dumb", "wide", "narrow")


def test_each_value_is_in_a_case_that_make_test_runs() -> None:
    """The table has all combinations, and the cases of `make test` have every value of each column."""
    cases = crossed(COMMANDS, NUMBERS, LOOKS)
    assert [case.values for case in cases] == [*product(COMMANDS, NUMBERS, LOOKS)]
    kept = [case.values for case in cases if not case.marks]
    assert [set(column) for column in zip(*kept, strict=True)] == [set(COMMANDS), set(NUMBERS), set(LOOKS)]
    assert len(kept) == len(LOOKS)


def test_the_main_value_is_the_one_that_make_test_runs() -> None:
    """`make test` runs the main value; the other values are marked as cases of the table."""
    cases = mainly("all", COMMANDS)
    assert [(case.values, bool(case.marks)) for case in cases] == [
        (("order",), True),
        (("orders",), True),
        (("all",), False),
    ]
