"""Errors that rise: suggested once until it was quiet, opened for the platform or for each."""

import pytest

from devora_admin.core import clock
from devora_admin.core.errors import Conflict
from devora_admin.staff import undo
from devora_admin.support.queries.thread import thread
from devora_admin.support.suggestions import deciding, queries, spiking
from tests.support.suggested import URL, only, rise, run_jobs, wanted


def test_a_rise_is_one_suggestion_until_it_was_quiet_for_a_day(
    make_customer, client_for, mongo, actor, monkeypatch
):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    people = [make_customer()["id"] for _ in range(4)]
    spiking.note(rise(*people[:3]))
    spiking.note(rise(*people[1:], count=20))
    found = only()
    assert (found.count, found.customers, found.hourly) == (20, 4, (20, 20, 20))
    number = deciding.open_one(found.id, wanted(), actor=actor).number
    client = client_for("support")
    assert "20 times, 4 customers" in client.get(f"/support/{number}/").content.decode()
    mongo.support_suggestions.update_one({}, {"$set": {"state": "new"}})
    first = deciding.dismiss(found.id, "small", actor=actor)
    spiking.note(rise(*people, count=30))
    assert queries.suggestions_page().rows == []
    old = clock.now() - 2 * spiking.QUIET
    mongo.support_suggestions.update_one({}, {"$set": {"last_at": old}})
    spiking.note(rise(*people, is_rising=False))
    assert queries.suggestions_page().rows == []
    mongo.support_suggestions.update_one({}, {"$set": {"last_at": old}})
    monkeypatch.setattr(spiking, "_AT_ONCE", 2)
    spiking.note(rise(people[0]))
    assert only().customers == 1
    assert mongo.support_suggestion_customers.count_documents({}) == 1
    shown = client.get(f"/support/{number}/").content.decode()
    assert "It has risen again since." in shown
    assert "1 customer," not in shown
    deciding.dismiss(found.id, "small", actor=actor)
    with pytest.raises(Conflict):
        undo.perform(first, actor=actor)
    assert queries.one(found.id).state == "dismissed"


def test_a_rise_becomes_one_issue_of_the_platform_that_nobody_is_replied_to(
    make_customer, client_for, actor
):
    people = [make_customer(name=f"Hit {n}")["id"] for n in range(3)]
    spiking.note(rise(*people))
    client, name = client_for("support"), only().id
    page = client.get(f"{URL}{name}/").content.decode()
    assert all(f"Hit {n}" in page for n in range(3))
    form = {"whom": "platform", "subject": "Deploys", "text": "See", "priority": "high", "tags": ""}
    number = int(client.post(f"{URL}{name}/open/", form)["Location"].split("/")[2])
    shown = client.get(f"/support/{number}/").content.decode()
    assert "The platform" in shown
    assert f"{URL}{name}/" in shown
    assert b"The platform" in client.get("/support/?view=all").content
    said = client.post(
        f"/support/{number}/reply/", {"text": "Hi", "seen": "1", "revision": "1", "draft": "0"}
    )
    assert said.status_code == 409
    assert thread(number)[0].kind == "note"


def test_a_rise_becomes_an_issue_for_each_customer(make_customer, client_for, mongo):
    people = [make_customer()["id"] for _ in range(3)]
    spiking.note(rise(*people))
    client, name = client_for("support"), only().id
    form = {"whom": "each", "subject": "Deploys", "text": "See", "priority": "low", "tags": ""}
    assert client.post(f"{URL}{name}/open/", form)["Location"].startswith("/jobs/")
    run_jobs()
    assert sorted(row["user_id"] for row in mongo.support_issues.find()) == sorted(people)
    assert queries.one(name).issues == 3
    mongo.jobs.update_many({}, {"$set": {"state": "waiting", "cursor": None}})
    run_jobs()
    assert mongo.support_issues.count_documents({}) == 3
    assert b"Open the rest" not in client.get(f"{URL}{name}/").content
    late = make_customer()["id"]
    spiking.note(rise(*people, late))
    assert b"Open the rest" in client.get(f"{URL}{name}/").content
    assert "who has none yet" in client.get(f"{URL}{name}/open/").content.decode()
    for _ in range(2):  # the second while the job waits
        assert client.post(f"{URL}{name}/open/", form).status_code == 302
    assert mongo.jobs.count_documents({"state": "waiting"}) == 1
    run_jobs()
    assert sorted(row["user_id"] for row in mongo.support_issues.find()) == sorted([*people, late])
    assert queries.one(name).issues == 4
