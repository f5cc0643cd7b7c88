from django.apps import AppConfig


class VersionsConfig(AppConfig):
    name = "devora_admin.versions"

    def ready(self) -> None:
        from devora_admin.versions import documents, holdings  # noqa: F401 (declares indexes)

        holdings.register()
