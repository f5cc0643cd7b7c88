from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "devora_admin.staff"
    default_auto_field = "django_mongodb_backend.fields.ObjectIdAutoField"

    def ready(self) -> None:
        from devora_admin.staff import (
            documents,  # noqa: F401  declares the indexes
            grants,
        )

        grants.register()
