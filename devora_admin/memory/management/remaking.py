"""What both commands that make something of memory anew have in common."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.core.errors import DomainError
from devora_admin.memory import gate
from devora_admin.memory.errors import MemoryOff

_TOLD_EVERY_S = 2.0


class RemakingCommand(BaseCommand):
    requires_system_checks: list[str] = []
    _told_at = 0.0

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if not gate.is_on():
                raise MemoryOff
            self.remake()
        except DomainError as error:
            raise CommandError(error.message) from error

    def remake(self) -> None:
        """Only called while memory is on: what it needs is imported within."""
        raise NotImplementedError

    def tell(self, remaking: Any, what: str) -> None:
        """remaking: how far it is, a queries.remaking.Remaking; None when it is done."""
        if remaking is None or time.monotonic() - self._told_at < _TOLD_EVERY_S:
            return
        self._told_at = time.monotonic()
        self.stdout.write(f"{remaking.done:,} of {remaking.total:,} {what}")
