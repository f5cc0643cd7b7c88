from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "devora_admin.analytics"

    def ready(self) -> None:
        from devora_admin.analytics import customer_page, holdings, owned

        customer_page.register()
        holdings.register()
        owned.register()
