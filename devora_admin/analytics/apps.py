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
        from devora_admin.analytics.alerts import starting as alerts
        from devora_admin.analytics.boards import setup as boards
        from devora_admin.analytics.events import operations
        from devora_admin.analytics.inventory import consumer as inventory
        from devora_admin.analytics.inventory import kinds
        from devora_admin.analytics.notes import deploys, setup
        from devora_admin.analytics.notes import operations as note_operations
        from devora_admin.analytics.rollups import consumer, recounting
        from devora_admin.analytics.spikes import watching
        from devora_admin.analytics.weekly import starting as weekly
        from devora_admin.core import chores
        from devora_admin.staff import keeping, wording

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
        _register_segments()
        note_operations.register()
        chores.register("note a new version", every_s=deploys.EVERY_S, run=deploys.note_version)
        keeping.handle_undo(setup.KIND, permission=setup.MANAGE)
        keeping.handle_undo(boards.KIND, permission="analytics.view")
        wording.say(setup.SENTENCES | boards.SENTENCES)
        alerts.register()
        weekly.register()
        if settings.CLICKHOUSE_URL:
            from devora_admin.analytics.warehouse import consumer as warehouse

            warehouse.register()


def _register_segments() -> None:
    from devora_admin.analytics.segments import groups, issues, offers, saving
    from devora_admin.core import chores
    from devora_admin.staff import keeping, wording

    groups.register()
    offers.register()
    issues.register()
    keeping.handle_undo(saving.KIND, permission=saving.WORK)
    chores.register(saving.CHORE, every_s=saving.EVERY_S, run=saving.mark_members)
    wording.say(
        {
            "segment.create": "Saved a segment",
            "segment.edit": "Changed a segment",
            "segment.delete": "Deleted a segment",
        }
    )
