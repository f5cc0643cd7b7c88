"""manage.py reembed: gives everything vectors of the embedder that is configured now."""

from devora_admin.memory.management.remaking import RemakingCommand


class Command(RemakingCommand):
    help = (
        "Make all vectors anew with the configured embedder; the old ones serve until the new ones "
        "are complete. Begins again where it was broken off. Running workers help."
    )

    def remake(self) -> None:
        from devora_admin.memory.indexing import models, vectors, work
        from devora_admin.memory.queries import remaking, status
        from devora_admin.memory.services.remaking import reembed
        from devora_admin.staff import audit

        work.make_ready()
        if not models.is_exchanging():
            self.stdout.write(reembed(actor=audit.SYSTEM))
        while vectors.embed_some() or models.exchange_some() or models.is_exchanging():
            self.tell(remaking.reembedding(status.stored()), "pieces have their vector")
        self.stdout.write("All pieces have their vector.")
