"""What customers say and are built with, and what is learned of it."""

from datetime import timedelta
from typing import Any

from devora_admin.core import clock
from devora_admin.memory.preferences.queries import preferences_of

PACKAGE = {"name": "package.json", "content": '{"dependencies": {"next": "15", "bootstrap": "5"}}'}


def said(*texts: str, ago: timedelta = timedelta()) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text, "timestamp": clock.now() - ago} for text in texts]


def preferred(user_id: str) -> dict[str, tuple[str, str]]:
    return {row.value: (row.strength, row.standing) for row in preferences_of(user_id)}
