"""Boards: what is saved to them, who sees and changes them, and two who do at once."""

import re

import pytest

from devora_admin.analytics.boards import setup
from devora_admin.analytics.rollups.counting import count
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo

SAVE = "/analytics/boards/save/"


@pytest.fixture
def event(mongo):
    """So that there is a chart."""
    mongo.analytics_events.insert_one(
        {"_id": 1, "event_type": "signup", "user_id": "u", "timestamp": clock.now()}
    )
    core_mongo.run_in_transaction(lambda session: count([1], session))


@pytest.fixture
def eve(client_for):
    return client_for("editor")


@pytest.fixture
def vic(client_for):
    return client_for("viewer")


def saved(client, query="metric=signups&kind=bar&hide=notes", **given):
    """The address of the board that the chart went to."""
    answer = client.post(f"{SAVE}?{query}", {"name": "Growth", "title": "", **given})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer["Location"]


def titles(client, url):
    html = client.get(url).content.decode()
    return re.findall(r'<h2 class="card-title" id="[^"]*"[^>]*>([^<]*)<', html)


def stored(mongo):
    return mongo.analytics_boards.find_one()


def test_charts_are_saved_from_explore_with_their_days_as_they_were_asked(mongo, eve, event):
    url = saved(eve)
    given = {"board": url.split("/")[-2], "title": "<i>Mine</i>"}
    assert saved(eve, "first=2026-01-05&last=2026-01-09&by=plan", **given) == url
    assert [each["query"] for each in stored(mongo)["charts"]] == [
        "metric=signups&kind=bar&days=30",
        "metric=events&by=plan&kind=line&first=2026-01-05&last=2026-01-09",
    ]
    assert titles(eve, url) == ["Sign-ups", "&lt;i&gt;Mine&lt;/i&gt;"]
    html = eve.get(url).content.decode()
    assert re.search(r"<td><a href=[^>]*>1</a></td>", html)
    assert "/analytics/explore/explored.csv?metric=signups" in html
    csv = re.search(r'href="([^"]*explored.csv[^"]*)"', html).group(1).replace("&amp;", "&")
    assert b"Sign-ups" in b"".join(eve.get(csv).streaming_content)
    week = eve.get(f"{url}?days=7").content.decode()
    assert len(re.findall(r"explored.csv\?metric[^\"]*days=7", week)) == 2
    assert "first=2026-01-05" not in week
    for page, marked in ((html, False), (week, True)):
        assert ('aria-current="page">Last' in page) is marked
    assert eve.post(f"{SAVE}?metric=nothing", {"name": "x"}).status_code == 422
    assert eve.post(f"{SAVE}?metric=signups", {"name": " "}).status_code == 422


def test_a_board_comes_in_parts_and_has_room_for_so_many(mongo, actor, eve, event):
    charts = [setup.a_chart(f"Chart {number}", "metric=signups") for number in range(23)]
    charts[1]["query"] = "metric=gone"
    charts[2]["query"] = "metric=latency_p95&by=model&plan=pro"
    url = f"/analytics/boards/{setup.create(actor, name='Many', is_shared=True, charts=charts).id}/"
    assert titles(eve, url) == ["Chart 0", "Chart 1", "Chart 2", "Chart 3"]
    html = eve.get(url).content.decode()
    assert "There is no such metric" in html
    seen, more = [], re.search(r'hx-get="([^"]*after=4[^"]*)"', html).group(1)
    while more:
        part = eve.get(more.replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        seen += re.findall(r'title">(Chart \d+)<', part)
        found = re.search(r'hx-get="([^"]*)" hx-trigger="intersect once"', part)
        more = found.group(1) if found else ""
    assert seen == [f"Chart {number}" for number in range(4, 23)]
    assert len(titles(eve, f"{url}?all=1")) == 23
    assert eve.get(f"{url}charts/?after=4")["Location"] == f"{url}?all=1"
    board_id = url.split("/")[-2]
    assert saved(eve, board=board_id) == url
    full = eve.post(f"{SAVE}?metric=signups", {"board": board_id})
    assert full.status_code == 422
    assert "has 24 charts" in full.content.decode()


def test_ones_own_board_is_ones_own_and_only_who_manages_shares(mongo, eve, vic, client_for):
    own = saved(vic)
    assert eve.get(own).status_code == 404
    assert eve.post(f"{own}copy/").status_code == 404
    vic.post(f"{own}edit/", {"name": "Mine", "is_shared": "on", "revision": 1})
    assert stored(mongo)["name"] == "Mine"
    assert stored(mongo)["is_shared"] is False
    shared = saved(eve, name="Team's")
    row = mongo.analytics_boards.find_one({"name": "Team's"})
    shared_once = {"name": "Team's", "is_shared": "on", "revision": 1}
    assert eve.post(f"{shared}edit/", shared_once).status_code == 302
    listed = vic.get("/analytics/boards/").content.decode()
    assert "Team&#x27;s" in listed
    assert "Mine" in listed
    assert vic.get(shared).status_code == 200
    for path in ("edit/", "delete/", f"{row['charts'][0]['id']}/remove/"):
        assert vic.post(f"{shared}{path}", {"name": "x", "revision": 2}).status_code == 403, path
    ada = client_for("admin")  # manages it, and cannot make it another's private one
    assert ada.post(f"{shared}edit/", {"name": "Ours", "revision": 2}).status_code == 302
    row = mongo.analytics_boards.find_one({"_id": row["_id"]})
    assert (row["name"], row["is_shared"]) == ("Ours", True)
    copy = vic.post(f"{shared}copy/")["Location"]
    assert "Copy of Ours" in vic.get(copy).content.decode()
    assert eve.get(copy).status_code == 404


def test_of_two_who_change_a_board_neither_loses_anything(mongo, eve, client_for, event):
    url = saved(eve, title="One")
    board_id = url.split("/")[-2]
    saved(eve, board=board_id, title="Two")
    eve.post(f"{url}edit/", {"name": "Growth", "is_shared": "on", "revision": 2})
    first = stored(mongo)["charts"][0]["id"]
    ada = client_for("admin")
    assert eve.post(f"{url}{first}/down/", {"revision": 3}).status_code == 302
    assert titles(ada, url) == ["Two", "One"]
    late = ada.post(f"{url}{first}/up/", {"revision": 3})
    assert late.status_code == 409
    assert "Editor Person changed this board meanwhile" in late.content.decode()
    saved(ada, board=board_id, title="Three")
    assert ada.post(f"{url}{first}/down/", {"revision": 5}).status_code == 302
    assert titles(eve, url) == ["Two", "Three", "One"]
    assert ada.post(f"{url}{first}/down/", {"revision": 6}).status_code == 302  # at the end
    assert ada.post(f"{url}{first}/rename/", {"title": "Uno", "revision": 6}).status_code == 302
    assert ada.post(f"{url}{first}/remove/", {"revision": 7}).status_code == 302
    assert titles(eve, url) == ["Two", "Three"]
    row = mongo.audit_log.find_one({"action": "board.edit"}, sort=[("at", -1)])
    assert ada.post(f"/audit/{row['_id']}/undo/").status_code == 302
    assert titles(eve, url) == ["Two", "Three", "Uno"]
    assert ada.post(f"{url}delete/", {"revision": 8}).status_code == 409
    assert ada.post(f"{url}delete/", {"revision": 9}).status_code == 302
    assert eve.get(url).status_code == 404
    row = mongo.audit_log.find_one({"action": "board.delete"})
    assert ada.post(f"/audit/{row['_id']}/undo/").status_code == 302
    assert titles(eve, url) == ["Two", "Three", "Uno"]
