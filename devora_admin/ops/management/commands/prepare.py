from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from devora_admin.core import mongo


class Command(BaseCommand):
    help = "Brings the stores to what this version expects: migrations, then indexes."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        for collection in mongo.ensure_indexes():
            self.stdout.write(f"indexes of {collection}")
        if settings.MEMORY_ENABLED:
            from devora_admin.memory.store import schema

            schema.make_ready()
