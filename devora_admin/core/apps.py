from django.apps import AppConfig
from django.urls import register_converter


class CoreConfig(AppConfig):
    name = "devora_admin.core"

    def ready(self) -> None:
        from devora_admin.core import mongo
        from devora_admin.core.converters import NumberConverter

        register_converter(NumberConverter, "number")
        mongo.connect()
