from django.apps import AppConfig

from devora_admin.core.starting import end_loading


class OpsConfig(AppConfig):
    name = "devora_admin.ops"

    def ready(self) -> None:
        end_loading()  # the last of our apps
