"""The users and orders of the exchange at the start and after every reset."""

from __future__ import annotations

from autoshares_cancel.mock.exchange.orders import Order
from autoshares_cancel.mock.exchange.users import User

APP_KEY = "demo-app-key"
TRADER_ACCOUNT = 6303

# user name, password, account, verification code, PIN
_USERS = (
    ("trader", "correct-horse", 6303, None, None),
    ("other", "battery-staple", 6400, None, None),
    ("two-factor", "correct-horse", 6500, "123456", None),
    ("pin", "correct-horse", 6600, None, "4711"),
    ("both", "correct-horse", 6700, "123456", "4711"),
)

# account, its open orders
_OPEN_ORDERS = (
    (6303, range(73552, 73562)),
    (6400, range(73600, 73601)),
    (6500, range(73650, 73653)),
    (6600, range(73660, 73663)),
    (6700, range(73670, 73673)),
)


def known_users() -> tuple[User, ...]:
    """Return the initial users; each owns one account."""
    return tuple(
        User(username=username, password=password, accounts=(account,), verification_code=code, pin=pin)
        for username, password, account, code, pin in _USERS
    )


def known_orders() -> tuple[Order, ...]:
    """Return the initial orders: open ones for each user, and one of each other kind for the trader."""
    return (
        *(Order(order_id=number, account_id=account) for account, numbers in _OPEN_ORDERS for number in numbers),
        Order(order_id=73562, account_id=6303, status="Filled", executed_quantity=100),
        Order(order_id=73563, account_id=6303, status="PartiallyFilled", executed_quantity=40),
        Order(order_id=73564, account_id=6303, status="Canceled"),
    )
