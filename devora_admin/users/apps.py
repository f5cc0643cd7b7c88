from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "devora_admin.users"

    def ready(self) -> None:
        from devora_admin.users import customer_page, shown
        from devora_admin.users.services import undoing

        customer_page.register()
        shown.register()
        undoing.register()
