"""A store of tokens on disk."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoshares_cancel import ConfigurationError, TokenFolder, TokenStore

KEY, OTHER_KEY = "0" * 64, "1" * 64
HOLDER = """
import os, sys, time
from autoshares_cancel import TokenFolder
lock = TokenFolder(sys.argv[1]).lock(sys.argv[2])
if os.fork() == 0:
    print(lock is not None, flush=True)  # the child has already closed the inherited lock
    sys.stdin.read()  # until the test ends
    os._exit(0)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> TokenFolder:
    return TokenFolder(tmp_path / "tokens")


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_it_is_a_token_store_and_touches_nothing_when_made(folder: TokenFolder) -> None:
    """A TokenFolder is a TokenStore, and making one does no I/O."""
    assert isinstance(folder, TokenStore)
    assert not folder.path.exists()


def test_a_text_is_found_by_its_key_alone(folder: TokenFolder) -> None:
    """Each key has its own text, and the last one saved counts."""
    assert folder.load(KEY) is None
    folder.save(KEY, "one")
    folder.save(OTHER_KEY, "two")
    folder.save(KEY, "three")
    assert (folder.load(KEY), TokenFolder(str(folder.path)).load(OTHER_KEY)) == ("three", "two")


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_only_their_owner_can_read_the_files(folder: TokenFolder, umask: int) -> None:
    """Law 5: whatever the umask is, other users can neither read nor write folder and files."""
    before = os.umask(umask)
    try:
        folder.save(KEY, "text")
        lock = folder.lock(KEY)
    finally:
        os.umask(before)
    assert lock is not None
    lock.release()
    assert modes(folder.path) == {f"{KEY}.json": 0o600, f"{KEY}.lock": 0o600}
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_one_lock_for_each_key(folder: TokenFolder) -> None:
    """The lock of a key is held by one caller; the lock of another user is free."""
    first, second = folder.lock(KEY), folder.lock(KEY)
    assert (first is not None, second) == (True, None)
    assert folder.lock(OTHER_KEY) is not None
    assert first is not None
    first.release()
    assert folder.lock(KEY) is not None


