"""MEMORY_DATABASE_URL as Django's settings of a database."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from devora_admin.config.env import BadEnvironment

POOL_WAIT_S = 0.5
"""How long a page waits for a connection before it says that memory is unavailable."""
_MOST_CONNECTIONS = 24
_RECONNECT_S = 1.0
"""Longer, and the pool waits twice as long before each try: minutes after an outage of minutes."""
_GIVEN_UP_AFTER = {
    "connect_timeout": "5", "keepalives_idle": "20", "keepalives_interval": "5",
    "keepalives_count": "3", "tcp_user_timeout": "35000",
}  # fmt: skip
"""A server that vanished without a word, such as behind a network that is down."""


def database(url: str | None) -> dict[str, Any]:
    """url: None while a command runs that needs no store. Raises BadEnvironment."""
    parts = urlsplit(url or "postgresql:///devora")
    if parts.scheme not in ("postgresql", "postgres"):
        raise BadEnvironment("MEMORY_DATABASE_URL must begin with postgresql://")
    try:
        port = parts.port
    except ValueError as error:
        raise BadEnvironment("MEMORY_DATABASE_URL has a port that is no number.") from error
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    # A pool, as its wait is bounded by fractions of a second: libpq's shortest is two.
    pool = {
        "min_size": 0, "max_size": _MOST_CONNECTIONS, "timeout": POOL_WAIT_S, "max_idle": 60.0,
        "reconnect_timeout": _RECONNECT_S,
    }  # fmt: skip
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "devora",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": {
            "application_name": "devora-admin",
            # Compiling takes longer than any question asked here.
            "options": "-c jit=off",
            **_GIVEN_UP_AFTER,
            **options,
            "pool": pool,
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
