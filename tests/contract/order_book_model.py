"""A second model of the exchange: a plain dict of states that shares no code with the mock.

1. An order is open while it is New or PartiallyFilled. Only an open order is filled or cancelled.
2. A token opens the account of its user for 24 hours, or until the server forgets every token.
3. 401 comes before 409: a caller without access learns nothing about the order.
4. A client with a password logs in when it has no token, and once more when its token is refused.
"""

from attrs import define, field, frozen

ACCOUNTS = {"trader": 6303, "other": 6400}
OWNERS = {account_id: user for user, account_id in ACCOUNTS.items()}
OPEN = {"New", "PartiallyFilled"}
TOKEN_LIFE_SECONDS = 24 * 60 * 60


@frozen
class Identity:
    """A client: its kind, its user, and whether it has a password or only one token."""

    client_kind: str
    user: str
    has_password: bool = True


@define
class Entry:
    """One order in the book; quantities are in shares."""

    account_id: int
    quantity: int
    status: str = "New"
    executed: int = 0

    @property
    def left(self) -> int:
        """The shares that can still be executed."""
        return self.quantity - self.executed if self.status in OPEN else 0


@define
class Model:
    """The book, and when each client's token expires, in seconds."""

    book: dict[int, Entry]
    now: int = 0
    good_until: dict[Identity, int] = field(factory=dict[Identity, int])

    def place(self, account_id: int, quantity: int) -> int:
        """Open an order; return its number, which is one above the highest."""
        number = max(self.book) + 1
        self.book[number] = Entry(account_id, quantity)
        return number

    def fill(self, number: int, shares: int) -> None:
        """Execute some of the shares that are left."""
        entry = self.book[number]
        entry.executed += shares
        entry.status = "Filled" if entry.executed == entry.quantity else "PartiallyFilled"

    def log_in(self, identity: Identity) -> None:
        """Give the client a new token."""
        self.good_until[identity] = self.now + TOKEN_LIFE_SECONDS

    def forget_tokens(self) -> None:
        """Refuse every token from now on, without notice to the clients."""
        self.good_until = dict.fromkeys(self.good_until, self.now)

    def cancel(self, identity: Identity, account_id: int, number: int) -> list[int]:
        """Return the status of each attempt that this client's call makes."""
        is_fresh = identity not in self.good_until
        if is_fresh:
            self.log_in(identity)
        statuses = [self._answer(identity, account_id, number)]
        if statuses == [401] and identity.has_password and not is_fresh:
            self.log_in(identity)
            statuses.append(self._answer(identity, account_id, number))
        return statuses

    def _answer(self, identity: Identity, account_id: int, number: int) -> int:
        if self.now >= self.good_until[identity] or account_id != ACCOUNTS[identity.user]:
            return 401
        entry = self.book.get(number)
        if entry is None or entry.account_id != account_id or entry.status not in OPEN:
            return 409
        entry.status = "Canceled"
        return 204
