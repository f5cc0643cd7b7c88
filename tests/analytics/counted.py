"""Events of made-up customers, counted as the worker does."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from devora_admin.analytics.rollups import consumer
from devora_admin.core import mongo as core_mongo
from devora_admin.core.consumers import Change
from tests.analytics import brute

COLLECTIONS = (
    "analytics_events", "analytics_series", "analytics_sketches", "analytics_cube",
    "analytics_active", "user_days", "analytics_types", "analytics_quarantine",
    "analytics_recounts", "analytics_state", "users", "projects",
)  # fmt: skip
# Days of 23 and 25 hours, one whose midnight is no UTC hour, and one that begins at one o'clock.
PLACES = {
    "Europe/Berlin": datetime(2026, 3, 29, tzinfo=UTC),
    "America/New_York": datetime(2025, 11, 2, tzinfo=UTC),
    "Asia/Kolkata": datetime(2026, 2, 28, tzinfo=UTC),
    "America/Santiago": datetime(2025, 9, 7, tzinfo=UTC),
}


def change(key: Any) -> Change:
    return Change("analytics_events", key, "insert", datetime.now(UTC), None)  # type: ignore[arg-type]


def carry_out(effect: Any) -> Any:
    return core_mongo.run_in_transaction(effect, patience_s=20)


def count(keys: Sequence[Any]) -> None:
    carry_out(consumer.apply([change(key) for key in keys]))


def stored_event(number: int, drawn: dict[str, Any], around: datetime) -> dict[str, Any]:
    at = around + timedelta(hours=drawn["hours"], minutes=drawn["minutes"])
    kept = {name: drawn[name] for name in ("event_type", "user_id", "project_id", "properties")}
    return {"_id": number, "timestamp": at, **kept}


def begin(db: Any) -> None:
    for name in COLLECTIONS:
        db[name].delete_many({})
    db["users"].insert_many([
        {"id": "ann", "email": "a", "subscription": {"plan": "pro"}},
        {"id": "bob", "email": "b", "subscription": {"plan": "free"}},
    ])  # fmt: skip
    db["projects"].insert_many([{"id": "p1", "project_type": "saas"}, {"id": "p2"}])


def assert_true(db: Any, zone: str) -> None:
    found, wanted = brute.stored(db), brute.expected(db, ZoneInfo(zone))
    for name in wanted:
        assert found[name] == wanted[name], name
