"""Customers, as the platform writes them. They are not staff and never sign in here."""

from typing import Any

import mongoengine as me
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

mongo.declare_indexes(
    "users",
    [
        IndexModel([("id", ASCENDING)], name="id", unique=True),
        IndexModel([("email", ASCENDING)], name="email", unique=True),
    ],
)

# The dashboard's own: what staff note about a customer.
NOTES = "customer_notes"

mongo.declare_indexes(
    NOTES,
    [
        IndexModel(
            [("user_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
            name="user_created",
        )
    ],
)


class Customer(me.Document):
    # The platform's key is `id`, a UUID as text; MongoDB's `_id` is kept beside it, unused.
    object_id = me.ObjectIdField(primary_key=True)
    id = me.StringField()
    email = me.StringField()
    name = me.StringField()
    status = me.StringField()
    created_at = me.DateTimeField()

    meta = {"collection": "users", "strict": False, "auto_create_index": False}


def customers() -> Collection[dict[str, Any]]:
    """The raw collection: what conditional updates of single paths use."""
    return mongo.database()["users"]
