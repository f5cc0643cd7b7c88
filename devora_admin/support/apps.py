from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "devora_admin.support"

    def ready(self) -> None:
        from devora_admin.core import chores
        from devora_admin.support import cause, holdings, owned, wording
        from devora_admin.support.context import parts
        from devora_admin.support.services import attaching, undoing

        holdings.register()
        owned.register()
        cause.register()
        parts.register()
        undoing.register()
        wording.register()
        chores.register("remove files nobody sent", every_s=600.0, run=attaching.remove_unsent)
