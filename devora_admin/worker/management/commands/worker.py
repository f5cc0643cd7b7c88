"""manage.py worker: runs background jobs until it is told to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from devora_admin.worker.loop import work


class Command(BaseCommand):
    help = "Run background jobs. Several may run; SIGTERM leaves the job to the next one."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        told = options["verbosity"] > 0
        if told:
            self.stdout.write("The worker is waiting for jobs.")
            self.stdout.flush()
        work(stop)
        if told:
            self.stdout.write("The worker has stopped.")
