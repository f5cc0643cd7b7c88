"""manage.py prune_versions: removes versions that retention does not keep."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from devora_admin.versions.services import pruning

_TOLD_EVERY_S = 2.0


class Command(BaseCommand):
    help = (
        "Remove versions of projects: all are kept for 30 days, the last of each day for a year, "
        "named ones and the newest for ever. The worker does the same in the background."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        is_dry = options["dry_run"]
        projects = removed = 0
        told_at = time.monotonic()
        for pruned in pruning.prune(dry_run=is_dry):
            projects += 1
            removed += pruned.versions
            if time.monotonic() - told_at > _TOLD_EVERY_S:
                told_at = time.monotonic()
                self.stdout.write(f"{removed:,} versions of {projects:,} projects so far")
        verb = "would be removed" if is_dry else "removed"
        self.stdout.write(f"{removed:,} versions of {projects:,} projects {verb}.")
