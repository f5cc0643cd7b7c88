"""Lists of issues by what happened to them: what a report counts, in order, from an index."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from devora_admin.core.ids import new_id
from devora_admin.support.forms.happened import HappenedForm
from devora_admin.support.queries import inbox
from devora_admin.support.queries.happened import Between, Happened
from devora_admin.support.queries.inbox import Filters, inbox_page
from tests.support.test_inbox import issue_row

START = datetime(2026, 5, 1, tzinfo=UTC)
SPAN = Between(START + timedelta(days=10), START + timedelta(days=20))


@pytest.fixture
def many(mongo):
    """1,500 over 90 days; some of one moment."""
    pick = random.Random(3)
    rows = []
    for number in range(1, 1501):
        at = START + timedelta(hours=pick.randrange(90 * 24))
        row = issue_row(number, created_at=at, updated_at=at, assignee_id=pick.choice(["", "a"]),
                        tags=pick.sample(["x", "y"], pick.randrange(3)))  # fmt: skip
        row["sla"] = {
            name: at + timedelta(hours=pick.randrange(200))
            for name in ("first_breached_at", "resolution_breached_at")
            if pick.random() < 0.4
        }
        if pick.random() < 0.8:
            row |= {"status": "resolved", "resolved_at": at + timedelta(hours=pick.randrange(300))}
        if pick.random() < 0.3:
            row["reopened"] = 1
        if pick.random() < 0.7:
            row["project_type"] = pick.choice(["saas", "shop"])
        rows.append(row)
    mongo.support_issues.insert_many(rows)
    return rows


def inside(at):
    return at is not None and SPAN.start <= at < SPAN.before


def is_over(row, at):
    return "resolved_at" in row and row["resolved_at"] < at


ASKED = {
    "opened": (Happened(opened=SPAN), "created_at", lambda row: inside(row["created_at"])),
    "resolved": (
        Happened(resolved=SPAN), "resolved_at", lambda row: inside(row.get("resolved_at")),
    ),
    "first": (
        Happened(breached="first_reply", breached_at=SPAN), "sla.first_breached_at",
        lambda row: inside(row["sla"].get("first_breached_at")),
    ),
    "resolution": (
        Happened(breached="resolution", breached_at=SPAN), "sla.resolution_breached_at",
        lambda row: inside(row["sla"].get("resolution_breached_at")),
    ),
    "late of opened": (
        Happened(opened=SPAN, breached="first_reply"), "created_at",
        lambda row: inside(row["created_at"]) and "first_breached_at" in row["sla"],
    ),
    "reopened": (
        Happened(opened=SPAN, is_reopened=True), "created_at",
        lambda row: inside(row["created_at"]) and "reopened" in row,
    ),
    "of a type": (
        Happened(opened=SPAN, project_type="shop"), "created_at",
        lambda row: inside(row["created_at"]) and row.get("project_type") == "shop",
    ),
    "of no type": (
        Happened(resolved=SPAN, project_type=""), "resolved_at",
        lambda row: inside(row.get("resolved_at")) and "project_type" not in row,
    ),
    "of no tag": (
        Happened(opened=SPAN, is_untagged=True), "created_at",
        lambda row: inside(row["created_at"]) and not row["tags"],
    ),
    "open at": (
        Happened(open_at=SPAN.before), "created_at",
        lambda row: row["created_at"] < SPAN.before and not is_over(row, SPAN.before),
    ),
}  # fmt: skip


def value(row, key):
    for name in key.split("."):
        row = row[name]
    return row


@pytest.mark.parametrize("name", ASKED)
def test_a_list_meets_each_issue_once_in_the_order_of_what_happened(many, name):
    happened, key, is_wanted = ASKED[name]
    rows = [row for row in many if is_wanted(row)]
    rows.sort(key=lambda row: (value(row, key), row["number"]), reverse=True)
    found, cursor = [], ""
    while True:
        page = inbox_page(Filters(happened=happened), cursor=cursor, size=23)
        found += [row.number for row in page.rows]
        if not (cursor := page.next):
            break
    assert found == [row["number"] for row in rows] != []
    assert inbox.count(Filters(happened=happened)) == len(rows)


@pytest.mark.parametrize("name", ["opened", "resolved", "first", "resolution"])
def test_a_page_is_a_range_of_an_index_and_not_sorted(many, mongo, name):
    happened = ASKED[name][0]
    cursor = inbox_page(Filters(happened=happened), size=10).next
    mongo.system.profile.drop()
    mongo.command("profile", 2)
    try:
        inbox_page(Filters(happened=happened), cursor=cursor, size=10)
    finally:
        mongo.command("profile", 0)
    [plan] = mongo.system.profile.find({"ns": f"{mongo.name}.support_issues", "op": "query"})
    assert "IXSCAN" in plan["planSummary"]
    assert not plan.get("hasSortStage")
    assert plan["docsExamined"] <= 15, plan["planSummary"]


def test_who_was_asked_is_listed_as_they_were_when_they_were_asked(mongo):
    mongo.support_issues.insert_many(
        [issue_row(n, assignee_id="now", tags=[]) for n in range(1, 6)]
    )

    def asked(number, at, **fields):
        mongo.support_csat.insert_one({
            "_id": new_id(), "issue_id": f"i{number}", "number": number, "token_sha256": new_id(),
            "asked_at": at, "assignee_id": "then", "tags": ["x"], "project_type": "shop", **fields,
        })  # fmt: skip

    asked(1, SPAN.start, rating="good")
    asked(2, SPAN.start, rating="bad")
    asked(3, SPAN.start)
    asked(4, SPAN.before, rating="good")
    asked(5, SPAN.start, rating="good", assignee_id="", tags=[], project_type="")

    def listed(*, rating="", assignee_id=None, tag="", **more):
        happened = Happened(asked=SPAN, rating=rating, **more)
        filters = Filters(happened=happened, assignee_id=assignee_id, tag=tag)
        return [row.number for row in inbox_page(filters).rows]

    assert listed() == [5, 3, 2, 1]
    assert listed(rating="any") == [5, 2, 1]
    assert listed(rating="good") == [5, 1]
    assert listed(rating="bad") == [2]
    assert listed(rating="good", assignee_id="then", tag="x", project_type="shop") == [1]
    assert listed(rating="good", assignee_id="", is_untagged=True, project_type="") == [5]
    assert listed(assignee_id="now") == []


def read(query):
    form = HappenedForm(QueryDict(query))
    assert form.is_valid(), form.errors
    return form.happened()


def test_an_address_says_what_happened():
    assert read("opened_from=2026-05-11&opened_to=2026-05-20") == Happened(opened=SPAN)
    assert read("breached=resolution&breached_from=2026-05-11&breached_to=2026-05-20") == Happened(
        breached="resolution", breached_at=SPAN
    )
    assert read("rating=any&asked_from=2026-05-11&asked_to=2026-05-20&without_type=1") == Happened(
        rating="any", asked=SPAN, project_type=""
    )
    assert read("timed=replied") == Happened(timed="replied")
    assert read("open_on=2026-05-20&untagged=1") == Happened(open_at=SPAN.before, is_untagged=True)
    assert read("reopened=1&project_type=shop") == Happened(is_reopened=True, project_type="shop")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("resolved_from=2026-05-20&resolved_to=2026-05-11", "resolved_to"),
        ("breached=everything", "breached"),
        ("rating=fine", "rating"),
        ("opened_from=yesterday", "opened_from"),
    ],
)
def test_a_mistake_is_named_at_its_field(query, field):
    form = HappenedForm(QueryDict(query))
    assert not form.is_valid()
    assert list(form.errors) == [field]
