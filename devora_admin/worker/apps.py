from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "devora_admin.worker"

    def ready(self) -> None:
        from devora_admin.core import consumers
        from devora_admin.worker import holdings, wording
        from devora_admin.worker.queries import following

        consumers.tells_how_far(following.caught_up_at)
        holdings.register()
        wording.register()
