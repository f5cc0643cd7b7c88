"""Whatever the platform stored about a customer, the page shows it: never a fault of ours."""

from typing import Any

import pytest

from devora_admin.users.queries.profile import DATES, TEXTS
from tests import factories
from tests.projects.malformed import MISSING, TELLING, WRONG

USER_FIELDS = (
    *TEXTS, *DATES, "subscription", "suspended", "merged_into", "sessions_revoked_at",
    "password_reset", "anything", "subscription.plan", "subscription.status", "subscription.price",
    "subscription.currency", "subscription.current_period_end", "subscription.trial_end",
    "subscription.cancel_at_period_end", "suspended.at", "suspended.reason",
    "password_reset.expires_at",
)  # fmt: skip
EVENT_FIELDS = (
    "event_type", "timestamp", "project_id", "properties", "properties.message", "properties.error",
    "properties.code", "properties.model", "properties.tokens", "properties.latency_ms",
    "properties.cost_usd", "anything",
)  # fmt: skip
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7*7 }}"


def with_value(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *around, last = path.split(".")
    place = document
    for step in around:
        place = place.setdefault(step, {})
    if value is MISSING:
        place.pop(last, None)
    else:
        place[last] = value
    return document


def event(user_id: str, **fields: Any) -> dict[str, Any]:
    return {"event_type": "generation_failed", "user_id": user_id, "project_id": "p",
            "timestamp": factories.EPOCH, "properties": {"model": "m", "message": "Broken"},
            **fields}  # fmt: skip


@pytest.mark.parametrize("field", USER_FIELDS)
def test_a_customer_with_any_value_at_any_field_is_shown(admin, mongo, field):
    for kind in WRONG if field in ("name", "created_at", "subscription") else TELLING:
        mongo.users.delete_many({})
        customer = factories.customer(subscription={"plan": "pro"})
        mongo.users.insert_one(with_value(customer, field, WRONG[kind][0]))
        answer = admin.get(f"/users/{customer['id']}/")
        assert answer.status_code == 200, (field, kind)
        assert "<script>alert(1)" not in answer.content.decode()


@pytest.mark.parametrize("field", EVENT_FIELDS)
def test_an_event_with_any_value_at_any_field_is_shown(admin, mongo, make_customer, field):
    customer = make_customer()
    kinds = [kind for kind in WRONG if (field, kind) != ("timestamp", "list of lists")]
    for kind in kinds:
        mongo.analytics_events.insert_one(with_value(event(customer["id"]), field, WRONG[kind][0]))
    for page in ("", "timeline/", "timeline/?kind=failures"):
        answer = admin.get(f"/users/{customer['id']}/{page}")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "<script>alert(1)" not in text
        if page == "timeline/":
            assert text.count('class="event-label"') == len(kinds)


def test_scripts_in_every_field_of_every_source_are_text(admin, mongo, make_customer, make_project):
    customer = make_customer(
        name=SCRIPT, email=SCRIPT, status=SCRIPT, other={SCRIPT: [SCRIPT]}, merged_into=SCRIPT,
        subscription={"plan": SCRIPT, "status": SCRIPT, "price": SCRIPT, "currency": SCRIPT,
                      SCRIPT: SCRIPT},
        suspended={"reason": SCRIPT},
    )  # fmt: skip
    project = make_project(user_id=customer["id"], name=SCRIPT, project_type=SCRIPT)
    who = customer["id"]
    mongo.analytics_events.insert_many([
        event(who, event_type=SCRIPT, project_id=project["id"], properties={SCRIPT: SCRIPT}),
        event(who, event_type="error", properties={"message": SCRIPT, "code": SCRIPT,
                                                   "model": SCRIPT, "nested": {SCRIPT: [SCRIPT]}}),
        event(who, timestamp=SCRIPT, project_id=SCRIPT, extra=SCRIPT),
    ])  # fmt: skip
    mongo.audit_log.insert_one({
        "_id": SCRIPT, "at": factories.EPOCH, "customer_id": who, "action": SCRIPT,
        "actor": {"email": SCRIPT}, "subject": {"kind": "project", "id": SCRIPT, "label": SCRIPT},
        "reason": SCRIPT, "before": {SCRIPT: SCRIPT}, "after": {SCRIPT: SCRIPT},
    })  # fmt: skip
    mongo.customer_notes.insert_one({
        "_id": "n", "user_id": who, "created_at": factories.EPOCH, "text": SCRIPT,
        "author": {"id": "1", "name": SCRIPT},
    })  # fmt: skip
    for page in ("", "timeline/", "?kind=events:" + SCRIPT, "?kind=" + SCRIPT):
        answer = admin.get(f"/users/{who}/{page}")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_very_large_values_are_named_by_their_size(admin, mongo, make_customer):
    customer = make_customer(blob="x" * 3_000_000, name="n" * 100_000)
    large = {"message": "m" * 900_000, "note": "y" * 50_000}
    mongo.analytics_events.insert_many(event(customer["id"], properties=large) for _ in range(12))
    answer = admin.get(f"/users/{customer['id']}/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert len(text) < 200_000
    assert "name is too large to be shown" in text
    assert "bytes, not shown" in text


def test_what_is_wrong_with_an_event_is_said(admin, mongo, make_customer):
    customer = make_customer()
    mongo.analytics_events.insert_one(
        event(customer["id"], timestamp="2026-01-05 10:00", properties="none", project_id=5)
    )
    text = admin.get(f"/users/{customer['id']}/").content.decode()
    for fault in ("timestamp is text: 2026-01-05 10:00", "properties is not an object",
                  "project_id is not text", "Without a time"):  # fmt: skip
        assert fault in text


def test_secrets_among_unknown_fields_are_masked_and_hashes_never_read(admin, mongo, make_customer):
    customer = make_customer(
        password_hash="$argon2-hash", api_token="tok-1234567890abcdef",
        billing={"card": {"secret": "hidden-value-1"}, "city": "Bonn"}, pin_token=918273,
        password_reset={"token_sha256": "digest-of-token", "expires_at": factories.EPOCH},
    )  # fmt: skip
    mongo.analytics_events.insert_one(
        event(customer["id"], properties={"api_key": "key-abcdefghijklmnop", "region": "eu"})
    )
    text = admin.get(f"/users/{customer['id']}/").content.decode()
    for hidden in ("argon2", "tok-1234567890", "hidden-value", "918273", "digest-of", "key-abcdef"):
        assert hidden not in text
    assert "Bonn" in text
    assert "region" in text
