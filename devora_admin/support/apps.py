from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "devora_admin.support"

    def ready(self) -> None:
        from devora_admin.core import chores
        from devora_admin.support import holdings, owned, wording
        from devora_admin.support.services import attaching, undoing

        holdings.register()
        owned.register()
        undoing.register()
        wording.register()
        chores.register("remove files nobody sent", every_s=600.0, run=attaching.remove_unsent)
        self._register_quick_work()

    @staticmethod
    def _register_quick_work() -> None:
        """Canned replies, macros, snoozing and rules."""
        from devora_admin.core import chores
        from devora_admin.support import page_parts
        from devora_admin.support.services import canned, keeping, macro_setup, rule_setup, snoozing

        chores.register("wake snoozed issues", every_s=30.0, run=snoozing.wake_due)
        page_parts.register(
            page_parts.Part(
                "snooze", "Snoozed", 5, "issues.view", "support/snooze.html", snoozing.until,
                icon="moon",
            )
        )  # fmt: skip
        keeping.handle_undo(canned.KIND, permission="issues.work")
        keeping.handle_undo(macro_setup.KIND, permission="issues.manage")
        keeping.handle_undo(rule_setup.KIND, permission="issues.manage")
