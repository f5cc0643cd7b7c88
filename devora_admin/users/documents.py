"""Customers, as the platform writes them. They are not staff and never sign in here."""

from typing import Any

import mongoengine as me
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo
from devora_admin.core.listing.indexes import in_any_case, ordered_by, words_of

mongo.declare_indexes(
    "users",
    [
        IndexModel([("id", ASCENDING)], name="id", unique=True),
        IndexModel([("email", ASCENDING)], name="email", unique=True),
        *ordered_by("created_at"),
        *ordered_by("last_seen_at"),
        *ordered_by("name"),
        *ordered_by("email"),
        in_any_case("id", "list_id"),
        in_any_case("status", "list_status"),
        in_any_case("subscription.plan", "list_plan"),
        in_any_case("subscription.status", "list_subscription"),
        words_of("name"),
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
