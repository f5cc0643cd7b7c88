"""The inbox: every page once through, in order, read from an index without sorting."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from devora_admin.core.errors import InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.support import states
from devora_admin.support.queries import inbox
from devora_admin.support.queries.inbox import Filters, inbox_page
from devora_admin.support.services import watching

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def issue_row(number, **fields):
    priority = fields.get("priority", "normal")
    at = fields.pop("updated_at", NOW + timedelta(seconds=number))
    key = new_id()
    return {
        "_id": key, "id": key, "number": number, "subject": f"Issue {number}", "user_id": "u",
        "project_id": "", "pinned": {}, "status": "open", "priority": priority,
        "urgency": states.urgency(priority, at), "assignee_id": "", "tags": [], "watchers": [],
        "links": [], "source": {"kind": "staff"}, "sequence": 1, "touched": {},
        "created_at": at, "updated_at": at, "revision": 1, **fields,
    }  # fmt: skip


@pytest.fixture
def many(mongo):
    """1,200, some of them of the same moment."""
    pick = random.Random(7)
    rows = [
        issue_row(
            number,
            status=pick.choice(list(states.STATUSES)),
            priority=pick.choice(list(states.PRIORITIES)),
            assignee_id=pick.choice(["", "a", "b"]),
            user_id=pick.choice(["u1", "u2", "u3"]),
            project_id=pick.choice(["", "p1", "p2"]),
            tags=pick.sample(["x", "y", "z"], pick.randrange(3)),
            watchers=pick.sample(["a", "b"], pick.randrange(2)),
            updated_at=NOW + timedelta(seconds=pick.randrange(600)),
        )
        for number in range(1, 1201)
    ]
    mongo.support_issues.insert_many(rows)
    return rows


ASKED = [
    Filters(),
    Filters(statuses=("open",)),
    Filters(statuses=("open", "pending", "on_hold")),
    Filters(statuses=("open", "pending"), priority="urgent"),
    Filters(statuses=("open",), assignee_id=""),
    Filters(statuses=("open", "pending"), assignee_id="a"),
    Filters(statuses=("open",), tag="x"),
    Filters(statuses=("open", "closed"), tag="x", priority="low"),
    Filters(user_id="u1"),
    Filters(project_id="p1"),
    Filters(watcher_id="b"),
]


def matches(row, asked):
    return (
        row["status"] in asked.statuses
        and (not asked.priority or row["priority"] == asked.priority)
        and (asked.assignee_id is None or row["assignee_id"] == asked.assignee_id)
        and (not asked.tag or asked.tag in row["tags"])
        and (not asked.user_id or row["user_id"] == asked.user_id)
        and (not asked.project_id or row["project_id"] == asked.project_id)
        and (not asked.watcher_id or asked.watcher_id in row["watchers"])
    )


def in_order(rows, order):
    rank = list(states.PRIORITIES).index
    key = {
        "updated": lambda row: (row["updated_at"], row["number"]),
        "urgency": lambda row: (rank(row["priority"]), row["updated_at"], row["number"]),
    }[order]
    return [row["number"] for row in sorted(rows, key=key, reverse=True)]


@pytest.mark.parametrize("order", ["updated", "urgency"])
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_paging_meets_each_issue_once_in_order_and_back_again(many, asked, order):
    wanted = in_order((row for row in many if matches(row, asked)), order)
    pages, cursor = [], ""
    while True:
        page = inbox_page(asked, order=order, cursor=cursor, size=37)
        pages.append([row.number for row in page.rows])
        if not page.next:
            break
        cursor = page.next
    assert [number for page_ in pages for number in page_] == wanted
    back = []
    while page.previous:
        page = inbox_page(asked, order=order, cursor=page.previous, size=37)
        back.append([row.number for row in page.rows])
    assert back[::-1] == pages[:-1]
    assert inbox.count(asked) == len(wanted)


WALKED = [(asked, "updated") for asked in ASKED] + [
    (asked, "urgency") for asked in ASKED if not (asked.user_id or asked.project_id
                                                  or asked.watcher_id)
]  # fmt: skip


@pytest.mark.parametrize(("asked", "order"), WALKED, ids=str)
def test_a_page_deep_in_the_list_is_read_from_an_index_and_not_sorted(many, mongo, asked, order):
    cursor = ""
    for _ in range(3):
        page = inbox_page(asked, order=order, cursor=cursor, size=20)
        cursor = page.next or cursor
    mongo.system.profile.drop()
    mongo.command("profile", 2)
    try:
        inbox_page(asked, order=order, cursor=cursor, size=20)
    finally:
        mongo.command("profile", 0)
    [plan] = mongo.system.profile.find({"ns": f"{mongo.name}.support_issues", "op": "query"})
    assert "IXSCAN" in plan["planSummary"]
    assert not plan.get("hasSortStage")
    assert plan["docsExamined"] <= 40, plan["planSummary"]


def test_the_urgent_of_yesterday_stand_before_the_normal_of_today(mongo):
    mongo.support_issues.insert_many([
        issue_row(1, priority="urgent", updated_at=NOW - timedelta(days=1)),
        issue_row(2, priority="normal"),
        issue_row(3, priority="urgent", updated_at=NOW),
        issue_row(4, priority="low"),
    ])  # fmt: skip
    assert [row.number for row in inbox_page(Filters(), order="urgency").rows] == [3, 1, 2, 4]


def test_a_changed_priority_has_its_new_place(opened, actor):
    from devora_admin.support.services import fields

    one, two = opened(), opened()
    fields.set_priority(one, "urgent", seen=1, actor=actor)
    fields.set_priority(two, "low", seen=1, actor=actor)
    assert [row.number for row in inbox_page(Filters(), order="urgency").rows] == [one, two]


def test_lists_of_a_customer_a_project_and_a_watcher(opened, customer, make_project, actor):
    project = make_project(user_id=customer["id"])
    one, two = opened(), opened(project_id=project["id"])
    watching.watch(one, actor=actor)
    assert [row.number for row in inbox.of_customer(customer["id"])] == [two, one]
    assert [row.number for row in inbox.of_project(project["id"])] == [two]
    assert [row.number for row in inbox_page(Filters(watcher_id=actor.id)).rows] == [one]


@pytest.mark.parametrize(
    "wrong", [Filters(statuses=()), Filters(statuses=("new",)), Filters(priority="asap")]
)
def test_filters_there_are_not_are_refused(wrong):
    with pytest.raises(InvalidInput):
        inbox_page(wrong)


def test_a_cursor_of_another_order_is_refused(many):
    cursor = inbox_page(Filters()).next
    with pytest.raises(InvalidInput):
        inbox_page(Filters(), order="urgency", cursor=cursor)
