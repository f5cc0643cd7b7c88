from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "devora_admin.support"

    def ready(self) -> None:
        from devora_admin.core import chores
        from devora_admin.support import holdings, owned, wording
        from devora_admin.support.services import attaching, undoing

        holdings.register()
        owned.register()
        undoing.register()
        wording.register()
        chores.register("remove files nobody sent", every_s=600.0, run=attaching.remove_unsent)
        self._ready_sla()

    def _ready_sla(self) -> None:
        from devora_admin.core import chores
        from devora_admin.staff import undo
        from devora_admin.support.sla import part, retiming, saving, warning

        part.register()
        retiming.register()
        undo.handles(saving.ACTION, permission=retiming.PERMISSION)(saving.undo)
        chores.register("tell of promises", every_s=warning.EVERY_S, run=warning.tell)
        chores.register("reckon clocks a job missed", every_s=60.0, run=retiming.catch_up)
        chores.register("give issues a clock", every_s=24 * 3600.0, run=retiming.begin)
