"""The requests of one operation that a server has seen, with assertions about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from autoshares_cancel.mock._state import Seen
from autoshares_cancel.mock.faults.request_target import Target
from autoshares_cancel.mock.script.operations import Operation, operation_of

MOST_SHOWN = 20


def line(seen: Seen) -> str:
    """Describe a request in one line: its target, the exchange's decision, and the armed fault."""
    decided = "not carried out" if seen.status is None else f"decided {seen.status}"
    user = "" if seen.username is None else f" by {seen.username}"
    return f"{seen.method} {seen.path}{user}: {decided}" + ("" if seen.fault is None else f"; armed: {seen.fault}")


def show(requests: Sequence[Seen]) -> str:
    """Describe the last requests, one line each, for a message."""
    if not requests:
        return "no request was seen"
    lines = [f"  {line(seen)}" for seen in requests[-MOST_SHOWN:]]
    more = f", the last {MOST_SHOWN} of {len(requests)}" if len(requests) > MOST_SHOWN else ""
    return "\n".join([f"requests seen{more}:", *lines])


@frozen
class Calls:
    """The requests of one operation, oldest first. The message of a failed assertion lists the requests seen."""

    operation: Operation
    requests: Sequence[Seen]
    """All requests that were seen, of this operation and others."""
    about: tuple[tuple[str, int | str], ...] = ()
    """The names and values by which the requests are chosen."""

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Seen]:
        return iter(self.found)

    def __getitem__(self, place: int) -> Seen:
        return self.found[place]

    @property
    def found(self) -> tuple[Seen, ...]:
        """The requests of the operation."""
        return tuple(seen for seen in self.requests if self._has(seen.target))

    def of(self, *, account_id: int | None = None, order_id: int | None = None, username: str | None = None) -> Calls:
        """Return only the calls about this account, order or user."""
        given = {"account_id": account_id, "order_id": order_id, "username": username}
        about = tuple((name, value) for name, value in given.items() if value is not None)
        return Calls(self.operation, self.requests, self.about + about)

    def assert_called(self) -> None:
        """Raise AssertionError if there was no call."""
        self._must(be=len(self) > 0, expected=f"at least one {self.described}")

    def assert_called_once(self) -> None:
        """Raise AssertionError unless there was exactly one call."""
        self._must(be=len(self) == 1, expected=f"exactly one {self.described}")

    def assert_called_once_with(
        self, *, account_id: int | None = None, order_id: int | None = None, username: str | None = None
    ) -> None:
        """Raise AssertionError unless there was exactly one call, and it was about this account, order or user."""
        wanted = self.of(account_id=account_id, order_id=order_id, username=username)
        self._must(be=len(self) == len(wanted) == 1, expected=f"exactly one {self.operation}, a {wanted.described}")

    def assert_any_call(
        self, *, account_id: int | None = None, order_id: int | None = None, username: str | None = None
    ) -> None:
        """Raise AssertionError unless a call was about this account, order or user."""
        self.of(account_id=account_id, order_id=order_id, username=username).assert_called()

    def assert_not_called(self) -> None:
        """Raise AssertionError if there was a call."""
        self._must(be=not len(self), expected=f"no {self.described}")

    @property
    def described(self) -> str:
        """The operation, and the values by which the calls are chosen."""
        return " ".join([self.operation, *(f"{name}={value!r}" for name, value in self.about)])

    def _has(self, target: Target | None) -> bool:
        if target is None or operation_of(target) != self.operation:
            return False
        return all(getattr(target, name) == value for name, value in self.about)

    def _must(self, *, be: bool, expected: str) -> None:
        __tracebackhide__ = True
        if not be:
            raise AssertionError(f"expected {expected}, but there were {len(self)}; {show(self.requests)}")
