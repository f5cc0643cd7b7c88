from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "devora_admin.core"

    def ready(self) -> None:
        from devora_admin.core import mongo

        mongo.connect()
