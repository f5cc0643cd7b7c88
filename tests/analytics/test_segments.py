"""Groups behind a point kept under a name, and issues opened of them."""

import re
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest

from devora_admin.analytics.documents import EVENTS
from devora_admin.analytics.points import Point
from devora_admin.analytics.rollups.counting import count
from devora_admin.analytics.segments.documents import members, segments
from devora_admin.core import clock, job_runner, jobs
from devora_admin.core import mongo as core_mongo
from devora_admin.core.listing import groups
from devora_admin.users import holdings, ownership
from devora_admin.users.marks import Marks
from tests import factories

NEW, ISSUE = "/analytics/segments/new/", "/analytics/segments/issue/"


def happened(number, customer, project):
    row = {"_id": number, "event_type": "deploy", "user_id": customer["id"],
           "project_id": project["id"], "timestamp": clock.now(), "properties": {}}  # fmt: skip
    core_mongo.database()[EVENTS].insert_one(row)
    core_mongo.run_in_transaction(lambda session: count([number], session))


@pytest.fixture
def behind(mongo):
    """Two customers with a project each, behind a point of today; a third comes later."""
    customers = [factories.insert(mongo.users, factories.customer()) for _ in range(3)]
    projects = [
        factories.insert(mongo.projects, factories.project(user_id=each["id"]))
        for each in customers
    ]
    for number in (0, 1):
        happened(number, customers[number], projects[number])
    return customers, projects


@pytest.fixture
def point():
    today = clock.now().date()
    return Point(today, today, ("deploy",)).key


def asked(of, key):
    return urlencode({"of": of, "group": key})


def saved(client, of, key, **fields):
    page = client.post(f"{NEW}?{asked(of, key)}", fields)
    assert page.status_code == 302, page.content.decode()
    return segments().find_one({"name": fields["name"]})


def listed(client, of, key, rows):
    url = {"customers": "/users/", "projects": "/projects/"}[of]
    page = client.get(url, {"group": key})
    assert page.status_code == 200
    html = page.content.decode()
    return [row["id"] in html for row in rows]


def test_a_segment_of_the_last_days_is_of_other_days_tomorrow(
    client_for, behind, point, monkeypatch
):
    client = client_for("support")
    row = saved(client, "customers", point, name="Deploys today", keeps="rolling")
    key = f"segment:{row['_id']}"
    assert row["key"] == "did:types=deploy&days=1"
    assert "deploy, today" in client.get("/analytics/segments/").content.decode()
    assert listed(client, "customers", key, behind[0]) == [True, True, False]
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    client = client_for("support")
    assert listed(client, "customers", key, behind[0]) == [False, False, False]
    for days in ("0", "-1", "99999", "9" * 30):
        assert client.get("/users/", {"group": f"did:days={days}"}).status_code == 422


@pytest.mark.parametrize("of", ["customers", "projects"])
def test_a_segment_lives_on_or_stays_as_it_was(client_for, behind, point, of):
    client = client_for("support")
    rows = behind[0] if of == "customers" else behind[1]
    live = saved(client, of, point, name="Who deploys", keeps="live")
    fixed = saved(client, of, point, name="Who deployed", keeps="fixed")
    happened(2, behind[0][2], behind[1][2])
    assert listed(client, of, f"segment:{live['_id']}", rows) == [True, True, True]
    assert listed(client, of, f"segment:{fixed['_id']}", rows) == [True, True, False]
    html = client.get("/analytics/segments/").content.decode()
    assert f"2 {of}, as saved" in html
    assert "Who deploys" in html
    assert "Who deploys" not in client_for("editor").get("/analytics/segments/").content.decode()
    other = {"customers": "/projects/", "projects": "/users/"}[of]
    assert client.get(other, {"group": f"segment:{live['_id']}"}).status_code == 422


def test_a_segment_is_changed_on_what_was_seen_and_taken_back(client_for, behind, point, mongo):
    client, viewer = client_for("support"), client_for("viewer")
    row = saved(client, "customers", point, name="Old", keeps="fixed")
    url = f"/analytics/segments/{row['_id']}/"
    assert client.post(url, {"name": "New", "revision": 9}).status_code == 409
    assert client.post(url, {"name": "New", "revision": 1}).status_code == 302
    assert client.post(url, {"name": " ", "revision": 2}).status_code == 422
    assert client_for("editor").post(url, {"name": "Mine", "revision": 2}).status_code == 404
    assert viewer.post(url, {"name": "Mine", "revision": 2}).status_code == 403
    assert client.post(f"{url}delete/", {"revision": 2}).status_code == 302
    key = f"segment:{row['_id']}"
    assert client.get("/users/", {"group": key}).status_code == 422
    undo = mongo.audit_log.find_one({"action": "segment.delete"})["_id"]
    assert client.post(f"/audit/{undo}/undo/").status_code == 302
    assert listed(client, "customers", key, behind[0]) == [True, True, False]
    assert segments().find_one()["name"] == "New"


