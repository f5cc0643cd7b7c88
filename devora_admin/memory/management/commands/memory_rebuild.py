"""manage.py memory_rebuild: empties memory and reads everything again."""

import time

from devora_admin.memory.management.remaking import RemakingCommand


class Command(RemakingCommand):
    help = (
        "Empty memory and make it anew from MongoDB. What staff decided stays. Ends when all is "
        "read; vectors follow. Prints a digest of what memory holds. Running workers help."
    )

    def remake(self) -> None:
        from devora_admin.memory.indexing import work
        from devora_admin.memory.indexing.digest import digest
        from devora_admin.memory.queries import remaking, waiting
        from devora_admin.memory.services.remaking import rebuild, under_way
        from devora_admin.staff import audit

        work.make_ready()
        if under_way() is None:
            rebuild(actor=audit.SYSTEM)
        while under_way() is not None:
            pause_s = min(work.keep_true(), work.index_some())
            time.sleep(pause_s)
            self.tell(remaking.rebuilding(waiting.waiting()), "documents read")
        self.stdout.write(f"Memory is made anew. Digest of what it holds: {digest()}")
