from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.ops.serve.run import add_arguments


class Command(BaseCommand):
    """Listed here for `manage.py help`; manage.py runs it before Django is set up."""

    help = "Runs the dashboard: stores, migrations, assets, background worker and web server."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("Run it as: python manage.py serve")
