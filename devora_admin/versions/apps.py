from django.apps import AppConfig


class VersionsConfig(AppConfig):
    name = "devora_admin.versions"

    def ready(self) -> None:
        from devora_admin.core import chores
        from devora_admin.versions import forgetting, holdings, tabs
        from devora_admin.versions.recording import consumer
        from devora_admin.versions.services import pruning, restoring

        consumer.register()
        forgetting.register()
        holdings.register()
        tabs.register()
        restoring.register()
        chores.register("prune versions", every_s=3600, run=lambda: pruning.prune_for(10))
