from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "devora_admin.support"

    def ready(self) -> None:
        from devora_admin.core import chores, loops
        from devora_admin.support import customer_page, holdings, owned, project_page, wording
        from devora_admin.support.mail import page_part, retrying, sending
        from devora_admin.support.services import attaching, bulk, undoing

        holdings.register()
        owned.register()
        undoing.register()
        wording.register()
        bulk.register()
        customer_page.register()
        project_page.register()
        chores.register("remove files nobody sent", every_s=600.0, run=attaching.remove_unsent)
        # MAIL: replies on their way to customers.
        page_part.register()
        retrying.register()
        loops.register(loops.Loop("send e-mails", sending.step, threads=2))
