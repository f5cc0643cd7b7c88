from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from devora_admin.ops.assets import AssetsError, ensure_assets


class Command(BaseCommand):
    help = "Builds the pages' scripts, styles and icons where they are missing or stale."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="build even when nothing changed")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            built = ensure_assets(self.stdout.write, force=options["force"])
        except AssetsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("assets are built" if built else "assets are up to date")
