"""manage.py reembed: gives everything vectors of the embedder that is configured now."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.core.errors import DomainError
from devora_admin.memory import gate
from devora_admin.memory.errors import MemoryOff

_TOLD_EVERY_S = 2.0


class Command(BaseCommand):
    help = (
        "Make all vectors anew with the configured embedder; the old ones serve until the new ones "
        "are complete. Begins again where it was broken off. Running workers help."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run()
        except DomainError as error:
            raise CommandError(error.message) from error

    def _run(self) -> None:
        if not gate.is_on():
            raise MemoryOff
        from devora_admin.memory.indexing import models, vectors, work
        from devora_admin.memory.queries.progress import embedding_progress
        from devora_admin.memory.services import remaking
        from devora_admin.staff import audit

        work.make_ready()
        if not models.is_exchanging():
            self.stdout.write(remaking.reembed(actor=audit.SYSTEM))
        told_at = 0.0
        while vectors.embed_some() or models.exchange_some() or models.is_exchanging():
            if time.monotonic() - told_at > _TOLD_EVERY_S:
                told_at = time.monotonic()
                done = embedding_progress()
                self.stdout.write(f"{done.done:,} of {done.total:,} pieces have their vector")
        self.stdout.write("All pieces have their vector.")
