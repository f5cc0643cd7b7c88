"""What both commands that make something of memory anew have in common."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.core.errors import DomainError
from devora_admin.memory import gate
from devora_admin.memory.errors import MemoryOff, MemoryTooSlow

IDLE_S = 0.5
_TOLD_EVERY_S = 2.0


class RemakingCommand(BaseCommand):
    """Its methods are only called while memory is on: what they need is imported within."""

    requires_system_checks: list[str] = []
    what = ""
    """Of which so many are done."""

    def handle(self, *args: Any, **options: Any) -> None:
        if not gate.is_on():
            raise CommandError(MemoryOff().message)
        from devora_admin.memory.embedding import EmbedderUnavailable

        try:
            self._remake()
        except DomainError as error:
            raise CommandError(error.message) from error
        except EmbedderUnavailable as error:
            raise CommandError(str(error)) from error

    def begin(self) -> None:
        raise NotImplementedError

    def step(self) -> float | None:
        """Seconds to wait before the next; None when all is done."""
        raise NotImplementedError

    def progress(self) -> Any:
        """A queries.remaking.Remaking; None when nothing is being made. Only asked now and then."""
        raise NotImplementedError

    def end(self) -> str:
        """What to say at last."""
        raise NotImplementedError

    def _remake(self) -> None:
        self.begin()
        told_at = time.monotonic()
        while (pause_s := self._step()) is not None:
            if time.monotonic() - told_at > _TOLD_EVERY_S:
                told_at = time.monotonic()
                self._tell()
            time.sleep(pause_s)
        self.stdout.write(self.end())

    def _step(self) -> float | None:
        try:
            return self.step()
        except MemoryTooSlow:  # busy with what is being made
            return IDLE_S

    def _tell(self) -> None:
        try:
            remaking = self.progress()
        except MemoryTooSlow:
            return
        if remaking is not None:
            self.stdout.write(f"{remaking.done:,} of {remaking.total:,} {self.what}")
