"""Opening issues and changing them: numbered, conditional on what was seen, on record, undone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.staff import undo
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import Link, Pinned, issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import fields, linking, watching, writing
from devora_admin.support.services.changing import ChangedSince
from devora_admin.support.services.opening import NewIssue, open_issue
from tests.support.conftest import scanned
from tests.versions.factory import make_version


def actions(number):
    return [line.row.action for line in history_of(number).rows]


def test_an_issue_has_a_number_its_first_text_and_a_row_in_the_audit_log(opened, customer, actor):
    number = opened(tags=["Deploy", " deploy ", "Quota  limit"], priority="high")
    found = issue(number)
    assert (found.number, found.status, found.priority) == (1, "open", "high")
    assert (found.user_id, found.tags) == (customer["id"], ("deploy", "quota limit"))
    [message] = thread(number)
    assert (message.kind, message.text, message.author) == ("customer", "It says E_QUOTA", "")
    [line] = history_of(number).rows
    assert (line.row.action, line.row.actor_id) == ("issue.open", actor.id)
    assert line.row.subject.customer_id == customer["id"]


def test_issues_opened_at_once_get_numbers_of_their_own(opened, mongo):
    with ThreadPoolExecutor(10) as pool:
        numbers = list(pool.map(lambda _: opened(), range(40)))
    assert len(set(numbers)) == 40
    assert mongo.support_messages.count_documents({}) == 40


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"user_id": "nobody"}, "customer_id"),
        ({"subject": " \n "}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"text": ""}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "x" * 50_001}, "text"),
        ({"priority": "asap"}, "priority"),
        ({"assignee_id": "0" * 24}, "assignee_id"),
        ({"tags": [str(n) for n in range(21)]}, "tags"),
        ({"project_id": "none"}, "project_id"),
        ({"pinned": Pinned(turn=0)}, "project_id"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_leaves_nothing(opened, mongo, wrong, field):
    with pytest.raises(InvalidInput) as refused:
        opened(**wrong)
    assert refused.value.field == field
    for name in ("support_issues", "support_messages", "audit_log"):
        assert mongo[name].count_documents({}) == 0


def test_it_is_pinned_to_the_project_as_it_is_now(opened, customer, make_project):
    project = make_project(user_id=customer["id"], revision=7)
    make_version(project, 3, {"a.py": "x"})
    number = opened(project_id=project["id"])
    assert issue(number).pinned == Pinned(revision=7, version=3, turn=None)


def test_or_to_what_was_seen_of_it_where_there_was_such_a_thing(opened, customer, make_project):
    said = [{"role": "user", "content": "hello"}]
    project = make_project(user_id=customer["id"], revision=7, conversation_history=said)
    make_version(project, 3, {"a.py": "x"})
    at = Pinned(version=3, turn=0)
    assert issue(opened(project_id=project["id"], pinned=at)).pinned == at
    for wrong in (Pinned(version=4), Pinned(turn=1), Pinned(revision=8)):
        with pytest.raises(InvalidInput):
            opened(project_id=project["id"], pinned=wrong)


def test_another_customers_project_is_none_of_theirs(opened, make_project):
    with pytest.raises(InvalidInput, match="no such project"):
        opened(project_id=make_project(user_id="another")["id"])


def test_what_was_found_once_is_one_issue(customer, actor, mongo):
    new = NewIssue(customer["id"], "A key in a file", "In config.py", **scanned("key:config.py"))

    def find(_):
        return open_issue(new, actor=actor)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(find, range(8)))
    assert len({each.number for each in found}) == 1
    assert sum(each.is_new for each in found) == 1
    assert mongo.support_issues.count_documents({}) == 1
    assert mongo.support_messages.find_one()["kind"] == "note"


def test_changes_are_on_record_with_before_and_after_and_can_be_undone(opened, actor, colleague):
    number = opened()
    seen = issue(number).revision
    for change, value, before, field in (
        (fields.set_priority, "urgent", "normal", "priority"),
        (fields.set_assignee, colleague.id, "", "assignee_id"),
        (fields.set_tags, ["a", "b"], [], "tags"),
        (fields.set_subject, "Deploys fail", "Cannot deploy", "subject"),
        (fields.set_status, "on_hold", "open", "status"),
    ):
        done = change(number, value, seen=seen, actor=actor)
        seen = done.revision
        [line, *_] = history_of(number).rows
        assert (line.row.before[field], line.row.after[field]) == (before, value)
        undo.perform(done.row_id, actor=actor)
        found = getattr(issue(number), field)
        assert (list(found) if field == "tags" else found) == before
        seen = issue(number).revision


def test_a_change_to_what_is_already_so_writes_nothing(opened, actor):
    number = opened()
    done = fields.set_priority(number, "normal", seen=1, actor=actor)
    assert (done.row_id, issue(number).revision) == ("", 1)


def test_a_field_somebody_else_changed_meanwhile_is_a_conflict_that_says_so(
    opened, actor, colleague
):
    number = opened()
    seen = issue(number).revision
    fields.set_priority(number, "urgent", seen=seen, actor=colleague)
    with pytest.raises(ChangedSince, match="Bo Berg set the priority to “urgent”") as refused:
        fields.set_priority(number, "low", seen=seen, actor=actor)
    assert refused.value.detail["changed"] == [
        {"field": "priority", "value": "urgent", "by": "Bo Berg"}
    ]
    assert issue(number).priority == "urgent"


def test_another_field_changed_meanwhile_is_none(opened, actor, colleague):
    number = opened()
    fields.set_priority(number, "urgent", seen=1, actor=colleague)
    watching.watch(number, actor=colleague)
    fields.set_tags(number, ["x"], seen=1, actor=actor)
    found = issue(number)
    assert (found.priority, found.tags, found.watchers) == ("urgent", ("x",), (colleague.id,))


def test_of_many_who_change_the_same_at_once_one_succeeds(opened, actor, mongo):
    number = opened()

    def change(n):
        try:
            fields.set_subject(number, f"Subject {n}", seen=1, actor=actor)
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(change, range(8))) == 1
    assert mongo.audit_log.count_documents({"action": "issue.subject"}) == 1


def test_a_status_is_not_changed_over_an_answer_nobody_saw(opened, actor):
    number = opened()
    seen = issue(number).revision
    writing.customer_replied(number, "One more thing", actor=actor)
    with pytest.raises(ChangedSince, match="the customer wrote in it"):
        fields.set_status(number, "resolved", seen=seen, actor=actor)


def test_a_resolution_is_what_was_replied_last_or_what_one_says(opened, actor):
    number = opened()
    writing.reply(number, "The quota was raised", seen=1, actor=actor)
    done = fields.set_status(number, "resolved", seen=issue(number).revision, actor=actor)
    found = issue(number)
    assert found.resolution == "The quota was raised"
    assert found.resolved_at
    done = fields.set_status(number, "open", seen=done.revision, actor=actor)
    assert (issue(number).resolution, issue(number).resolved_at) == ("", None)
    fields.set_status(
        number, "resolved", seen=done.revision, actor=actor, resolution="Moved to pro"
    )
    assert issue(number).resolution == "Moved to pro"


def test_undoing_a_reopening_brings_the_resolution_back(opened, actor):
    number = opened()
    done = fields.set_status(number, "resolved", seen=1, actor=actor, resolution="Told them how")
    before = issue(number)
    done = fields.set_status(number, "open", seen=done.revision, actor=actor)
    undo.perform(done.row_id, actor=actor)
    after = issue(number)
    assert (after.status, after.resolution, after.resolved_at) == (
        "resolved", "Told them how", before.resolved_at,
    )  # fmt: skip


def test_what_has_moved_on_is_not_undone(opened, actor):
    number = opened()
    first = fields.set_priority(number, "high", seen=1, actor=actor)
    fields.set_priority(number, "urgent", seen=first.revision, actor=actor)
    with pytest.raises(Conflict, match="priority was changed since"):
        undo.perform(first.row_id, actor=actor)
    assert issue(number).priority == "urgent"


def test_only_those_who_work_on_issues_are_given_some(opened, staff, actor):
    viewer = staff("viewer")
    with pytest.raises(InvalidInput):
        fields.set_assignee(opened(), str(viewer.pk), seen=1, actor=actor)


def test_watching_is_on_record_and_harmless_twice(opened, actor):
    number = opened()
    watching.watch(number, actor=actor)
    assert watching.watch(number, actor=actor).row_id == ""
    assert issue(number).watchers == (actor.id,)
    watching.unwatch(number, actor=actor)
    assert issue(number).watchers == ()
    assert actions(number) == ["issue.unwatch", "issue.watch", "issue.open"]


def test_links_are_named_by_both_and_undone_for_both(opened, actor):
    one, two = opened(), opened()
    done = linking.link(one, two, kind="duplicate", actor=actor)
    assert issue(one).links == (Link(two, "duplicate"),)
    assert issue(two).links == (Link(one, "duplicate"),)
    with pytest.raises(Conflict, match="already"):
        linking.link(two, one, actor=actor)
    undo.perform(done.row_id, actor=actor)
    assert issue(one).links == issue(two).links == ()
    linking.link(one, two, actor=actor)
    undo.perform(linking.unlink(two, one, actor=actor).row_id, actor=actor)
    assert issue(one).links == (Link(two, "related"),)


def test_an_issue_is_not_linked_to_itself_or_to_none(opened, actor):
    number = opened()
    with pytest.raises(InvalidInput):
        linking.link(number, number, actor=actor)
    with pytest.raises(NotFound):
        linking.link(number, 99, actor=actor)
    with pytest.raises(NotFound):
        issue(10**30)


def reopened_of(mongo, number):
    return mongo.support_issues.find_one({"number": number}).get("reopened")


def test_an_issue_counts_how_often_it_was_reopened_by_whomever(opened, actor, mongo):
    number = opened()
    fields.set_status(number, "pending", seen=1, actor=actor)
    assert reopened_of(mongo, number) is None
    fields.set_status(number, "resolved", seen=2, actor=actor)
    fields.set_status(number, "closed", seen=3, actor=actor)
    assert reopened_of(mongo, number) is None
    fields.set_status(number, "open", seen=4, actor=actor)
    assert reopened_of(mongo, number) == 1
    fields.set_status(number, "resolved", seen=5, actor=actor)
    writing.customer_replied(number, "Still the same", actor=actor)
    assert reopened_of(mongo, number) == 2
    writing.reply(number, "Done", seen=2, status="resolved", revision=7, actor=actor)
    writing.reply(number, "No", seen=3, status="open", revision=8, actor=actor)
    assert reopened_of(mongo, number) == 3


def test_undoing_a_reopening_takes_it_back_and_undoing_a_resolution_is_none(opened, actor, mongo):
    number = opened()
    fields.set_status(number, "resolved", seen=1, actor=actor)
    first = fields.set_status(number, "open", seen=2, actor=actor)
    undo.perform(first.row_id, actor=actor)
    assert reopened_of(mongo, number) is None
    assert issue(number).status == "resolved"
    fields.set_status(number, "open", seen=4, actor=actor)
    again = fields.set_status(number, "resolved", seen=5, actor=actor)
    undo.perform(again.row_id, actor=actor)
    assert (issue(number).status, reopened_of(mongo, number)) == ("open", 1)


def test_an_issue_keeps_the_project_type_of_the_day_it_was_opened(
    opened, customer, make_project, mongo
):
    project = make_project(user_id=customer["id"], project_type=" Web\0shop ")
    odd = make_project(user_id=customer["id"], project_type=["saas"])
    one, two, three = opened(project_id=project["id"]), opened(project_id=odd["id"]), opened()
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"project_type": "blog"}})
    rows = [mongo.support_issues.find_one({"number": number}) for number in (one, two, three)]
    assert [row.get("project_type") for row in rows] == ["Webshop", None, None]
