from datetime import timedelta

from devora_admin.analytics.rollups.counting import count
from devora_admin.core import mongo as core_mongo


def sign_ups(mongo, now, days):
    """One a day, counted."""
    mongo.analytics_events.insert_many(
        [
            {"_id": number, "event_type": "signup", "user_id": f"u{number}",
             "timestamp": now - timedelta(days=number)}
            for number in range(days)
        ]
    )  # fmt: skip
    core_mongo.run_in_transaction(lambda session: count(range(days), session))
