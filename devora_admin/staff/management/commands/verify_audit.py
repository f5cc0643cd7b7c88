from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from devora_admin.staff import audit
from devora_admin.staff.verifying import Verification

SUBJECT = audit.Subject("audit", "log", "The audit log")


class Command(BaseCommand):
    help = (
        "Finds altered, deleted, inserted and reordered records of the audit log. "
        "Prints a digest to keep elsewhere: with --since it is found later, or the log was cut."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", default="", help="a digest printed earlier")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        check = Verification(options["since"].strip().lower(), self._progress)
        for finding in check.findings():
            found += 1
            self.stdout.write(f"{finding.kind.upper()} {finding.text}")
        if found:
            self.stdout.write(f"{check.count:,} records, {found:,} findings.")
            raise SystemExit(1)
        mark = audit.record("audit.verify", actor=audit.SYSTEM, subject=SUBJECT, anchored=True)
        self.stdout.write(f"{check.count:,} records, all in place.")
        self.stdout.write(f"Keep this elsewhere: {audit.digest_of(mark)}")

    def _progress(self, count: int) -> None:
        self.stderr.write(f"{count:,} records…")
