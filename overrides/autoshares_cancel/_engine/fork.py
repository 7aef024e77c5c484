"""Makes a forked child replace what it shares with its parent (law 11).

os.fork() copies the memory of a process and shares its sockets, but copies only one thread. So in the child
1. parent and child share each connection, and would read each other's replies;
2. a lock that another thread held stays locked for ever;
3. the threads and tasks of a batch do not exist, and an event loop shares its selector with the parent.
"""

import os
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_renewals = weakref.WeakKeyDictionary[Any, Callable[[Any], None]]()


def call_in_child(owner: T, renew: Callable[[T], None]) -> None:
    """Call `renew(owner)` first in every child that is forked from now on. Keeps no strong reference to the owner."""
    _renewals[owner] = renew


def _renew_all() -> None:
    for owner, renew in list(_renewals.items()):
        renew(owner)


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_renew_all)
