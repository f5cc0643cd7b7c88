"""Alerts: what is usual, by brute force; e-mails that come once; and their pages."""

import random
import smtplib
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from devora_admin.analytics.alerts import letters, sending, setup, watching, windows
from devora_admin.analytics.alerts.listing import alert, history
from devora_admin.analytics.alerts.looking import looks
from devora_admin.analytics.alerts.machine import Standing, after
from devora_admin.analytics.rollups.counting import count
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.core.errors import Conflict

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 11, 4, 12, 10, tzinfo=UTC)
LOGINS = {"name": "Sign-ins", "metric": "logins", "lasting": "hour", "condition": "above",
          "number": 2.0}  # fmt: skip


@pytest.fixture
def at(monkeypatch, mongo):
    """at(moment) makes it that time, with all counted until then, and looks at alerts."""

    def be(moment, *, caught_up=True):
        monkeypatch.setattr(clock, "now", lambda: moment)
        if caught_up:
            told = {"$set": {"caught_up_at": moment}}
            mongo.worker_state.update_one({"_id": "rollups"}, told, upsert=True)
        return watching.watch()

    return be


@pytest.fixture
def happen(mongo):
    """happen(time, …) → events at these times, counted. Each may have fields of its own."""

    def do(*times, event_type="login", **properties):
        first = mongo.analytics_events.count_documents({}) + 1
        rows = [
            {"_id": first + number, "event_type": event_type, "user_id": f"c{number % 7}",
             "timestamp": each, "properties": properties}
            for number, each in enumerate(times)
        ]  # fmt: skip
        mongo.analytics_events.insert_many(rows)
        keys = [row["_id"] for row in rows]
        core_mongo.run_in_transaction(lambda session: count(keys, session), patience_s=30)

    return do


def local(day, hour, zone):
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def plainly(lasting, moment, back, zone):
    """The window that ends last by the moment, or that of so many weeks before it, worked out from
    what a clock on the wall says."""
    here = moment.astimezone(zone)
    if lasting in ("day", "week"):
        last = here.date() if lasting == "day" else here.date() - here.weekday() * DAY
        last -= 7 * back * DAY
        return local(last - (7 if lasting == "week" else 1) * DAY, 0, zone), local(last, 0, zone)
    end = local(here.date() - 7 * back * DAY, here.hour, zone)
    if lasting == "so_far":
        return local(here.date() - 7 * back * DAY, 0, zone), end
    return end - HOUR * (24 if lasting == "hours" else 1), end


@pytest.mark.parametrize("name", ["Europe/Berlin", "Asia/Kolkata", "America/New_York"])
def test_usual_is_what_a_count_of_the_events_themselves_says(happen, mongo, settings, name):
    """Over the end of daylight saving, which these have at different times or not at all."""
    settings.TIME_ZONE, zone, chance = name, ZoneInfo(name), random.Random(name)
    began = datetime(2026, 9, 20, tzinfo=UTC)
    times = [began + timedelta(minutes=chance.randrange(46 * 1440)) for _ in range(1500)]
    happen(*times, tokens=3)
    first = local(min(times).astimezone(zone).date(), 0, zone)
    half = timedelta(minutes=30) if name == "Asia/Kolkata" else timedelta()
    moment = NOON.replace(minute=0) + half  # where a full hour of UTC ends
    for lasting in ("hour", "hours", "so_far", "day", "week"):
        if half and lasting not in ("day", "week"):
            continue  # hours are UTC's there, and no clock on the wall strikes with them
        rule = setup.draft(name="A", metric="logins", lasting=lasting, condition="differs",
                           number=10.0, weeks=6)  # fmt: skip
        ended = windows.ending(lasting, moment - 8 * DAY, moment, zone)[-1:]
        [seen] = looks(rule, ended, zone)
        of = [plainly(lasting, moment, back, zone) for back in range(7)]
        counts = [sum(since <= each < until for each in times) for since, until in of]
        before = [n for (since, _), n in zip(of, counts, strict=True) if since >= first][1:]
        assert (seen.window.since, seen.window.until) == of[0], lasting
        assert seen.reading.value == counts[0], lasting
        assert seen.judged.usual == median(before), lasting
        spread = 1.4826 * median(abs(each - median(before)) for each in before)
        margin = max(0.1 * median(before), 3 * max(spread, median(before) ** 0.5))
        is_far = abs(counts[0] - median(before)) > margin
        assert (seen.judged.outcome == "bad") == is_far, lasting


