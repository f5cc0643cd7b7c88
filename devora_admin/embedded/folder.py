"""The private folder of an embedded store: its modes, its small secret files, its lock."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from devora_admin.embedded.errors import EmbeddedStoreError, FolderInUse


def writable_folder(path: Path) -> Path:
    """Make `path` (0700 when it is new) and its parents; one that was there keeps its modes.

    Raises EmbeddedStoreError when it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        probe = path / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise EmbeddedStoreError(
            f"The data folder {path} is not writable ({error.strerror}):"
            " set DEVORA_DATA_DIR to a folder that is."
        ) from error
    return path


def private_folder(path: Path) -> Path:
    """Make `path` readable by this user alone. Raises EmbeddedStoreError for somebody else's."""
    writable_folder(path)
    if path.stat().st_uid != os.geteuid():
        raise EmbeddedStoreError(
            f"The data folder {path} belongs to another user: set DEVORA_DATA_DIR to one of yours."
        )
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Write whole or not at all, readable by this user only."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    partial.replace(path)


def read_or_create(path: Path, text: str) -> str:
    """The file's text, or `text` after writing it when there is no file yet."""
    if not path.exists():
        write_private(path, text)
    return path.read_text()


class FolderLock:
    """Held by the process that runs the store; the kernel drops it when that process dies."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "lock"
        self._handle = -1

    def acquire(self, *, timeout_s: float = 1.0) -> None:
        """Raises FolderInUse naming the process that has the folder."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + timeout_s
        while not _lock(handle, fcntl.LOCK_EX):
            if time.monotonic() > until:
                os.close(handle)
                raise FolderInUse(
                    f"The data folder {self.path.parent} is in use by process {self.owner()}:"
                    " stop it, or set DEVORA_DATA_DIR to another folder."
                )
            time.sleep(0.05)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._handle = handle

    def release(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def is_ours(self) -> bool:
        return self._handle >= 0

    def is_held(self) -> bool:
        try:
            handle = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            return not _lock(handle, fcntl.LOCK_SH)
        finally:
            os.close(handle)

    def owner(self) -> str:
        return self.path.read_text().strip() or "unknown"


_joined: list[int] = []


def join_users(folder: Path) -> None:
    """Have the process that runs the store wait for this one to exit, when it is a command."""
    handle = os.open(folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    _joined.append(handle)


def wait_for_users(folder: Path, say: Callable[[], None]) -> None:
    handle = os.open(folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _lock(handle, fcntl.LOCK_EX):
            say()
            fcntl.flock(handle, fcntl.LOCK_EX)
    finally:
        os.close(handle)


def _lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
