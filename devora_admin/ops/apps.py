from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "devora_admin.ops"
