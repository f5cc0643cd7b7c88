"""How long a page waits for an answer."""

from collections.abc import Iterator
from contextlib import contextmanager

import pymongo
from pymongo.errors import PyMongoError

from devora_admin.core import mongo
from devora_admin.core.errors import InvalidInput

PATIENCE_S = 1.6
_PING_S = 0.4


@contextmanager
def patience(too_slow: str, *, seconds: float = PATIENCE_S) -> Iterator[None]:
    """Raises InvalidInput when the store is well but the question takes too long."""
    try:
        with pymongo.timeout(seconds):
            yield
    except PyMongoError as error:
        if not error.timeout:
            raise
        with pymongo.timeout(_PING_S):
            mongo.client().admin.command("ping")
        raise InvalidInput(too_slow) from error
