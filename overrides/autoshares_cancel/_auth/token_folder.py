"""A store of tokens on disk, for the processes of one user.

1. A token is neither read nor written where another user could read or replace it. The files belong to this user, and
   only this user can read them. The folder, and each one above it, belongs to this user or to root, and other users
   can't write to it. The sticky bit, as of /tmp, makes a folder safe, because others can't replace what is in it.
2. A file is replaced in one step. A reader gets all of the old text, or all of the new one.
3. The lock is one of the operating system. It is free when the process that holds it ends, in whatever way. A forked
   child does not inherit it (filelock).
"""

import os
import stat
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast

from attrs import field, frozen

from autoshares_cancel._auth.token_store import LoginLock
from autoshares_cancel.errors import ConfigurationError

MOST_BYTES: Final = 65536
"""An entry is never longer."""
PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
ROOT: Final = 0


def _folder(path: str | os.PathLike[str]) -> Path:
    if not isinstance(cast(object, path), str | os.PathLike) or not os.fspath(path):
        raise ConfigurationError(f"TokenFolder: path must be the path of a folder, not {path!r}")
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:
        raise ConfigurationError(f"TokenFolder: path has a ~ without a home: {os.fspath(path)!r}") from None


@frozen
class TokenFolder:
    """A TokenStore on disk: the processes of one user share the token of each log-in.

    `path` is a folder that no other user can write to, such as $XDG_RUNTIME_DIR/autoshares. It is made, with mode 0700,
    if only it is missing. It may be /tmp, but not a folder that a group can write to.

    What lies there: two files for each base URL, application key and user name, all with mode 0600. Their name is a
    digest of the three, which are not written. KEY.json has the access token in clear text, and the time of its log-in;
    it is replaced by way of KEY.new. KEY.lock is empty. The password is never written. A token is worthless 24 hours
    after its log-in; its file stays, and may be deleted at any time.

    Needs the extra `store`, and POSIX. Reads and writes nothing when it is made. Raises ConfigurationError if filelock
    is missing. A new client raises ConfigurationError if the folder or a file in it is not safe.
    """

    path: Path = field(converter=_folder)

    def __attrs_post_init__(self) -> None:
        if not hasattr(os, "geteuid"):
            raise ConfigurationError("TokenFolder needs POSIX, to check that no other user can read a token")
        if find_spec("filelock") is None:
            raise ConfigurationError("TokenFolder needs filelock: pip install 'autoshares-cancel[store]'")

    def load(self, key: str) -> str | None:
        """Read the text of this key, if there is one. Raises ConfigurationError if it is not safe, and OSError."""
        path = self._checked(key) / f"{key}.json"
        try:
            # O_NONBLOCK: a pipe would wait for a writer. In /tmp it may appear after the check.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            _check_file(path, os.fstat(descriptor))
            return file.read(MOST_BYTES).decode()

    def save(self, key: str, text: str) -> None:
        """Replace the text of this key in one step. Raises ConfigurationError if it is not safe, and OSError."""
        folder = self._checked(key)
        new = folder / f"{key}.new"
        new.unlink(missing_ok=True)  # left by a process that was killed
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE_FILE)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
            new.replace(folder / f"{key}.json")
        except BaseException:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise

    def lock(self, key: str) -> LoginLock | None:
        """Try once to take the lock of this key. Raises ConfigurationError if it is not safe, and OSError."""
        from filelock import FileLock, Timeout  # noqa: PLC0415  # an extra, loaded when it is used

        path = self._checked(key) / f"{key}.lock"
        # A soft lock would outlive its process. A call may end in another thread than it began in.
        lock = FileLock(path, mode=PRIVATE_FILE, thread_local=False, fallback_to_soft=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        return lock

    def _checked(self, key: str) -> Path:
        """The real path of the folder, which is safe. Makes it if it is missing."""
        folder = self.path.resolve()
        if not folder.exists():
            folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
        for each in (folder, *folder.parents):
            _check_folder(each, each.stat())
        for name in (f"{key}.json", f"{key}.lock"):
            with suppress(FileNotFoundError):
                _check_file(folder / name, (folder / name).lstat())
        return folder


def _check_folder(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigurationError(f"token_store: {path} must be a folder")
    if found.st_uid not in {os.geteuid(), ROOT}:
        raise ConfigurationError(f"token_store: {path} belongs to another user: give a folder of your own")
    if found.st_mode & OTHERS_WRITE and not found.st_mode & stat.S_ISVTX:
        raise ConfigurationError(f"token_store: others can write to {path}: chmod go-w, or give another folder")


def _check_file(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigurationError(f"token_store: {path} must be a regular file: remove it")
    if found.st_uid != os.geteuid():
        raise ConfigurationError(f"token_store: {path} belongs to another user: give another folder")
    if found.st_mode & OTHERS:
        raise ConfigurationError(f"token_store: others can read or change {path}: remove it")
