from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "devora_admin.shell"
