from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "devora_admin.users"
