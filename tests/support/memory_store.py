"""A token store in memory that records what clients do, and fails where a test requires it."""

from collections.abc import Callable

from attrs import define, field


@define(eq=False)
class MemoryStore:
    texts: dict[str, str] = field(factory=dict[str, str], repr=False)
    held: set[str] = field(factory=set[str])
    """The keys that are locked."""
    is_taken: bool = False
    """Whether another process has every lock."""
    on_wait: Callable[["MemoryStore"], object] = lambda _: None
    """Called when a lock is not free."""
    raises: dict[str, Exception] = field(factory=dict[str, Exception])
    """The exception that a method raises, by the method's name."""
    waits: int = 0

    @property
    def key(self) -> str:
        """The only key."""
        (key,) = self.texts
        return key

    def load(self, key: str) -> str | None:
        self._fail("load")
        return self.texts.get(key)

    def save(self, key: str, text: str) -> None:
        self._fail("save")
        self.texts[key] = text

    def lock(self, key: str) -> "MemoryLock | None":
        self._fail("lock")
        if self.is_taken or key in self.held:
            self.waits += 1
            self.on_wait(self)
            return None
        self.held.add(key)
        return MemoryLock(self, key)

    def _fail(self, name: str) -> None:
        if name in self.raises:
            raise self.raises[name]


@define(eq=False)
class MemoryLock:
    store: MemoryStore
    key: str

    def release(self) -> None:
        self.store.held.remove(self.key)
        self.store._fail("release")
