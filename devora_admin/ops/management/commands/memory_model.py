from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.memory.embedding import EmbedderUnavailable
from devora_admin.memory.embedding.minilm.setup import ensure_model


class Command(BaseCommand):
    help = "Fetches and builds the default embedding model where it is missing or damaged."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            built = ensure_model(self.stdout.write)
        except EmbedderUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write("the embedding model is built" if built else "the model is up to date")