def test_little_that_triples_is_no_alarm_and_much_that_does_is(happen, at, actor, staff):
    noons = [NOON.replace(minute=0) - 7 * week * DAY - timedelta(minutes=9) for week in range(7)]
    happen(noons[6] - DAY, *noons[1:], *noons[:1] * 3)
    happen(*noons[1:] * 10, *noons[:1] * 90, event_type="deploy")
    change = {"lasting": "hour", "condition": "rises", "number": 50.0, "least": 5.0}
    few, many = (
        setup.create(actor, name=metric, metric=metric, **change).id
        for metric in ("logins", "deploys")
    )
    assert at(NOON) == 2
    assert (alert(few).state, alert(many).state) == ("ok", "firing")
    assert (alert(many).value, alert(many).usual) == ("90", "10")


def test_an_alert_is_told_of_once_when_it_begins_daily_until_seen_and_once_when_over(
    happen, at, actor, staff, settings, monkeypatch, mongo
):
    settings.PUBLIC_URL, settings.MAIL_IS_ON = "https://admin.example.com", True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    people = [str(staff("viewer").pk), str(staff("editor").pk)]
    key = setup.create(actor, **LOGINS | {"name": "Ünruly\u2028Bcc: x@y.z"}, people=people).id
    bad = [NOON - timedelta(minutes=each) for each in range(20, 25)]
    happen(NOON - 3 * HOUR, *bad)
    mongo.worker_state.insert_one({"_id": "rollups", "caught_up_at": NOON - timedelta(minutes=8)})
    assert (at(NOON, caught_up=False), alert(key).state) == (1, "ok")  # the hour before, not this

    def dies(*_, **__):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(letters, "enqueue", dies)
        at(NOON)
    assert (alert(key).state, mongo.analytics_outbox.count_documents({})) == ("failed", 0)
    assert not history(alert(key))
    stale = mongo.analytics_alert_states.find_one({"_id": key})
    for _ in range(3):
        at(NOON)
    watching.judge_rule(setup.one(key), stale, NOON - timedelta(minutes=3), ZoneInfo("UTC"))
    assert (alert(key).state, alert(key).value) == ("firing", "5")
    assert mongo.analytics_outbox.count_documents({}) == 2

    def refused(_):
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as patch:
        patch.setattr(sending, "hand_over", refused)
        sending.step()
    staff("viewer").__class__.objects.filter(email="viewer@devora.example").update(is_active=False)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=2))
    while sending.step() == 0:
        pass
    [sent] = mail.outbox
    assert sent.to == ["editor@devora.example"]
    assert sent.subject == "Alert: Ünruly Bcc: x@y.z: Sign-ins 5"
    assert f"https://admin.example.com/analytics/alerts/{key}/" in sent.body
    assert "/analytics/explore/?metric=logins" in sent.alternatives[0][0]
    monkeypatch.setattr(clock, "now", lambda: NOON + 28 * HOUR)  # what comes is of the past by then
    happen(*(NOON + HOUR * each + timedelta(minutes=-15, seconds=n)
             for each in range(1, 27) for n in range(3)))  # fmt: skip
    at(NOON + 23 * HOUR)
    assert mongo.analytics_outbox.count_documents({}) == 2
    at(NOON + 25 * HOUR)
    at(NOON + 25 * HOUR)
    assert mongo.analytics_outbox.count_documents({}) == 4  # reminded
    setup.acknowledge(key, actor=actor)
    with pytest.raises(Conflict):  # it stays the first one's
        setup.acknowledge(key, actor=actor)
    at(NOON + 26 * HOUR)
    at(NOON + 28 * HOUR)
    at(NOON + 28 * HOUR)
    assert alert(key).state == "ok"
    kinds = Counter(row["_id"].split(":")[2] for row in mongo.analytics_outbox.find())
    assert kinds == {"fired": 2, "reminder": 2, "over": 2}
    assert [each.kind for each in history(alert(key))] == ["over", "acknowledge", "fired"]
    with pytest.raises(Conflict):
        setup.acknowledge(key, actor=actor)


def test_a_muted_alert_is_told_of_when_it_is_heard_again(happen, at, actor, staff, mongo):
    key = setup.create(actor, **LOGINS, people=[str(staff("editor").pk)]).id
    happen(*(NOON - timedelta(minutes=20, seconds=each) for each in range(3)))
    setup.mute(key, None, actor=actor)
    at(NOON)
    assert (alert(key).state, alert(key).is_muted_for_good) == ("firing", True)
    assert not mongo.analytics_outbox.count_documents({})
    setup.unmute(key, actor=actor)
    at(NOON)
    assert mongo.analytics_outbox.count_documents({}) == 1
    mongo.analytics_alerts.insert_one({"_id": "broken", "name": "x", "is_active": True})
    assert at(NOON) == 2
    assert mongo.analytics_alert_states.find_one({"_id": "broken"})["error"] == "KeyError"


