"""Issues put off: woken by the clock, by the customer, or by somebody who takes them up again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from devora_admin.core import chores, clock
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import audit, undo
from devora_admin.support.forms.snooze import times
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, merging, snoozing, writing
from devora_admin.support.services.changing import ChangedSince

HOUR = timedelta(hours=1)


@pytest.fixture
def snoozed(opened, actor):
    """snoozed() → the number of an issue that sleeps for an hour."""

    def make(**more):
        number = opened(**more)
        snoozing.snooze(number, clock.now() + HOUR, seen=issue(number).revision, actor=actor)
        return number

    return make


def past(mongo, *numbers):
    """As if the time had come."""
    due = {"$set": {"wake_at": clock.now() - HOUR}}
    mongo.support_issues.update_many({"number": {"$in": numbers}}, due)


def test_it_waits_on_hold_until_the_time_has_come(snoozed, mongo):
    number, other = snoozed(), snoozed()
    assert (issue(number).status, snoozing.wake_due()) == ("on_hold", 0)
    past(mongo, number)
    chores.Rota().run_due()
    assert (issue(number).status, issue(number).wake_at) == ("open", None)
    assert issue(other).status == "on_hold"
    [line, *_] = history_of(number).rows
    assert (line.row.action, line.row.actor_id) == ("issue.wake", audit.SYSTEM.id)
    assert snoozing.wake_due() == 0


def test_workers_that_wake_at_once_wake_each_issue_once(snoozed, mongo):
    numbers = [snoozed() for _ in range(6)]
    past(mongo, *numbers)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: snoozing.wake_due(), range(4)))
    snoozing.wake_due()
    assert [issue(number).status for number in numbers] == ["open"] * 6
    assert mongo.audit_log.count_documents({"action": "issue.wake"}) == 6


def test_what_was_put_off_further_since_it_was_found_sleeps_on(snoozed):
    number = snoozed()
    assert not snoozing.wake_if_due(number)
    assert issue(number).status == "on_hold"


def test_what_is_due_is_found_by_its_index(snoozed, mongo):
    snoozed()
    found = mongo.support_issues.find({"wake_at": {"$lte": clock.now()}}, {"number": 1})
    plan = found.sort([("wake_at", 1), ("number", 1)]).explain()["queryPlanner"]["winningPlan"]
    assert plan["inputStage"]["inputStage"]["indexName"] == "wake"


def test_the_customers_reply_wakes_it_at_once(snoozed, actor):
    number = snoozed()
    writing.customer_replied(number, "Any news?", actor=actor)
    assert (issue(number).status, issue(number).wake_at) == ("open", None)


def test_on_hold_without_a_time_stays_so_when_the_customer_writes(opened, actor):
    number = opened()
    fields.set_status(number, "on_hold", seen=1, actor=actor)
    writing.customer_replied(number, "Any news?", actor=actor)
    assert issue(number).status == "on_hold"


@pytest.mark.parametrize("status", ["open", "pending", "resolved", "closed"])
def test_any_other_status_ends_it(snoozed, actor, status):
    number = snoozed()
    done = fields.set_status(number, status, seen=issue(number).revision, actor=actor)
    assert issue(number).wake_at is None
    undo.perform(done.row_id, actor=actor)
    assert issue(number).wake_at is not None


def test_a_reply_with_a_status_ends_it(snoozed, actor):
    number = snoozed()
    seen = issue(number)
    writing.reply(number, "Done", seen=1, revision=seen.revision, status="resolved", actor=actor)
    assert issue(number).wake_at is None


def test_it_is_refused_where_somebody_wrote_since(opened, actor):
    number = opened()
    seen = issue(number).revision
    writing.customer_replied(number, "Wait", actor=actor)
    with pytest.raises(ChangedSince):
        snoozing.snooze(number, clock.now() + HOUR, seen=seen, actor=actor)


@pytest.mark.parametrize("at", [-HOUR, timedelta(days=400)])
def test_a_time_that_is_past_or_too_far_away_is_refused(opened, actor, at):
    with pytest.raises(InvalidInput) as refused:
        snoozing.snooze(opened(), clock.now() + at, seen=1, actor=actor)
    assert refused.value.field == "at"


def test_what_is_over_is_not_snoozed(opened, actor):
    number = opened()
    done = fields.set_status(number, "closed", seen=1, actor=actor)
    with pytest.raises(Conflict, match="Reopen it"):
        snoozing.snooze(number, clock.now() + HOUR, seen=done.revision, actor=actor)


def test_a_merge_that_is_undone_leaves_it_snoozed(opened, snoozed, actor):
    kept, absorbed = opened(), snoozed()
    seen = {"seen": issue(kept).revision, "absorbed_seen": issue(absorbed).revision}
    done = merging.merge_issues(kept, absorbed, **seen, actor=actor)
    assert issue(absorbed).wake_at is None
    undo.perform(done.row_id, actor=actor)
    assert (issue(absorbed).status, issue(absorbed).wake_at is None) == ("on_hold", False)


def test_the_dialog_snoozes_and_offers_to_take_it_back(client_for, opened, actor):
    number, client = opened(), client_for("support")
    address = f"/support/{number}/snooze/"
    assert "Tomorrow, 09:00" in client.get(address).content.decode()
    answer = client.post(address, {"until": "tomorrow", "revision": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"/support/{number}/")
    assert issue(number).wake_at == times()["tomorrow"]
    [line, *_] = history_of(number).rows
    assert client.post(f"/audit/{line.row.id}/undo/").status_code == 302
    assert (issue(number).status, issue(number).wake_at) == ("open", None)


def test_until_the_customer_replies_is_to_wait_for_them(client_for, opened, actor):
    number = opened()
    data = {"until": "customer", "revision": "1"}
    assert client_for("support").post(f"/support/{number}/snooze/", data).status_code == 302
    assert (issue(number).status, issue(number).wake_at) == ("pending", None)
    writing.customer_replied(number, "Here it is", actor=actor)
    assert issue(number).status == "open"


def test_a_time_of_ones_own_is_asked_for(client_for, opened):
    number, client = opened(), client_for("support")
    address = f"/support/{number}/snooze/"
    assert client.post(address, {"until": "at", "revision": "1"}).status_code == 422
    at = timezone.localtime(clock.now() + 5 * HOUR).replace(second=0, microsecond=0)
    data = {"until": "at", "at": f"{at:%Y-%m-%dT%H:%M}", "revision": "1"}
    assert client.post(address, data).status_code == 302
    assert issue(number).wake_at == at


def test_it_is_woken_by_hand_once(client_for, snoozed):
    number, client = snoozed(), client_for("support")
    address, seen = f"/support/{number}/wake/", {"revision": issue(number).revision}
    assert client.post(address, {"revision": "1"}).status_code == 409
    assert client.post(address, seen).status_code == 302
    assert issue(number).status == "open"
    assert client.post(address, {"revision": issue(number).revision}).status_code == 409


def test_morning_is_nine_in_the_zone_of_the_reader(monkeypatch):
    zone = ZoneInfo("America/New_York")
    friday = datetime(2026, 3, 6, 22, 30, tzinfo=zone)
    monkeypatch.setattr(clock, "now", lambda: friday.astimezone(ZoneInfo("UTC")))
    with timezone.override(zone):
        found = times()
    assert f"{found['tomorrow']:%a %d %H:%M %z}" == "Sat 07 09:00 -0500"
    assert f"{found['monday']:%a %d %H:%M %z}" == "Mon 09 09:00 -0400"  # the clocks have changed


@pytest.mark.parametrize("day", ["2026-10-25T00:30+02:00", "2026-03-29T01:30+01:00"])
def test_in_three_hours_is_in_three_hours_where_clocks_are_changed(monkeypatch, day):
    now = datetime.fromisoformat(day)
    monkeypatch.setattr(clock, "now", lambda: now)
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert times()["later"] - now == timedelta(hours=3)


def test_a_wake_up_that_is_due_is_not_taken_back(snoozed, actor, mongo):
    number = snoozed()
    mongo.support_issues.update_one(
        {"number": number}, {"$set": {"wake_at": clock.now() - timedelta(minutes=1)}}
    )
    snoozing.wake_due()
    [line, *_] = history_of(number).rows
    with pytest.raises(Conflict, match="has come"):
        undo.perform(line.row.id, actor=actor)
    assert issue(number).status == "open"


def test_a_snoozed_one_says_so_at_its_head_and_in_the_list_and_the_next_opens(
    client_for, opened, actor
):
    client = client_for("support")
    number, other = opened(), opened()
    client.get("/support/?view=all")
    body = {"until": "tomorrow", "revision": "1"}
    answer = client.post(f"/support/{other}/snooze/", body)
    assert answer["Location"] == f"/support/{number}/"
    head = client.get(f"/support/{other}/").content.decode().partition('id="issue-head"')[2][:3000]
    assert "Snoozed until" in head
    assert "Wake now" in head
    assert "(snoozed)" in client.get("/support/?view=waiting").content.decode()
