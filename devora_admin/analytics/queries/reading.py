"""Reads rollups, from those members of the replica set that the settings name."""

from typing import Any

from django.conf import settings
from pymongo.collection import Collection
from pymongo.read_preferences import make_read_preference, read_pref_mode_from_name

from devora_admin.core import mongo

TOO_SLOW = "Reading the numbers took too long. Choose a shorter range."


def rollups(collection: str) -> Collection[dict[str, Any]]:
    mode = read_pref_mode_from_name(settings.ANALYTICS_READ_PREFERENCE)
    preference = make_read_preference(mode, None)
    return mongo.database().get_collection(collection, read_preference=preference)
