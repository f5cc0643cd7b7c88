"""manage.py reembed: gives everything vectors of the embedder that is configured now."""

from typing import Any

from devora_admin.memory.management.remaking import IDLE_S, RemakingCommand


class Command(RemakingCommand):
    help = (
        "Make all vectors anew with the configured embedder; the old ones serve until the new ones "
        "are complete. Begins again where it was broken off. Running workers help."
    )
    what = "pieces have their vector"

    def begin(self) -> None:
        from devora_admin.memory.indexing import models, work
        from devora_admin.memory.services.remaking import reembed
        from devora_admin.staff import audit

        work.make_ready()
        if not models.is_exchanging():
            self.stdout.write(reembed(actor=audit.SYSTEM))

    def step(self) -> float | None:
        """What serves until then may have an embedder that is gone: that is left to the worker."""
        from devora_admin.memory.indexing import models, vectors

        model = models.to_come()
        if model is not None and vectors.embed_some_of(model):
            return 0.0
        if models.exchange_some():
            return 0.0
        if models.is_exchanging() or (model is not None and models.anything_waits(model.id)):
            return IDLE_S
        return None

    def progress(self) -> Any:
        from devora_admin.memory.queries import remaking, status

        return remaking.reembedding(status.stored())

    def end(self) -> str:
        from devora_admin.memory.indexing import models

        model = models.active()
        if model is None or not (given_up := models.given_up(model.id)):
            return "All pieces have their vector."
        return f"{given_up:,} pieces could not be given a vector; all others have theirs."
