"""The customer beside an issue, in brief."""

from django.template.loader import render_to_string

from devora_admin.core.mongo import round_trips
from devora_admin.staff.permissions import ROLES
from devora_admin.support import page_parts
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import writing
from tests.factories import EPOCH
from tests.support.test_causes import extension


def part_of(role="support"):
    can = ROLES[role].__contains__
    [part] = [each for each in page_parts.parts(can) if each.name == "customer"]
    return part, can


def shown(number, role="support"):
    part, can = part_of(role)
    found = issue(number)
    assert part.load
    content = part.load(found, can)
    return render_to_string(part.template, {"part": content, "issue": found}), content


def test_it_tells_who_they_are_and_what_they_have(opened, customer, make_project, mongo, actor):
    mongo.users.update_one(
        {"id": customer["id"]},
        {
            "$set": {
                "subscription": {
                    "plan": "pro", "status": "past_due", "current_period_end": EPOCH,
                },
            }
        },
    )  # fmt: skip
    make_project(user_id=customer["id"])
    make_project(user_id=customer["id"], archived_at=EPOCH)
    first, _ = opened(), opened()
    writing.reply(first, "Done", seen=1, actor=actor, status="resolved")
    html, brief = shown(first)
    assert (brief.projects, brief.open_issues, brief.issues) == (2, 1, 2)
    for said in ("Zoe Quillfeather", "zoe.quill@marked.example", "pro", "Payment failed",
                 "Period ended", "1 open of 2"):  # fmt: skip
        assert said in html


def test_it_takes_two_round_trips(opened):
    number = opened()
    part, can = part_of()
    found = issue(number)
    before = round_trips.count
    part.load(found, can)
    assert round_trips.count == before + 2


def test_one_whom_the_platform_has_no_more_is_told_as_that(opened, customer, mongo):
    number = opened()
    mongo.users.delete_one({"id": customer["id"]})
    html, brief = shown(number, "admin")
    assert "no such customer any more" in html
    assert not brief.may_extend


def test_what_can_be_done_is_offered_to_who_may_and_is_done_for_the_issue(opened, customer):
    number = opened()
    extend = f"{extension(customer)[0]}?issue={number}"
    keys = f"/users/{customer['id']}/settings/?issue={number}"
    assert extend in shown(number, "editor")[0]
    assert extend not in shown(number, "support")[0]
    assert keys in shown(number, "support")[0]


def test_a_viewer_is_shown_no_part_that_is_only_for_who_works_on_issues():
    assert "similar" not in {each.name for each in page_parts.parts(ROLES["viewer"].__contains__)}
