from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "devora_admin.analytics"

    def ready(self) -> None:
        from devora_admin.analytics import customer_page, documents  # noqa: F401  # declares its indexes

        customer_page.register()
