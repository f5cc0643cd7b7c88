from django.apps import AppConfig


class UserSettingsConfig(AppConfig):
    name = "devora_admin.usersettings"

    def ready(self) -> None:
        from devora_admin.users import panels
        from devora_admin.usersettings import holdings, panel
        from devora_admin.usersettings.services import undoing

        holdings.register()
        undoing.register()
        panels.register(panel.PANEL)
        panels.register_tab(panel.TAB)
