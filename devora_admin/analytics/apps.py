from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "devora_admin.analytics"

    def ready(self) -> None:
        from django.conf import settings

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
        if settings.CLICKHOUSE_URL:
            from devora_admin.analytics.warehouse import consumer

            consumer.register()
