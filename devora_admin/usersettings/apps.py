from django.apps import AppConfig


class UserSettingsConfig(AppConfig):
    name = "devora_admin.usersettings"

    def ready(self) -> None:
        from devora_admin.usersettings import documents  # noqa: F401  # declares its indexes
