"""manage.py worker: runs background jobs, and follows what changes, until it is told to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from devora_admin.worker import looping
from devora_admin.worker.following import threads
from devora_admin.worker.loop import work, worker_name


class Command(BaseCommand):
    help = "Run background jobs and follow changes. Several may run; SIGTERM hands over."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        told = options["verbosity"] > 0
        if told:
            self.stdout.write("The worker is waiting for jobs.")
            self.stdout.flush()
        name = worker_name()
        with threads.running(name, stop), looping.running(stop):
            work(stop, name=name)
        if told:
            self.stdout.write("The worker has stopped.")
