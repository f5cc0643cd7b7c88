"""What the embedded stores share: a locked folder, one process, a URL file for other commands."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from devora_admin.embedded import process
from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.embedded.folder import FolderLock, private_folder, writable_folder, write_private

Report = Callable[[str], None]


def quiet(_line: str) -> None:
    pass


def running_url(folder: Path, *, timeout_s: float = 20.0) -> str:
    """URL of the store another process runs on `folder`, waiting while it starts; "" for none."""
    until = time.monotonic() + timeout_s
    while FolderLock(folder).is_held() and time.monotonic() < until:
        with contextlib.suppress(FileNotFoundError):
            return (folder / "url").read_text()
        time.sleep(0.1)
    return ""


class EmbeddedStore(ABC):
    """One running server and the lock on its folder. Stop it, or use it in a `with`."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, folder: Path, *, report: Report) -> None:
        writable_folder(folder.parent)
        self.folder = private_folder(folder)
        self.report = report
        self.log = folder / "log"
        self._lock = FolderLock(folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """With its password: keep it out of logs and command lines."""

    @abstractmethod
    def prepare(self) -> None:
        """Before the process runs: files, left-overs of a killed parent."""

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def wait_until_ready(self) -> None:
        """Raises EmbeddedStoreError when the process ends or takes too long."""

    @property
    def pid(self) -> int:
        """0 when it is not running."""
        return self._process.pid if self._process and self.is_running() else 0

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._lock.acquire()
        try:
            (self.folder / "url").unlink(missing_ok=True)
            self.prepare()
            self.restart()
            write_private(self.folder / "url", self.url)
        except PermissionError as error:
            self.stop()
            raise EmbeddedStoreError(
                f"{error.filename} belongs to another user: run as that user,"
                " or set DEVORA_DATA_DIR to another folder."
            ) from error
        except BaseException:
            self.stop()
            raise

    def restart(self) -> None:
        """Run the process, again where it was when it ended by itself."""
        with self.log.open("wb") as log:
            self.log.chmod(0o600)
            self._process = self.spawn(self.command(), log)
        self.wait_until_ready()

    def spawn(self, command: list[str], log: process.Output) -> subprocess.Popen[bytes]:
        return process.spawn(command, dies_with=self.stop_signal, output=log)

    def stop(self, timeout_s: float = 20.0) -> None:
        if not self._lock.is_ours():  # or it would be somebody else's URL we remove
            return
        (self.folder / "url").unlink(missing_ok=True)
        if self._process:
            process.stop(self._process, by=self.stop_signal, timeout_s=timeout_s)
            self._process = None
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
