"""The steps of a call, which the flow yields and the drivers perform, and who keeps them going. No I/O."""

from collections.abc import Callable, Generator, Mapping
from typing import Any, Final, Generic, Literal, TypeVar, cast

from attrs import frozen

from autoshares_cancel._auth.token_cache import AccessToken
from autoshares_cancel._values.order import Order
from autoshares_cancel._values.secret import Secret
from autoshares_cancel.errors import AuthenticationError

S = TypeVar("S")
T = TypeVar("T")

PAGE_SIZE: Final = 100
"""Orders on a page of a listing; the most that the vendor gives."""

What = Literal["cancel", "read", "list"]


@frozen(eq=False)
class GetToken:
    """Step of a call: answer with a Grant of a token that is not the refused one."""

    refused: AccessToken | None


@frozen(eq=False)
class Send:
    """Step of a call: send this with this token, and answer with the evidence and the attempt to remember."""

    what: What
    token: Secret


@frozen
class Sleep:
    """Step of a call: answer, with anything, after so many seconds."""

    seconds: float


@frozen(eq=False)
class ListPage:
    """Step of a listing: answer with the evidence, and the page if there is one."""

    number: int
    """From 0."""
    status_filter: str | None


@frozen(eq=False)
class CancelThese:
    """Step of a sweep: answer with the outcome of each order, by its number."""

    orders: tuple[Order, ...]
    in_doubt: frozenset[int]
    options: Mapping[str, Any]
    """As cancel_orders takes them."""


@frozen(eq=False)
class Grant:
    """A token, and whether this very call has logged in for it."""

    token: AccessToken
    fresh: bool


Step = GetToken | Send | Sleep


class Drive(Generic[S, T]):
    """A generator of steps under way: the step that it waits for, None once it has a result."""

    def __init__(self, steps: Generator[S, Any, T]) -> None:
        self._steps = steps
        self._advance(lambda: next(steps))

    step: S | None
    result: T

    def send(self, answer: object) -> None:
        """Hand in what the step has brought."""
        self._advance(lambda: self._steps.send(answer))

    def throw(self, error: AuthenticationError) -> None:
        """Hand in that the step has failed."""
        self._advance(lambda: self._steps.throw(error))

    def _advance(self, go: Callable[[], S]) -> None:
        try:
            self.step = go()
        except StopIteration as end:
            self.step, self.result = None, cast(T, end.value)
