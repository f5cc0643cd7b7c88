from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "devora_admin.users"

    def ready(self) -> None:
        from devora_admin.users import customer_page, own_holdings, staff_holdings
        from devora_admin.users.erasing import job as erasing
        from devora_admin.users.erasing import requests
        from devora_admin.users.exporting import job as exporting

        customer_page.register()
        own_holdings.register()
        staff_holdings.register()
        requests.register()
        erasing.register()
        exporting.register()

        from devora_admin.users import shown, wording
        from devora_admin.users.merging import holding, moving
        from devora_admin.users.services import bulk, undoing

        shown.register()
        wording.register()
        undoing.register()
        moving.register()
        holding.register()
        bulk.register()
        wording.register()
