"""The names of the id columns, and the argument of --delimiter."""

import string

import pytest

from autoshares_cancel import ConfigurationError
from autoshares_cancel._cli.run.columns import delimiter_of, id_named


@pytest.mark.parametrize(
    "name",
    [
        *("order", "order number", "Order No", "order no.", "Order#", "orderno", "id", "Id", "clientOrderId"),
        *(
            "order__id",
            "order  id",
            "order.id",
            "orders_id",
            "order_ids",
            "order_id2",
            "order_\u0131d",
            "order_\u0130D",
        ),
        *(
            "\uff4frder_id",
            "account",
            "account no",
            "accountNumber",
            "account name",
            "accounts_id",
            "sub account id",
            "",
        ),
    ],
    ids=ascii,
)
def test_a_name_that_may_mean_something_else_is_another_column(name: str) -> None:
    """Law 9: a column counts as an id only if its name is certain; a similar name is another column."""
    assert id_named(name) is None


def test_a_delimiter_is_one_character_or_tab() -> None:
    """A delimiter is one character or the word tab, and no character that may be in a number or a name."""
    assert [delimiter_of(text) for text in (",", ";", "|", ":", "\t", "tab", "TAB", "\\t")] == [*",;|:\t\t\t\t"]
    for text in ["", ";;", "semicolon", "\u00b6", "\n", *string.ascii_letters, *string.digits, *"\"' -._`"]:
        with pytest.raises(ConfigurationError, match=r"must be one character, such as ; or \|, or the word tab"):
            delimiter_of(text)