def test_only_who_manages_analytics_shares(client_for, behind, point):
    page = client_for("support").post(
        f"{NEW}?{asked('customers', point)}", {"name": "Ours", "keeps": "live", "is_shared": "on"}
    )
    assert page.status_code == 302
    assert segments().find_one()["owner_id"]
    row = saved(client_for("editor"), "customers", point, name="All", keeps="live", is_shared="on")
    assert row["owner_id"] == ""
    assert "All" in client_for("viewer").get("/analytics/segments/").content.decode()
    url = f"/analytics/segments/{row['_id']}/"
    assert client_for("support").post(url, {"name": "Mine", "revision": 1}).status_code == 403


def test_who_is_erased_or_merged_is_so_in_segments(client_for, behind, point):
    client = client_for("support")
    (ada, bob, cyd), _ = behind
    row = saved(client, "customers", point, name="Fixed", keeps="fixed")
    owned = next(each for each in ownership.every() if each.name == "segments")
    members().update_one({owned.field: ada["id"]}, {"$set": {owned.field: cyd["id"]}})
    assert listed(client, "customers", f"segment:{row['_id']}", behind[0]) == [False, True, True]
    holding = next(each for each in holdings.registered() if each.name == "segments")
    for step in holding.erase(Marks((bob["id"],))):
        core_mongo.run_in_transaction(step)
    assert holding.count(Marks((bob["id"],))) == 0
    assert listed(client, "customers", f"segment:{row['_id']}", behind[0]) == [False, False, True]


@pytest.mark.parametrize(
    "query",
    [
        "", "of=customers", "of=staff&group=did:x", "of=customers&group=did:x",
        "of=projects&group=segment:none",
    ],
)  # fmt: skip
def test_what_is_no_group_is_refused(client_for, mongo, query):
    for url in (NEW, ISSUE):
        assert client_for("support").get(f"{url}?{query}").status_code == 422


def test_an_issue_is_opened_of_a_point_once(client_for, behind, point, mongo):
    client = client_for("support")
    html = client.get(f"/users/?{urlencode({'group': point})}").content.decode()
    links = [
        each.replace("&amp;", "&")
        for each in re.findall(r'class="btn" href="(/analytics/seg[^"]*)"', html)
    ]
    assert [urlsplit(each).path for each in links] == [NEW, ISSUE]
    page = client.get(links[1]).content.decode()
    note = re.search(r"<textarea[^>]*>([^<]*)<", page)[1].replace("&amp;", "&")
    assert "2 customers: deploy, " in note
    for told in re.findall(r"https?://[^/]+(/\S+)", note):
        assert client.get(told).status_code == 200, told
    values = {
        "whom": "platform", "subject": "Deploys", "text": note, "priority": "high",
        "tags": "chart", "asked": re.search(r'name="asked" value="([^"]*)"', page)[1],
    }  # fmt: skip
    for _ in range(2):
        assert client.post(links[1], values).status_code == 302
    (issue,) = mongo.support_issues.find()
    assert issue["source"]["kind"] == "chart"
    assert issue["user_id"] == ""
    assert "from a chart" in client.get(f"/support/{issue['number']}/").content.decode()
    viewer = client_for("viewer")
    assert "/analytics/segments/new" not in viewer.get("/users/", {"group": point}).content.decode()
    assert viewer.get(links[1]).status_code == 403


def test_each_customer_of_a_group_gets_an_issue(client_for, behind, point, mongo, monkeypatch):
    client = client_for("support")
    url = f"{ISSUE}?{asked('customers', point)}"
    values = {"whom": "each", "subject": "Deploys", "text": "Look", "priority": "normal",
              "tags": "", "asked": "0" * 32}  # fmt: skip
    monkeypatch.setattr(groups, "MOST", 1)
    assert client.post(url, values).status_code == 422
    monkeypatch.undo()
    page = client.post(url, values)
    assert page.status_code == 302
    while job_runner.run_next("test"):
        pass
    job = jobs.find(page["Location"].split("/")[2])
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert {row["user_id"] for row in mongo.support_issues.find()} == {
        each["id"] for each in behind[0][:2]
    }
