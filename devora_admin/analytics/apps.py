from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "devora_admin.analytics"

    def ready(self) -> None:
        from devora_admin.analytics import as_customer, customer_page, holdings, owned

        customer_page.register()
        holdings.register()
        owned.register()
        as_customer.register()
