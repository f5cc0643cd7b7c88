"""Customers' settings, as the platform writes them: one document per customer."""

from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

SETTINGS = "settings"
WORKER_STATE = "worker_state"
"""Where long work has come to; nothing about customers."""

mongo.declare_indexes(SETTINGS, [IndexModel([("user_id", ASCENDING)], name="user_id", unique=True)])


def settings() -> Collection[dict[str, Any]]:
    return mongo.database()[SETTINGS]
