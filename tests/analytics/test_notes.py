"""What charts mark: noted by people, told by programs, and known to the audit log."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from devora_admin.analytics.charts.chart import Note, placed
from devora_admin.analytics.notes import deploys, marks
from devora_admin.analytics.rollups.counting import count
from devora_admin.api import clients
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.staff import audit
from devora_admin.users import holdings
from devora_admin.users.marks import Marks
from tests.support.test_api import problem

PAGES = ("/analytics/", "/analytics/customers/", "/analytics/explore/?metric=signups")


@pytest.fixture
def event(mongo):
    """So that there is a chart."""
    mongo.analytics_events.insert_one(
        {"_id": 1, "event_type": "signup", "user_id": "u", "timestamp": clock.now()}
    )
    core_mongo.run_in_transaction(lambda session: count([1], session))


def local(moment):
    return moment.strftime("%Y-%m-%dT%H:%M")


def told(html):
    """Of the first chart that has notes."""
    found = re.search(r'<ul class="chart-notes">(.*?)</ul>', html, re.S)
    return [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<li[^>]*>(.*?)</li>",
            found.group(1) if found else "", re.S)]  # fmt: skip


def test_a_note_is_added_edited_deleted_and_put_back(client_for, mongo, event):
    client = client_for("editor")
    add = "/analytics/notes/add/?next=/analytics/explore/"
    text = "Campaign <b>began</b>"
    for fault in ({"url": "javascript:alert(1)"}, {"url": "//evil.example/"}, {"text": " "},
                  {"at": "1970-01-01T00:00"}, {"at": "soon"}):  # fmt: skip
        given = {"at": local(clock.now()), "text": text, **fault}
        assert client.post(add, given).status_code == 422, fault
    given = {"at": local(clock.now()), "text": text, "url": "https://example.com/?a=1&b=2"}
    done = client.post(add, given)
    assert done["Location"] == "/analytics/explore/"
    for path in PAGES:
        html = client.get(path).content.decode()
        assert len(told(html)) == 1, path
        assert "Campaign &lt;b&gt;began&lt;/b&gt;" in told(html)[0]
        assert 'href="https://example.com/?a=1&amp;b=2"' in html
    row = mongo.analytics_notes.find_one()
    url = f"/analytics/notes/{row['_id']}/"
    assert client.post(url, {**given, "text": "Later", "revision": 1}).status_code == 302
    holding = next(each for each in holdings.registered() if each.name == "chart-notes")
    key = "5f0c2c1e-7a52-4d6a-9e3a-2f6d1a1b0c9d"
    ann = Marks((key,), emails=frozenset({"ann@example.org"}), names=frozenset({"Later"}))
    about = {"at": clock.now(), "kind": "notes", "url": ""}
    mongo.analytics_notes.insert_many(
        [{**about, "_id": "a", "text": "For Ann@example.org"},
         {**about, "_id": "b", "text": "Moved", "url": f"/users/{key}/"}]
    )  # fmt: skip
    assert holding.count(ann) == 2
    for step in holding.erase(ann):
        core_mongo.run_in_transaction(step)
    assert [each["text"] for each in mongo.analytics_notes.find()] == ["Later"]
    late = client.post(url, {**given, "text": "Lost?", "revision": 1})
    assert late.status_code == 409
    assert "Lost?" in late.content.decode()
    assert client.post(f"{url}delete/", {"revision": 1}).status_code == 409
    assert client.post(f"{url}delete/", {"revision": 2}).status_code == 302
    assert not told(client.get(PAGES[0]).content.decode())
    gone = mongo.audit_log.find_one({"action": "chart_note.delete"})
    assert client.post(f"/audit/{gone['_id']}/undo/").status_code == 302
    html = client.get("/analytics/notes/").content.decode()
    assert "Later" in html
    assert "Delete" not in client_for("viewer").get("/analytics/notes/").content.decode()


def test_a_program_tells_of_a_deploy_once(client_for, mongo, actor, event):
    _, token = clients.create_client("Platform", scopes=["deploys.write"], actor=actor)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)

    def tell(**body):
        return client.post("/api/deploys/", body, content_type="application/json",
                           headers={"Authorization": f"Bearer {token}"})  # fmt: skip

    done = tell(version="2.14.0/x", url="https://example.com/2.14")
    assert (done.status_code, done.json()["verdict"]) == (201, "noted")
    again = tell(version="2.14.0/x")
    assert (again.status_code, again.json()["verdict"]) == (200, "known")
    ago = (clock.now() - timedelta(days=2)).isoformat()
    assert tell(version="2.14.0/x", deploy_id="back", at=ago).status_code == 201
    problem(tell(version="3", url="javascript:alert(1)"), 422)
    problem(tell(version="3", at=(clock.now() + timedelta(hours=1)).isoformat()), 422)
    problem(tell(version="3", at="2010-01-01T00:00:00Z"), 422)
    assert deploys.note_version()
    assert not deploys.note_version()
    page = client_for("viewer").get(PAGES[0]).content.decode()
    lines = sorted(line.partition(": ")[2] for line in told(page))
    assert lines[:2] == ["Deployed 2.14.0/x"] * 2
    assert lines[2].startswith("Devora Admin ")
    assert mongo.audit_log.count_documents({"action": "chart_note.deploy"}) == 2
    own = mongo.analytics_notes.find_one({"source": "self"})
    edit = client_for("editor").post(
        f"/analytics/notes/{own['_id']}/delete/", {"revision": own["revision"]}
    )
    assert edit.status_code == 403


def test_the_audit_log_is_told_in_sums_to_who_may_read_it_and_each_kind_can_be_hidden(
    client_for, actor, event, monkeypatch
):
    def record(action, kind="customer", number=0):
        subject = audit.Subject(kind, f"id-{number}", "Secret Name")
        audit.record(action, actor=actor, subject=subject)

    record("rule.edit", "rule")
    for number in range(6):
        record("users.suspend", number=number)
    for number in range(4):
        record("users.plan", number=number)
    record("users.erase")
    record("issue.reply", "issue")
    admin = client_for("admin")
    html = admin.get(PAGES[0]).content.decode()
    lines = sorted(line.partition(": ")[2] for line in told(html))
    assert lines == ["Changed a rule", "Erased the customer", "Suspended 6 customers"]
    assert "Secret Name" not in html
    [link] = set(re.findall(r'href="(/audit/\?action=users.suspend[^"]*)"', html))
    listed = admin.get(link.replace("&amp;", "&"))
    assert listed.content.decode().count("Suspended the customer") >= 6
    for role in ("viewer", "editor"):
        page = client_for(role).get(PAGES[0]).content.decode()
        assert not told(page)
        assert "Staff actions" not in page
    less = admin.get("/analytics/?hide=actions&days=7").content.decode()
    assert [line.partition(": ")[2] for line in told(less)] == ["Changed a rule"]
    assert 'name="hide" value="actions"' in less
    assert "hide=actions%2Csettings" in less
    assert "explore/?metric=signups&amp;days=7&amp;hide=actions" in less
    monkeypatch.setattr(marks, "MOST", 1)
    few = admin.get(PAGES[0]).content.decode()
    assert [line.partition(": ")[2] for line in told(few)] == ["Changed a rule"]
    assert "2 more are left out" in few


def test_the_usual_time_is_marked_also_where_its_days_were_named(client_for, mongo):
    today = clock.now().date()
    client = client_for("viewer")
    for query, marked in (
        ("", "Last 30 days"), ("days=7", "Last 7 days"), ("days=8", ""),
        (f"first={today - timedelta(days=89)}&last={today}", "Last 90 days"),
        (f"first={today - timedelta(days=90)}&last={today - timedelta(days=1)}", ""),
    ):  # fmt: skip
        html = client.get(f"/analytics/?{query}").content.decode()
        found = re.findall(r'aria-current="page">(Last[^<]*)<', html)
        assert found == ([marked] if marked else []), query


def test_a_mark_in_an_hour_that_comes_twice_is_in_the_right_one():
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 24, 22, tzinfo=UTC)
    hours = [(first + timedelta(hours=each)).astimezone(zone) for each in range(25)]
    found = placed([Note(first + timedelta(hours=each, minutes=30), "") for each in (2, 3)], hours)
    assert [column for column, _ in found] == [2, 3]
    assert hours[2].replace(fold=0) == hours[3].replace(fold=0)
