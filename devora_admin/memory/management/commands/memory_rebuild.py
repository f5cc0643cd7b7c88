"""manage.py memory_rebuild: empties memory and reads everything again."""

from typing import Any

from devora_admin.memory.management.remaking import RemakingCommand

_PATIENCE_S = 600.0


class Command(RemakingCommand):
    help = (
        "Empty memory and make it anew from MongoDB. What staff decided stays. Ends when all is "
        "read; vectors follow. Prints a digest of what memory holds. Running workers help."
    )
    what = "documents read"

    def begin(self) -> None:
        from devora_admin.memory.indexing import work
        from devora_admin.memory.services.remaking import rebuild, under_way
        from devora_admin.staff import audit

        work.make_ready()
        if under_way() is None:
            rebuild(actor=audit.SYSTEM, patience_s=_PATIENCE_S)

    def step(self) -> float | None:
        from devora_admin.memory.indexing import work
        from devora_admin.memory.services.remaking import under_way

        if under_way() is None:
            return None
        return min(work.keep_true(), work.index_some())

    def progress(self) -> Any:
        from devora_admin.memory.queries import remaking, waiting

        return remaking.rebuilding(waiting.waiting())

    def end(self) -> str:
        from devora_admin.memory.indexing.digest import digest

        return f"Memory is made anew. Digest of what it holds: {digest()}"
