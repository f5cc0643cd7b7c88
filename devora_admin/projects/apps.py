from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "devora_admin.projects"

    def ready(self) -> None:
        from devora_admin.projects import customer_page
        from devora_admin.projects.services import bulk

        bulk.register()
        customer_page.register()
