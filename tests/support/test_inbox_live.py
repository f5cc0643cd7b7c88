"""What an open inbox asks by itself: how many there are in each view, and what is new."""

import re
from datetime import timedelta

import pytest

from devora_admin.core import clock
from devora_admin.staff import audit
from devora_admin.support.queries import inbox
from devora_admin.support.services import fields, writing


@pytest.fixture
def bo(client_for):
    return client_for("support")


@pytest.fixture
def me(staff):
    return audit.actor_for(staff("support"))


def counted(client):
    body = client.get("/support/counts/").content.decode()
    return dict(re.findall(r'id="view-count-(\w+)"[^>]*>([^<]*)<', body))


def moment(at):
    return str(int(at.timestamp() * 1000))


def asked(client, page, **more):
    """As the page asks."""
    rows = page.context["page"].rows
    return client.get("/support/fresh/", {
        "view": page.context["view"],
        "since": page.context["since_ms"],
        "rows": ",".join(str(row.issue.number) for row in rows),
        "seen": ",".join(f"{row.issue.number}:{row.changed_ms}" for row in rows),
        **more,
    })  # fmt: skip


def test_each_view_says_how_many_it_holds(bo, me, opened, mongo):
    mine, due, *_ = [opened() for _ in range(4)]
    fields.set_assignee(mine, me.id, seen=1, actor=me)
    fields.set_status(opened(), "pending", seen=1, actor=me)
    soon = clock.now() + timedelta(minutes=5)
    mongo.support_issues.update_one({"number": due}, {"$set": {"due_at": soon}})
    assert counted(bo) == {
        "mine": "1", "unassigned": "3", "breaching": "1", "waiting": "1", "watching": "0",
        "all": "5",
    }  # fmt: skip


def test_more_than_anybody_counts_is_said_so(bo, opened, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_COUNTED", 2)
    monkeypatch.setattr("devora_admin.core.listing.counting.MOST_COUNTED", 2)
    for _ in range(4):
        opened()
    assert counted(bo)["all"] == "2+"


def test_nothing_new_is_an_empty_answer(bo, opened):
    opened()
    page = bo.get("/support/")
    assert asked(bo, page).status_code == 204


def test_a_new_issue_and_one_that_was_changed_are_told(bo, me, opened):
    first = opened()
    page = bo.get("/support/")
    opened()
    writing.reply(first, "Try again", seen=1, actor=me)
    answer = asked(bo, page)
    assert answer.status_code == 200
    assert "2 new or changed" in answer.content.decode()


def test_one_that_a_colleague_took_is_told_though_it_left_the_list(bo, me, opened):
    first = opened()
    page = bo.get("/support/?view=unassigned")
    fields.set_assignee(first, me.id, seen=1, actor=me)
    assert "1 new or changed" in asked(bo, page).content.decode()


def test_what_was_sorted_among_many_is_told_though_the_order_stays(bo, me, opened):
    number = opened()
    page = bo.get("/support/?view=unassigned")
    fields.set_tags(number, ["billing"], seen=1, actor=me, is_quiet=True)
    assert asked(bo, page).status_code == 200


def test_what_is_new_in_other_lists_is_not_told(bo, opened):
    opened(tags=["billing"])
    page = bo.get("/support/?view=all&tag=billing")
    opened(tags=["deploy"])
    assert asked(bo, page, tag="billing").status_code == 204
    assert asked(bo, page).status_code == 200


@pytest.mark.parametrize(
    "query", [{"since": "x"}, {"since": "9" * 15}, {"seen": "1:x"}, {"rows": "a"}, {"view": "x"}]
)
def test_a_damaged_question_is_refused(bo, query):
    assert bo.get("/support/fresh/", {"since": moment(clock.now()), **query}).status_code == 422


def test_asking_costs_three_round_trips(bo, opened):
    opened()
    page = bo.get("/support/")
    assert 'mongo;desc="3"' in asked(bo, page)["Server-Timing"]


def test_counting_costs_four_round_trips(bo, opened):
    opened()
    assert 'mongo;desc="4"' in bo.get("/support/counts/")["Server-Timing"]
