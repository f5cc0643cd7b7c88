from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "devora_admin.api"

    def ready(self) -> None:
        from devora_admin.api import holdings

        holdings.register()
