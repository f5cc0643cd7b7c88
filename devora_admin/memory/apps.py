from django.apps import AppConfig

CATCH_UP_EVERY_S = 300.0


class MemoryConfig(AppConfig):
    name = "devora_admin.memory"
    label = "memory_pages"

    def ready(self) -> None:
        from devora_admin.memory import customer_page, gate, holdings, issues, project_page, wording

        holdings.register()
        wording.register()
        project_page.register()
        customer_page.register()
        issues.register()
        if gate.is_on():
            from devora_admin.core import chores, loops
            from devora_admin.core.loops import Loop
            from devora_admin.memory import erasing
            from devora_admin.memory.indexing import consumer, work
            from devora_admin.memory.services import undoing

            consumer.register()
            undoing.register()
            loops.register(Loop("indexing memory", work.index_some, threads=work.THREADS))
            loops.register(Loop("keeping memory true", work.keep_true))
            loops.register(Loop("embedding memory", work.embed_some))
            chores.register("let preferences fade", every_s=3600.0, run=work.fade_some)
            chores.register(
                "erase from memory what was erased without it",
                every_s=CATCH_UP_EVERY_S,
                run=erasing.catch_up_if_there,
            )
