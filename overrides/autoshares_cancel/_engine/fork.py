"""What a forked child does with what it has of its parent (law 11).

os.fork() copies the memory of a process, and shares its sockets, but copies one thread only. So in the child
1. a connection is the parent's as well: each of the two would read the other's replies;
2. a lock that another thread held stays locked for ever;
3. the threads and tasks of a batch are not there, and an event loop shares what it waits with.
"""

import os
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_renewals = weakref.WeakKeyDictionary[Any, Callable[[Any], None]]()


def call_in_child(owner: T, renew: Callable[[T], None]) -> None:
    """Call this with its owner in every child that is forked from now on, before anything else runs there."""
    _renewals[owner] = renew


def _renew_all() -> None:
    for owner, renew in list(_renewals.items()):
        renew(owner)


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_renew_all)
