import os
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devora_admin.memory.embedding import EmbedderUnavailable
from devora_admin.ops import demo
from devora_admin.ops.assets import AssetsError
from devora_admin.ops.benchmarks.bench import PREFIX
from devora_admin.ops.benchmarks.run import Options, run, session_cookie

SUITES = (
    "storage", "pages", "all", "customers", "secrets", "conversations", "worker", "versions",
    "memory", "support", "analytics", "session",
)  # fmt: skip


class Command(BaseCommand):
    help = "Measures what the README tells figures of, in a database of its own that it keeps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=SUITES)
        parser.add_argument("--projects", type=int, default=100_000)
        parser.add_argument("--customers", type=int, default=200_000, help="of that suite")
        parser.add_argument("--secrets", type=int, default=100_000, help="of that suite")
        parser.add_argument("--conversations", type=int, default=100_000, help="of that suite")
        parser.add_argument("--issues", type=int, default=1_000_000, help="of support's suite")
        parser.add_argument("--events", type=int, default=100_000, help="of analytics' suite")
        parser.add_argument("--rounds", type=int, default=300, help="times each thing is measured")
        parser.add_argument(
            "--seconds", type=float, default=20, help="of editing, and of each rate"
        )
        parser.add_argument("--saves", type=int, default=100_000, help="of the worker's burst")
        parser.add_argument("--chunks", type=int, default=20_000, help="of memory's suite")
        parser.add_argument("--functions", type=int, default=2_000, help="of that suite")
        parser.add_argument("--questions", type=int, default=200, help="of that suite")
        parser.add_argument("--growth", action="store_true", help="also 1,000,000 small projects")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--drop", action="store_true", help="remove the database at the end")
        parser.add_argument("--database", help=f"its name, {PREFIX}…")

    def handle(self, *args: Any, **options: Any) -> None:
        database = options["database"] or _name_of(options)
        if not database.startswith(PREFIX):
            raise CommandError(f"A benchmark's database is named {PREFIX}…, so not {database}.")
        if database != settings.MONGO_DB_NAME:
            sys.exit(_again_in(database))
        try:
            if options["what"] == "session":
                self.stdout.write(session_cookie(options["projects"], self._progress))
            else:
                self._run(options)
        except (demo.NotOurs, AssetsError, EmbedderUnavailable) as error:
            raise CommandError(str(error)) from error

    def _run(self, options: dict[str, Any]) -> None:
        chosen = Options(
            what=options["what"],
            projects=options["projects"],
            customers=options["customers"],
            secrets=options["secrets"],
            conversations=options["conversations"],
            issues=options["issues"],
            events=options["events"],
            rounds=options["rounds"],
            seconds=options["seconds"],
            saves=options["saves"],
            chunks=options["chunks"],
            functions=options["functions"],
            questions=options["questions"],
            growth=options["growth"],
            drop=options["drop"],
        )
        run(
            chosen,
            write=self.stdout.write,
            progress=self._progress,
            as_json=options["json"],
        )

    def _progress(self, line: str) -> None:
        self.stderr.write(f"… {line}")


def _name_of(options: dict[str, Any]) -> str:
    if options["what"] == "customers":
        return f"{PREFIX}customers_{options['customers']}"
    if options["what"] == "secrets":
        return f"{PREFIX}secrets_{options['secrets']}"
    if options["what"] == "conversations":
        return f"{PREFIX}conversations_{options['conversations']}"
    if options["what"] == "support":
        return f"{PREFIX}support_{options['issues']}"
    if options["what"] == "worker":
        return f"{PREFIX}worker"
    if options["what"] in ("versions", "memory", "analytics"):
        return f"{PREFIX}{options['what']}"
    return f"{PREFIX}{options['projects']}"


def _again_in(database: str) -> int:
    """The same command in a process whose settings name `database`; never the user's own."""
    command = [sys.executable, "-m", "devora_admin", *sys.argv[1:]]
    return subprocess.call(command, env={**os.environ, "DB_NAME": database})
