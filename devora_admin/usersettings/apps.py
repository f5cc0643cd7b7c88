from django.apps import AppConfig


class UserSettingsConfig(AppConfig):
    name = "devora_admin.usersettings"

    def ready(self) -> None:
        from devora_admin.users import ownership, panels
        from devora_admin.usersettings import holdings, merging, panel, wording
        from devora_admin.usersettings.services import undoing

        holdings.register()
        ownership.register_joined(merging.JOIN)
        undoing.register()
        wording.register()
        panels.register(panel.PANEL)
        panels.register_tab(panel.TAB)
