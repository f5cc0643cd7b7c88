"""Which models live in which database."""

from typing import Any

ALIAS = "memory"
_LABEL = "memory"


class MemoryRouter:
    """Memory's models in PostgreSQL, and nothing else there."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return ALIAS if model._meta.app_label == _LABEL else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        if db == ALIAS or app_label == _LABEL:
            return db == ALIAS and app_label == _LABEL
        return None