def test_a_killed_process_leaves_no_lock(folder: TokenFolder) -> None:
    """A process that dies while it logs in blocks no other one, even if a child that it forked lives on."""
    command = [sys.executable, "-c", HOLDER, str(folder.path), KEY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert folder.lock(KEY) is None
        holder.send_signal(signal.SIGKILL)
        holder.wait(60)
        lock = folder.lock(KEY)
        assert lock is not None
        lock.release()


def test_a_file_is_replaced_in_one_step(folder: TokenFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves the old text, and no part of the new one."""
    folder.save(KEY, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="No space left"):
            folder.save(KEY, "new")
    assert (folder.load(KEY), [*modes(folder.path)]) == ("old", [f"{KEY}.json"])


def test_what_a_killed_process_left_is_replaced(folder: TokenFolder) -> None:
    """A half-written file is never read, and the next save replaces it."""
    folder.save(KEY, "old")
    (folder.path / f"{KEY}.new").write_text("ne", encoding="utf-8")
    assert folder.load(KEY) == "old"
    folder.save(KEY, "new")
    assert (folder.load(KEY), [*modes(folder.path)]) == ("new", [f"{KEY}.json"])


def shared_folder(folder: Path) -> None:
    folder.chmod(0o777)


def group_folder(folder: Path) -> None:
    folder.chmod(0o770)


def shared_parent(folder: Path) -> None:
    folder.parent.chmod(0o777)


def readable(folder: Path) -> None:
    (folder / f"{KEY}.json").chmod(0o644)


def group_writable(folder: Path) -> None:
    (folder / f"{KEY}.json").chmod(0o620)


def link(folder: Path) -> None:
    (folder / f"{KEY}.json").rename(folder / "elsewhere")
    (folder / f"{KEY}.json").symlink_to(folder / "elsewhere")


def pipe(folder: Path) -> None:
    (folder / f"{KEY}.json").unlink()
    os.mkfifo(folder / f"{KEY}.json", 0o600)


def shared_lock(folder: Path) -> None:
    (folder / f"{KEY}.lock").touch()
    (folder / f"{KEY}.lock").chmod(0o666)


def linked_lock(folder: Path) -> None:
    (folder / f"{KEY}.lock").symlink_to(folder / "nowhere")


def file(folder: Path) -> None:
    (folder / f"{KEY}.json").unlink()
    folder.rmdir()
    folder.touch(0o600)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (shared_folder, "others can write to "),
        (group_folder, "others can write to "),
        (shared_parent, "others can write to "),
        (readable, "others can read or change "),
        (group_writable, "others can read or change "),
        (shared_lock, "others can read or change "),
        (link, "must be a regular file"),
        (pipe, "must be a regular file"),
        (linked_lock, "must be a regular file"),
        (file, "must be a folder"),
    ],
)
def test_what_is_not_safe_is_neither_read_nor_written(
    folder: TokenFolder, spoil: Callable[[Path], None], reason: str
) -> None:
    """Law 5: where another user could read or replace a token, every method raises ConfigurationError."""
    folder.save(KEY, "text")
    spoil(folder.path)
    methods: tuple[Callable[[], Any], ...] = (
        lambda: folder.load(KEY),
        lambda: folder.lock(KEY),
        lambda: folder.save(KEY, "new"),
    )
    for method in methods:
        with pytest.raises(ConfigurationError) as caught:
            method()
        assert str(caught.value).startswith("token_store: ")
        assert reason in str(caught.value)


def test_a_file_of_another_user_is_not_read(folder: TokenFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 10: a token that another user has put there is never used."""
    folder.save(KEY, "text")
    monkeypatch.setattr(os, "geteuid", lambda: folder.path.stat().st_uid + 1)
    with pytest.raises(ConfigurationError, match="belongs to another user"):
        folder.load(KEY)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("which", ["the folder", "its parent", "a file"])
def test_folders_and_files_belong_to_the_user_or_to_root(folder: TokenFolder, which: str) -> None:
    """Law 5: a store is refused if another user owns its folder, the parent or a file."""
    folder.save(KEY, "text")
    path = {"the folder": folder.path, "its parent": folder.path.parent, "a file": folder.path / f"{KEY}.json"}[which]
    os.chown(path, 65534, -1)
    with pytest.raises(ConfigurationError, match="belongs to another user"):
        folder.load(KEY)


def test_a_sticky_folder_is_safe(folder: TokenFolder) -> None:
    """In a folder like /tmp others can't replace the files of this user."""
    folder.save(KEY, "text")
    folder.path.chmod(0o1777)
    assert folder.load(KEY) == "text"


def test_a_missing_parent_is_an_error_of_the_system(tmp_path: Path) -> None:
    """A missing parent raises OSError, because only the folder itself is created."""
    with pytest.raises(OSError, match="No such file"):
        TokenFolder(tmp_path / "missing" / "tokens").load(KEY)


def test_a_path_is_that_of_the_process_that_made_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is resolved when the store is made, and ~ is the home folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/desk")
    assert TokenFolder("tokens").path == tmp_path / "tokens"
    assert TokenFolder("~/tokens").path == Path("/home/desk/tokens")


@pytest.mark.parametrize("path", ["", 5, None, b"tokens", "~no-such-user-here/tokens"])
def test_a_wrong_path_is_refused(path: Any) -> None:
    """The message names the class and the argument."""
    with pytest.raises(ConfigurationError, match=r"^TokenFolder: path "):
        TokenFolder(path)


def test_a_token_folder_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the error says what to install."""
    monkeypatch.setitem(sys.modules, "filelock", None)
    with pytest.raises(ConfigurationError) as caught:
        TokenFolder("tokens")
    assert str(caught.value) == "TokenFolder needs filelock: pip install 'autoshares-cancel[store]'"


def test_without_posix_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """TokenFolder is refused without POSIX, because it needs file owners and modes to keep a token safe."""
    monkeypatch.delattr(os, "geteuid")
    with pytest.raises(ConfigurationError, match="TokenFolder needs POSIX"):
        TokenFolder("tokens")
