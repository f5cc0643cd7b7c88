from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "devora_admin.analytics"

    def ready(self) -> None:
        from devora_admin.analytics import (
            as_customer,
            customer_page,
            holdings,
            issue_events,
            owned,
        )

        customer_page.register()
        holdings.register()
        owned.register()
        as_customer.register()
        issue_events.register()
