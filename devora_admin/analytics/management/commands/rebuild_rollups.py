"""manage.py rebuild_rollups: makes the numbers of the charts again from the events."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.analytics.management.days import a_day
from devora_admin.analytics.rollups import rebuilding
from devora_admin.analytics.rollups.rebuilding import Rebuilt
from devora_admin.core.errors import InvalidInput

_TOLD_EVERY_S = 2.0


class Command(BaseCommand):
    help = (
        "Make the numbers of the charts again from the events, day by day, while events go on "
        "being counted. Needed after a change of TIME_ZONE; otherwise it changes nothing. What "
        "is not counted yet stays the worker's."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=a_day, help="first day, as 2026-11-01")
        parser.add_argument("--to", dest="last", type=a_day, help="last day")

    def handle(self, *args: Any, **options: Any) -> None:
        start = told_at = time.monotonic()
        days = events = 0
        try:
            for rebuilt in rebuilding.rebuild(options["first"], options["last"]):
                days, events = days + 1, events + rebuilt.events
                if time.monotonic() - told_at > _TOLD_EVERY_S:
                    told_at = time.monotonic()
                    self.stdout.write(_told(rebuilt, events, (told_at - start) / days))
        except InvalidInput as error:
            raise CommandError(error.message) from error
        took_s = time.monotonic() - start
        self.stdout.write(f"{days:,} days with {events:,} events made again in {took_s:.1f} s.")


def _told(rebuilt: Rebuilt, events: int, each_s: float) -> str:
    left_s = each_s * (rebuilt.days - rebuilt.done)
    return (
        f"{rebuilt.day}: {rebuilt.done:,} of {rebuilt.days:,} days, {events:,} events; "
        f"about {left_s // 60:.0f} min {left_s % 60:02.0f} s left"
    )
