import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from devora_admin.core import sealed
from devora_admin.staff.factors import totp
from devora_admin.usersettings.services.sealing import Counts, seal_all

_REPORT_EVERY_S = 2.0


class Command(BaseCommand):
    help = "Encrypts customers' secrets under the first key; run again to go on or after rotation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        self._start = self._told = time.monotonic()
        counts = seal_all(report=self._progress, is_rehearsal=options["dry_run"])
        for line in _told(counts, is_rehearsal=options["dry_run"]):
            self.stdout.write(line)
        if moved := totp.move_to_first_key(is_rehearsal=options["dry_run"]):
            verb = "would be moved" if options["dry_run"] else "were moved"
            self.stdout.write(f"Authenticator secrets of staff that {verb} as well: {moved:,}.")

    def _progress(self, counts: Counts) -> None:
        now = time.monotonic()
        if now - self._told >= _REPORT_EVERY_S:
            self._told = now
            rate = counts.sealed / (now - self._start)
            self.stderr.write(
                f"… {counts.customers:,} customers, {counts.sealed:,} secrets, {rate:,.0f} a second"
            )


def _told(counts: Counts, *, is_rehearsal: bool) -> list[str]:
    verb = "would be encrypted" if is_rehearsal else "encrypted"
    key = sealed.keys()[0].id
    lines = [
        f"{counts.plain:,} plain-text secrets {verb} and {counts.old:,} moved from older keys to "
        f"key {key}; {counts.current:,} were under it already."
    ]
    left = {
        "cannot be read with any key of SECRETS_KEYS": counts.unreadable,
        "are not text and were left as the platform wrote them": counts.untyped,
        "stand in settings whose user_id is no text": counts.nobodys,
        "would make their document larger than 16 MB": counts.refused,
        "kept changing meanwhile: run this again": counts.changing,
    }
    lines += [f"{number:,} {what}." for what, number in left.items() if number]
    return lines
