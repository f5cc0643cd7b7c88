from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "devora_admin.worker"

    def ready(self) -> None:
        from devora_admin.worker import holdings, wording

        holdings.register()
        wording.register()
