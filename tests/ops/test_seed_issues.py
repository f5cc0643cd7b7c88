"""Demo issues: as the services write them, believable, and once each."""

import pytest

from devora_admin.core import clock
from devora_admin.ops import demo
from devora_admin.ops.demo.issues import Scale, colleagues, issue
from devora_admin.staff import audit
from devora_admin.staff.models import StaffUser
from devora_admin.support import states
from devora_admin.support.context.project import project_then
from devora_admin.support.queries.inbox import Filters, inbox_page
from devora_admin.support.queries.issue import issue as read
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import fields, writing
from devora_admin.support.services.opening import NewIssue, open_issue

SCALE = Scale(seed=20, projects=400, customers=60, until=clock.now())


def quiet(line):
    pass


@pytest.fixture
def made(mongo):
    people = colleagues()
    return [issue(SCALE, number, people) for number in range(400)]


def test_all_states_are_there_over_sixty_days_with_threads_that_fit(made):
    rows = [row for row, _ in made]
    assert {row["status"] for row in rows} == set(states.STATUSES)
    age = SCALE.until - min(row["created_at"] for row in rows)
    assert 50 <= age.days <= 60
    assert all(1 <= len(said) <= 8 for _, said in made)
    for row, said in made:
        times = [each["at"] for each in said]
        assert times == sorted(times)
        assert row["updated_at"] == times[-1] <= SCALE.until
        assert (row["status"] in states.OVER) == ("resolution" in row)
    assert any(not row["assignee_id"] for row in rows)


def test_they_have_the_fields_that_the_services_give(made, customer, actor, mongo):
    number = open_issue(NewIssue(customer["id"], "One", "Two"), actor=actor).number
    writing.reply(number, "Three", seen=1, actor=actor)
    fields.set_status(number, "resolved", seen=2, actor=actor)
    stored = mongo.support_issues.find_one({"number": number})
    said = mongo.support_messages.find_one({"issue_id": stored["_id"]})
    resolved = next(row for row, each in made if row["status"] == "resolved" and row["first"])
    assert set(resolved) - {"project_type"} | {"number"} == set(stored)
    assert set(made[0][1][0]) == set(said)


def test_seeding_gives_issues_that_the_pages_can_read_and_work_on(mongo, staff):
    demo.seed(demo.Plan(projects=60, customers=10), report=quiet)
    assert mongo.support_issues.count_documents({}) == 60
    [row, *_] = inbox_page(Filters(statuses=("open",))).rows
    assert thread(row.number)
    worker = audit.actor_for(staff("support"))
    fields.set_priority(row.number, "low", seen=read(row.number).revision, actor=worker)
    assert mongo.support_counters.find_one()["last"] == 60
    pinned = mongo.support_issues.distinct("number", {"pinned.version": {"$ne": None}})
    then = [project_then(read(number)) for number in pinned]
    before = [each for each in then if each and each.found and not each.found.is_same]
    assert len(before) >= 3  # a version to be put back
    assert all(each.version < each.version_now for each in before)


def test_seeding_again_adds_no_issue_twice(mongo):
    demo.seed(demo.Plan(projects=20, customers=6), report=quiet)
    mongo.demo_data.update_one({}, {"$set": {"done.issues": 5}})
    demo.seed(demo.Plan(projects=20, customers=6), report=quiet)
    assert mongo.support_issues.count_documents({}) == 20
    assert StaffUser.objects.filter(email__endswith="@devora.local").count() == 3


def test_demo_colleagues_cannot_sign_in(mongo):
    colleagues()
    assert not any(each.has_usable_password() for each in StaffUser.objects.all())


@pytest.fixture
def customer(make_customer):
    return make_customer()
