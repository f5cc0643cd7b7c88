"""Keep the parts of `serve` running: what ends by itself comes back, later each time."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from signal import SIGTERM
from typing import Never, Protocol

from devora_admin.embedded import process
from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.ops.serve.steps import say

LONGEST_DELAY_S = 30.0
STABLE_AFTER_S = 60.0
LOOK_EVERY_S = 0.2


class Part(Protocol):
    @property
    def name(self) -> str: ...
    def is_running(self) -> bool: ...
    def restart(self) -> None: ...


class ChildProcess:
    """A child of ours that is asked to end with SIGTERM."""

    def __init__(
        self, name: str, command: Sequence[str], *, data_dir: Path, stop_timeout_s: float
    ) -> None:
        self.name = name
        self._command = command
        self._pid_file = data_dir / f"{name.replace(' ', '-')}.pid"
        self._stop_timeout_s = stop_timeout_s
        self._process: subprocess.Popen[bytes] | None = None

    def stop_leftover(self) -> bool:
        """Stop the one a killed parent left; call while no other `serve` has the data folder."""
        return process.stop_remembered(self._pid_file)

    def restart(self) -> None:
        self._process = process.spawn(self._command, dies_with=SIGTERM)
        process.remember(self._pid_file, self._process.pid)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self._process:
            process.stop(self._process, by=SIGTERM, timeout_s=self._stop_timeout_s)
            self._process = None
            self._pid_file.unlink(missing_ok=True)


class Watched:
    """A part with the moment of its next try."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.delay_s = 0.0
        self.try_at = 0.0
        self.started_at = time.monotonic()

    def look(self) -> None:
        now = time.monotonic()
        if self.part.is_running():
            self.try_at = 0.0
            return
        if not self.try_at:
            self._ended(now)
        if now >= self.try_at:
            self._bring_back()

    def _ended(self, now: float) -> None:
        if now - self.started_at > STABLE_AFTER_S:
            self.delay_s = 0.0
        self.try_at = now + self.delay_s
        when = f"in {self.delay_s:.0f} s" if self.delay_s else "now"
        say(f"{self.part.name} ended unexpectedly, starting it again {when}.")
        self.delay_s = min(max(1.0, self.delay_s * 2), LONGEST_DELAY_S)

    def _bring_back(self) -> None:
        try:
            self.part.restart()
        except EmbeddedStoreError as error:
            say(str(error))
        self.try_at = 0.0
        self.started_at = time.monotonic()


def watch(parts: Sequence[Part]) -> Never:
    """Until the process is told to stop, which arrives as an exception."""
    watched = [Watched(part) for part in parts]
    while True:
        for each in watched:
            each.look()
        time.sleep(LOOK_EVERY_S)
