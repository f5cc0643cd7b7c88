"""manage.py memory_rebuild: empties memory and reads everything again."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.core.errors import DomainError
from devora_admin.memory import gate
from devora_admin.memory.errors import MemoryOff

_TOLD_EVERY_S = 2.0


class Command(BaseCommand):
    help = (
        "Empty memory and make it anew from MongoDB. What staff decided stays. Ends when all is "
        "read; vectors follow. Prints a digest of what memory holds. Running workers help."
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
        from devora_admin.memory.indexing import work
        from devora_admin.memory.indexing.digest import digest
        from devora_admin.memory.queries.progress import rebuild_progress
        from devora_admin.memory.services import remaking
        from devora_admin.staff import audit

        work.make_ready()
        if remaking.under_way() is None:
            remaking.rebuild(actor=audit.SYSTEM)
        told_at = time.monotonic()
        while remaking.under_way() is not None:
            checking_s, indexing_s = work.keep_true(), work.index_some()
            if checking_s and indexing_s:
                time.sleep(min(checking_s, indexing_s))
            if time.monotonic() - told_at > _TOLD_EVERY_S:
                told_at = time.monotonic()
                done = rebuild_progress()
                self.stdout.write(f"{done.done:,} of {done.total:,} documents read")
        self.stdout.write(f"Memory is made anew. Digest of what it holds: {digest()}")
