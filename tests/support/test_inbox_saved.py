"""Saved views: one's own and the team's; renamed, deleted, put back, and erased with a customer."""

import re

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.users import holdings
from devora_admin.users.holdings import Marks


@pytest.fixture
def bo(client_for):
    return client_for("support")


@pytest.fixture
def eve(client_for):
    return client_for("editor")


def save(client, name, query="view=all&priority=high", **more):
    answer = client.post(f"/support/views/save/?{query}", {"name": name, **more})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer["Location"]


def tabs(client):
    return {tab.label: tab for tab in client.get("/support/").context["tabs"] if tab.saved}


def test_filters_and_order_are_saved_under_a_name_and_counted(bo, opened):
    high = opened(priority="high")
    opened()
    url = save(bo, "Fires", "view=all&priority=high&sort=-urgency&cursor=x&q=")
    page = bo.get(url)
    assert [row.issue.number for row in page.context["page"].rows] == [high]
    [tab] = [tab for tab in page.context["tabs"] if tab.is_active]
    assert (tab.label, tab.saved.query) == ("Fires", "sort=-urgency&view=all&priority=high")
    body = bo.get("/support/counts/").content.decode()
    assert re.search(rf'id="view-count-{tab.key}"[^>]*>1<', body)


def test_a_view_is_ones_own_unless_it_is_shared(bo, eve):
    save(bo, "Bo's")
    save(eve, "Team's", is_shared="on")
    assert set(tabs(bo)) == {"Bo's", "Team's"}
    assert set(tabs(eve)) == {"Team's"}


def test_only_who_sets_up_may_share(bo, mongo):
    save(bo, "Mine", is_shared="on")
    assert mongo.saved_views.find_one()["is_shared"] is False


def test_a_view_is_renamed_unless_it_was_meanwhile(bo):
    save(bo, "Fires")
    key = tabs(bo)["Fires"].key
    assert bo.post(f"/support/views/{key}/", {"name": "Blazes", "seen": 1}).status_code == 302
    assert set(tabs(bo)) == {"Blazes"}
    late = bo.post(f"/support/views/{key}/", {"name": "Embers", "seen": 1})
    assert late.status_code == 409
    assert "changed in another window" in late.content.decode()
    assert set(tabs(bo)) == {"Blazes"}


def test_a_deleted_view_can_be_put_back_once(bo, mongo):
    save(bo, "Fires")
    bo.post(f"/support/views/{tabs(bo)['Fires'].key}/delete/")
    assert not tabs(bo)
    row = mongo.audit_log.find_one({"action": "saved_view.delete"})
    assert bo.post(f"/audit/{row['_id']}/undo/").status_code == 302
    assert set(tabs(bo)) == {"Fires"}
    assert bo.post(f"/audit/{row['_id']}/undo/").status_code == 409


def test_another_s_view_cannot_be_changed(bo, eve, client_for):
    save(bo, "Bo's")
    save(eve, "Team's", is_shared="on")
    own, shared = tabs(bo)["Bo's"].key, tabs(bo)["Team's"].key
    assert eve.post(f"/support/views/{own}/delete/").status_code == 404
    assert bo.post(f"/support/views/{shared}/delete/").status_code == 403
    assert bo.post(f"/support/views/{shared}/", {"name": "x", "seen": 1}).status_code == 403
    assert client_for("admin").post(f"/support/views/{shared}/delete/").status_code == 302


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\0b"])
def test_a_name_that_is_none_is_refused_with_what_was_typed(bo, mongo, name):
    assert bo.post("/support/views/save/?view=all", {"name": name}).status_code == 422
    assert mongo.saved_views.count_documents({}) == 0


def test_a_view_that_names_an_erased_customer_goes_with_them(bo, customer, mongo):
    save(bo, "Zoe", f"view=all&customer={customer['id']}")
    save(bo, "Mail", "view=all&q=zoe.quill%40marked.example")
    save(bo, "Other")
    [holding] = [each for each in holdings.registered() if each.name == "views"]
    marks = Marks((customer["id"],), emails=frozenset({"zoe.quill@marked.example"}))
    assert holding.count(marks) == 2
    for step in holding.erase(marks):
        core_mongo.run_in_transaction(step)
    assert set(tabs(bo)) == {"Other"}
