from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from devora_admin.core import mongo
from devora_admin.ops.serve.prepare import fetch_model, model_is_wanted


class Command(BaseCommand):
    help = "Brings stores to what this version expects: migrations, indexes, the embedding model."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        for collection in mongo.ensure_indexes():
            self.stdout.write(f"indexes of {collection}")
        if settings.MEMORY_ENABLED:
            from devora_admin.memory.store import schema

            schema.make_ready()
        if model_is_wanted():
            fetch_model(self.stdout.write)
