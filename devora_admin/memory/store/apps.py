from django.apps import AppConfig


class MemoryStoreConfig(AppConfig):
    """What memory keeps in PostgreSQL. Installed only while memory is on: it needs the driver."""

    name = "devora_admin.memory.store"
    label = "memory"
    default_auto_field = "django.db.models.BigAutoField"
