import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devora_admin.ops import demo
from devora_admin.ops.benchmarks import bench
from devora_admin.ops.benchmarks.server import serving
from devora_admin.ops.browser import NoBrowser
from devora_admin.ops.screenshots import FOLDER, count_events, take_all

DATABASE = "bench_screenshots"


class Command(BaseCommand):
    help = f"Takes the README's pictures into {FOLDER.name}/ (needs the test extra and Chromium)."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MONGO_DB_NAME != DATABASE:
            command = [sys.executable, "-m", "devora_admin", *sys.argv[1:]]
            sys.exit(subprocess.call(command, env={**os.environ, "DB_NAME": DATABASE}))
        prepared = bench.prepare(demo.Plan(), self.stderr.write)
        count_events()
        try:
            with serving(DATABASE, workers=1) as port:
                for path in take_all(port, prepared.session_cookie):
                    self.stdout.write(f"{path.name}: {path.stat().st_size // 1024} KB")
        except NoBrowser as error:
            raise CommandError(str(error)) from error
