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
            people,
        )
        from devora_admin.analytics.events import operations
        from devora_admin.analytics.inventory import consumer as inventory
        from devora_admin.analytics.inventory import kinds
        from devora_admin.analytics.rollups import consumer, recounting
        from devora_admin.analytics.spikes import watching
        from devora_admin.core import chores

        consumer.register()
        chores.register(recounting.CHORE, every_s=recounting.EVERY_S, run=recounting.recount_marked)
        operations.register()
        customer_page.register()
        holdings.register()
        owned.register()
        as_customer.register()
        issue_events.register()
        chores.register("look for errors that rise", every_s=watching.EVERY_S, run=watching.watch)
        people.register()
        inventory.register()
        kinds.register()
        if settings.CLICKHOUSE_URL:
            from devora_admin.analytics.warehouse import consumer as warehouse

            warehouse.register()
