from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "devora_admin.support"

    def ready(self) -> None:
        from devora_admin.core import chores
        from devora_admin.support import (
            cause,
            customer_page,
            holdings,
            owned,
            project_page,
            wording,
        )
        from devora_admin.support.api import operations
        from devora_admin.support.context import parts
        from devora_admin.support.services import attaching, bulk, undoing

        operations.register()
        holdings.register()
        owned.register()
        cause.register()
        parts.register()
        undoing.register()
        wording.register()
        bulk.register()
        customer_page.register()
        project_page.register()
        chores.register("remove files nobody sent", every_s=600.0, run=attaching.remove_unsent)
        _register_promises()
        _register_mail()
        _register_quick_work()
        _register_suggestions()


def _register_promises() -> None:
    from devora_admin.core import chores
    from devora_admin.staff import undo
    from devora_admin.support.sla import part, retiming, saving, warning

    part.register()
    retiming.register()
    undo.handles(saving.ACTION, permission=retiming.PERMISSION)(saving.undo)
    chores.register("tell of promises", every_s=warning.EVERY_S, run=warning.tell)
    chores.register("reckon clocks a job missed", every_s=60.0, run=retiming.catch_up)
    chores.register("give issues a clock", every_s=600.0, run=retiming.begin)


def _register_mail() -> None:
    from devora_admin.core import loops
    from devora_admin.staff import undo
    from devora_admin.support.mail import notices, page_part, retrying, sending

    page_part.register()
    retrying.register()
    undo.handles(notices.ACTION, permission=notices.PERMISSION)(notices.undo)
    loops.register(loops.Loop("send e-mails", sending.step, threads=2))


def _register_quick_work() -> None:
    """Canned replies, macros, snoozing and rules."""
    from devora_admin.core import chores
    from devora_admin.staff import keeping
    from devora_admin.support.services import canned, macro_setup, rule_setup, snoozing

    chores.register("wake snoozed issues", every_s=30.0, run=snoozing.wake_due)
    keeping.handle_undo(canned.KIND, permission="issues.work")
    keeping.handle_undo(macro_setup.KIND, permission="issues.manage")
    keeping.handle_undo(rule_setup.KIND, permission="issues.manage")


def _register_suggestions() -> None:
    """Secrets in projects, and errors that rise."""
    from devora_admin.support.suggestions import consumer, deciding, holding, page_part

    consumer.register()
    deciding.register()
    holding.register()
    page_part.register()
