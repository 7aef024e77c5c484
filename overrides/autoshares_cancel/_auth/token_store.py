"""The protocol of a store in which several processes share the tokens of their log-ins."""

from typing import Protocol, runtime_checkable


class LoginLock(Protocol):
    """A lock that this process holds."""

    def release(self) -> None:
        """Let another process take it."""
        ...


@runtime_checkable
class TokenStore(Protocol):
    """Keeps the tokens of log-ins, so that several processes share one session. TokenFolder is one.

    Each method returns at once, and never waits for another process: AsyncClient calls it in its event loop. A `key` is
    64 hexadecimal digits: a digest of base URL, application key and user name. A `text` has the access token in it, and
    must be kept secret.

    A client calls `load` once when it is made, and raises the ConfigurationError of a store that is not safe. Later it
    goes on without a store that raises anything: it logs the name of the exception, and logs in by itself. It shows no
    message but those of ConfigurationError and the system's.
    """

    def load(self, key: str) -> str | None:
        """Return the last text that was saved with this key; None if there is none."""
        ...

    def save(self, key: str, text: str) -> None:
        """Replace the text of this key. A process that loads it at the same time gets the old one or the new one."""
        ...

    def lock(self, key: str) -> LoginLock | None:
        """Try once to take the lock of this key; None if another client has it, here or in another process.

        The lock must become free when the process that holds it ends, in whatever way.
        """
        ...