def test_it_fires_and_is_over_after_so_many_in_a_row_and_no_data_is_neither():
    standing, kinds = Standing(), []
    for number, outcome in enumerate("b bb g b n n n b g n g g g".replace(" ", "")):
        told = {"b": "bad", "g": "good", "n": "none"}[outcome]
        standing, kind = after(standing, told, NOON + number * HOUR, number, need=2)
        kinds.append(kind)
        assert bool(standing.episode) == ("fired" in kinds and "over" not in kinds)
    assert kinds == ["", "fired", "", "", "", "", "no_data", "", "", "", "", "", "over", ""]


def test_little_of_a_share_or_a_latency_is_told_of_by_nobody(happen):
    happen(NOON - 3 * DAY)
    half = [NOON - timedelta(minutes=15 + each) for each in range(6)]
    happen(*half[:2], event_type="generation_completed", latency_ms=900)
    happen(*half[2:], event_type="generation_failed", latency_ms=900)
    for metric, condition, number in (
        ("success_rate", "below", 50.0),
        ("latency_p95", "above", 1.0),
        ("latency_mean", "above", 1.0),
    ):
        asked = {"name": "A", "metric": metric, "condition": condition, "number": number}
        for least, outcome in ((6.0, "bad"), (7.0, "good")):
            rule = setup.draft(**asked, lasting="hours", least=least)
            ended = windows.ending("hours", NOON - HOUR, NOON, ZoneInfo("UTC"))
            [seen] = looks(rule, ended, ZoneInfo("UTC"))
            assert (seen.reading.volume, seen.judged.outcome) == (6, outcome), metric


def test_an_alert_is_tried_set_changed_and_deleted_on_its_pages(happen, at, client_for, mongo):
    happen(*(NOON - timedelta(minutes=20, seconds=each) for each in range(3)))
    at(NOON)
    editor = client_for("editor")
    asked = editor.get("/analytics/explore/?metric=logins&plan=free").content.decode()
    assert "/analytics/alerts/new/?metric=logins&amp;plan=free" in asked
    form = editor.get("/analytics/alerts/new/?metric=logins&plan=free").content.decode()
    assert 'value="logins" selected' in form
    values = {**LOGINS, "weeks": 8, "in_row": 1, "least": 0, "is_active": "on"}
    tried = editor.post("/analytics/alerts/new/", {**values, "try": "1"}).content.decode()
    assert "It would have fired 1 time in the last 30 days" in tried
    assert not mongo.analytics_alerts.count_documents({})
    bad = editor.post("/analytics/alerts/new/", {**values, "metric": "dau"})
    assert (bad.status_code, "Choose days" in bad.content.decode()) == (422, True)
    assert editor.post("/analytics/alerts/new/", values).status_code == 302
    [row] = mongo.analytics_alerts.find()
    at(NOON)
    viewer, url = client_for("viewer"), f"/analytics/alerts/{row['_id']}/"
    for path in ("/analytics/", "/analytics/alerts/", url):
        page = viewer.get(path).content.decode()
        assert "Firing" in page or "1 alert fires" in page
        assert "Acknowledge" not in page
    assert "the worker is behind" not in page
    at(NOON + timedelta(minutes=20), caught_up=False)
    assert "the worker is behind" in viewer.get("/analytics/alerts/").content.decode()
    editor.post(f"{url}seen/")
    editor.post(f"{url}mute/", {"until": "24"})
    page = editor.get(url).content.decode()
    assert "Acknowledged by" in page
    assert "Muted" in page
    edited = {**values, "number": "7", "revision": row["revision"]}
    assert editor.post(f"{url}edit/", edited).status_code == 302
    assert editor.post(f"{url}edit/", edited | {"number": "8"}).status_code == 422
    assert editor.post(f"{url}delete/", {"revision": row["revision"] + 1}).status_code == 302
    assert editor.get(url).status_code == 404
    [gone] = mongo.audit_log.find({"action": "alert.delete"})
    assert editor.post(f"/audit/{gone['_id']}/undo/").status_code in (200, 302)
    assert editor.get(url).status_code == 200
