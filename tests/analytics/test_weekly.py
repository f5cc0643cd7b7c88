"""The weekly summary: once for each who wants it, of all of the week, and as its page shows it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from devora_admin.analytics.alerts import sending
from devora_admin.analytics.rollups.counting import count
from devora_admin.analytics.weekly import mailing
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def at(monkeypatch, mongo):
    """at(moment) makes it that time, with all counted until then, and sends what is due."""

    def be(moment, *, counted=None):
        monkeypatch.setattr(clock, "now", lambda: moment)
        told = {"$set": {"caught_up_at": counted or moment}}
        mongo.worker_state.update_one({"_id": "rollups"}, told, upsert=True)
        return mailing.send_due()

    return be


def test_who_wants_it_gets_the_week_once_and_it_says_what_its_page_does(
    at, client_for, mongo, settings, monkeypatch
):
    settings.PUBLIC_URL, settings.MAIL_IS_ON = "https://admin.example.com", True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    times = [MONDAY - 10 * DAY] * 20 + [MONDAY - 1 * HOUR] * 30 + [MONDAY + HOUR] * 5
    rows = [
        {"_id": number + 1, "event_type": "signup", "user_id": f"c{number}", "timestamp": each,
         "properties": {}}
        for number, each in enumerate(times)
    ]  # fmt: skip
    monkeypatch.setattr(clock, "now", lambda: MONDAY + 2 * HOUR)
    mongo.analytics_events.insert_many(rows)
    keys = [row["_id"] for row in rows]
    core_mongo.run_in_transaction(lambda session: count(keys, session), patience_s=30)
    mongo.analytics_alerts.insert_one({"_id": "a", "name": "Few sign-ups", "is_active": False})
    mongo.analytics_alert_events.insert_many(
        {"rule_id": "a", "kind": "fired", "at": MONDAY + days * DAY} for days in (-8, -2, -1, 1)
    )

    viewer, editor = client_for("viewer"), client_for("editor")
    for client in (viewer, viewer, editor):
        assert client.post("/analytics/weekly/subscribe/").status_code == 302
    editor.post("/analytics/weekly/unsubscribe/")
    assert [row["action"] for row in mongo.audit_log.find({"action": {"$regex": "^weekly"}})] == [
        "weekly.subscribe", "weekly.subscribe", "weekly.unsubscribe"
    ]  # fmt: skip
    assert at(MONDAY + 6 * HOUR) == 0  # not at night
    assert at(MONDAY + 8 * HOUR, counted=MONDAY + timedelta(minutes=2)) == 0
    assert at(MONDAY + 2 * DAY) == 1  # the worker was away
    assert at(MONDAY + 2 * DAY) == 0
    while sending.step() == 0:
        pass
    assert at(MONDAY + 3 * DAY) == 0

    [sent] = mail.outbox
    assert sent.to == ["viewer@devora.example"]
    assert sent.subject == "The week from 2 Nov to 8 Nov 2026"
    assert "Sign-ups: +50 %." in sent.body
    assert "Alert: Few sign-ups fired 2 times." in sent.body
    assert "https://admin.example.com/analytics/?first=2026-11-02&last=2026-11-08" in sent.body
    assert sent.extra_headers["List-Unsubscribe"] == "<https://admin.example.com/analytics/weekly/>"
    viewer, editor = client_for("viewer"), client_for("editor")  # a session does not last so long
    page = viewer.get("/analytics/weekly/").content.decode()
    for said in ("The week from 2 Nov to 8 Nov 2026", "+50 %", "fired 2 times", "Do not send"):
        assert said in page
    assert "Send it to me" in editor.get("/analytics/weekly/").content.decode()
    assert at(MONDAY + 7 * DAY + 8 * HOUR) == 1
