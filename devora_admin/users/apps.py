from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "devora_admin.users"

    def ready(self) -> None:
        from devora_admin.users import customer_page

        customer_page.register()
