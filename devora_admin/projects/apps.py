from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "devora_admin.projects"

    def ready(self) -> None:
        from devora_admin.projects import customer_page, holdings, owned, wording
        from devora_admin.projects.services import bulk, deletion, undoing
        from devora_admin.projects.views import as_customer

        bulk.register()
        deletion.register()
        undoing.register()
        as_customer.register()
        customer_page.register()
        holdings.register()
        owned.register()
        wording.register()
