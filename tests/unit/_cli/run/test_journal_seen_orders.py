"""What a run knows about each order."""

from itertools import product

from autoshares_cancel._cli.run.seen_orders import Known, SeenOrders, Standing

EDGES = (-(2**31), -1, 0, 1, 2**31 - 1)


def test_no_order_is_taken_for_another() -> None:
    """Law 9: accounts and orders at all edges of int32 have separate entries."""
    seen_orders = SeenOrders()
    orders = list(product(EDGES, EDGES))
    for line, order in enumerate(orders, 1):
        assert seen_orders.of(order).standing is Standing.NEW
        seen_orders.put(order, Known(Standing.OPEN, 0, line))
    assert [seen_orders.of(order).line for order in orders] == list(range(1, len(orders) + 1))
    seen_orders.close()


def test_orders_in_doubt_are_counted_by_whether_they_were_met() -> None:
    """Orders in doubt that the file has, and those that it does not have, are counted separately."""
    seen_orders = SeenOrders()
    for number, standing in enumerate(Standing):
        seen_orders.put((1, number), Known(standing, 0, None))
        seen_orders.put((2, number), Known(standing, 0, 7))
    assert [seen_orders.in_doubt(met=met) for met in (None, False, True)] == [4, 2, 2]
    seen_orders.close()


def test_what_is_known_last_counts() -> None:
    """A later entry replaces the earlier one."""
    seen_orders = SeenOrders()
    seen_orders.put((1, 1), Known(Standing.BEGUN, 0, None))
    seen_orders.put((1, 1), Known(Standing.FINAL, 2**40, 3))
    assert seen_orders.of((1, 1)) == Known(Standing.FINAL, 2**40, 3)
    assert seen_orders.in_doubt() == 0
    seen_orders.close()


def test_the_orders_in_doubt_of_one_account() -> None:
    """Law 9: the orders in doubt of an account are in the order of the journal, and none is of another account."""
    seen_orders = SeenOrders()
    for account_id in EDGES:
        for place, order_id in enumerate(reversed(EDGES)):
            seen_orders.put((account_id, order_id), Known(Standing.DOUBT, place, None))
        seen_orders.put((account_id, 7), Known(Standing.FINAL, 0, None))
    assert [seen_orders.in_doubt_of(account_id) for account_id in EDGES] == [[*reversed(EDGES)]] * len(EDGES)
    seen_orders.close()


def test_an_order_keeps_the_line_where_it_was_seen_first() -> None:
    """Each call returns what was known before it; what the journal has of the order stays."""
    seen_orders = SeenOrders()
    seen_orders.put((1, 2), Known(Standing.DOUBT, 40, None))
    assert [seen_orders.see((1, 1), line) for line in (3, 5)] == [
        Known(Standing.NEW, 0, None),
        Known(Standing.NEW, 0, 3),
    ]
    assert [seen_orders.see((1, 2), line) for line in (4, 6)] == [
        Known(Standing.DOUBT, 40, None),
        Known(Standing.DOUBT, 40, 4),
    ]
    seen_orders.close()
