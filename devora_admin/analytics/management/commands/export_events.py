"""manage.py export_events: events as Parquet files, one for each day."""

import time
from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pymongo.errors import PyMongoError

from devora_admin.analytics.management.days import a_day
from devora_admin.analytics.warehouse import clickhouse, erasing, exporting
from devora_admin.analytics.warehouse.exporting import Day, Progress
from devora_admin.core import mongo
from devora_admin.core.consumers import Away
from devora_admin.core.errors import DomainError
from devora_admin.users.queries.contact import contact

_TOLD_EVERY_S = 2.0


class Command(BaseCommand):
    help = (
        "Write events as Parquet files, one for each day (UTC), and those of no day with what is "
        "wrong with them. Run again to go on after a stop, or to write days that have changed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to-dir", type=Path, required=True, help="the folder of the files")
        parser.add_argument(
            "--from", dest="first", type=a_day, help="first day, such as 2026-11-01; else the first"
        )
        parser.add_argument("--to", dest="last", type=a_day, help="last day; else yesterday")
        parser.add_argument(
            "--erase", metavar="USER",
            help="instead, take this customer's events out of the files, and out of ClickHouse",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        self._told_s = time.monotonic()
        try:
            if options["erase"]:
                self._erase(options["to_dir"], options["erase"])
            else:
                self._export(options["to_dir"], options["first"], options["last"])
        except DomainError as error:
            raise CommandError(error.message) from error
        except PyMongoError as error:
            if not mongo.is_unavailable(error):
                raise
            raise CommandError("MongoDB does not answer. Run this again, it goes on.") from error
        except OSError as error:
            raise CommandError(f"{error}. Run this again, it goes on.") from error
        except Away as error:
            raise CommandError(f"{error}. The files are done; run this again.") from error

    def _export(self, root: Path, first: date | None, last: date | None) -> None:
        events = flawed = 0
        for day in exporting.export(root, first=first, last=last, report=self._progress):
            events += day.manifest.events
            flawed += day.manifest.flawed
            self.stdout.write(_told(day))
        self.stdout.write(f"{events:,} events, something is wrong with {flawed:,} of them.")

    def _progress(self, progress: Progress) -> None:
        if time.monotonic() - self._told_s < _TOLD_EVERY_S:
            return
        self._told_s = time.monotonic()
        left = timedelta(seconds=round(progress.left_s))
        self.stderr.write(
            f"… {progress.day}: {progress.events:,} of about {progress.total:,} events, "
            f"{progress.rate:,.0f} a second, {left} left"
        )

    def _erase(self, root: Path, user_id: str) -> None:
        if contact(user_id):
            self.stderr.write(
                "They are a customer still: the next export has them again. Erase them on their "
                "page first."
            )
        erased = erasing.erase(root, user_id)
        self.stdout.write(
            f"{erased.events:,} events taken out of {erased.days:,} files in {root}. "
            f"{erased.mentions:,} of other customers name them and were left."
        )
        if clickhouse.is_on():
            gone = clickhouse.erase(user_id)
            self.stdout.write(f"{gone:,} events deleted in ClickHouse.")


def _told(day: Day) -> str:
    manifest = day.manifest
    wrong = "".join(f"; {reason}: {count:,}" for reason, count in manifest.reasons.items())
    return f"{manifest.day}: {manifest.events:,} events, {day.what}{wrong}"
