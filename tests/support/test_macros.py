"""Macros: all of their changes and what they write in one step, looked over first, undone whole."""

import pytest

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import undo
from devora_admin.staff.wording import told
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.macros import every_macro, one
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import fields, macro_setup, macros, writing
from devora_admin.support.services.changing import ChangedSince
from devora_admin.support.services.writing import HeldBack
from tests.support.conftest import scanned

LIST = "/support/settings/macros/"
WHOLE = {
    "status": "resolved", "priority": "high", "assignee": "me", "add_tags": ["quota"],
    "remove_tags": ["new"], "text": "Dear {{customer.first_name}}, #{{issue.number}} is done.",
}  # fmt: skip


@pytest.fixture
def macro(actor):
    def make(**steps):
        return macro_setup.create(actor, **{"name": "Close it", **(steps or WHOLE)}).id

    return make


def last(number):
    return history_of(number).rows[0].row


def apply(number, key, actor, **more):
    seen = issue(number)
    wanted = {"seen": seen.sequence, "revision": seen.revision, **more}
    return macros.apply(number, key, actor=actor, **wanted)


def test_it_changes_everything_and_writes_in_one_step_with_one_row(opened, macro, actor, mongo):
    number = opened(tags=["new", "old"])
    done = apply(number, macro(), actor)
    found = issue(number)
    assert (found.status, found.priority, found.assignee_id) == ("resolved", "high", actor.id)
    assert (found.tags, found.revision) == (("old", "quota"), 2)
    assert [each.text for each in thread(number)][1:] == [f"Dear Zoe, #{number} is done."]
    assert found.resolution == f"Dear Zoe, #{number} is done."
    row = last(number)
    assert (row.id, row.action) == (done.row_id, "issue.macro")
    assert (row.before["status"], row.after["status"]) == ("open", "resolved")
    assert (row.before["tags"], row.after["tags"]) == (["new", "old"], ["old", "quota"])
    assert (row.after["macro"]["name"], row.after["sequence"]) == ("Close it", 2)
    assert mongo.audit_log.count_documents({"subject.kind": "issue"}) == 2


def test_an_undo_puts_all_of_it_back_and_says_that_the_reply_stays(opened, macro, actor):
    number = opened(tags=["new"])
    undo.perform(apply(number, macro(), actor).row_id, actor=actor)
    found = issue(number)
    assert (found.status, found.priority, found.assignee_id) == ("open", "normal", "")
    assert (found.tags, found.resolution, len(thread(number))) == (("new",), "", 2)
    row = last(number)
    said = told(row.action, row.before, row.after, can=lambda permission: True)
    assert said == "Undid: applied the macro “Close it”; what it wrote stays"


def test_an_undo_is_refused_whole_where_one_field_has_moved_on(opened, macro, actor):
    number = opened()
    done = apply(number, macro(), actor)
    fields.set_priority(number, "low", seen=done.revision, actor=actor)
    with pytest.raises(Conflict, match="priority was changed since"):
        undo.perform(done.row_id, actor=actor)
    assert issue(number).status == "resolved"


def test_what_only_wrote_has_nothing_to_put_back(opened, macro, actor):
    number = opened()
    done = apply(number, macro(text="Thanks"), actor)
    with pytest.raises(Conflict, match="that stays"):
        undo.perform(done.row_id, actor=actor)


def test_nothing_of_it_happens_where_somebody_wrote_meanwhile(opened, macro, actor):
    number, key = opened(), macro()
    seen = issue(number)
    writing.customer_replied(number, "One more thing", actor=actor)
    with pytest.raises(HeldBack) as held:
        macros.apply(number, key, seen=seen.sequence, revision=seen.revision, actor=actor)
    assert [each.text for each in held.value.newer] == ["One more thing"]
    assert (issue(number).priority, len(thread(number))) == ("normal", 2)
    silent = macro(name="Quiet", status="closed")
    with pytest.raises(ChangedSince):
        macros.apply(number, silent, seen=1, revision=seen.revision, actor=actor)


def test_nothing_of_it_happens_where_a_field_of_it_was_changed(opened, macro, actor, colleague):
    number, key = opened(), macro()
    seen = issue(number).revision
    fields.set_assignee(number, colleague.id, seen=seen, actor=colleague)
    with pytest.raises(ChangedSince):
        macros.apply(number, key, seen=1, revision=seen, actor=actor)
    assert (issue(number).status, len(thread(number))) == ("open", 1)
    # What it does not touch may have changed.
    other = macro(name="Urgent", priority="urgent")
    macros.apply(number, other, seen=1, revision=seen, actor=actor)
    assert issue(number).priority == "urgent"


def test_a_note_is_for_staff_and_does_not_wait_for_what_was_not_seen(opened, macro, actor):
    number, key = opened(), macro(text="Looked at #{{issue.number}}", is_note=True)
    writing.customer_replied(number, "One more thing", actor=actor)
    macros.apply(number, key, seen=1, revision=1, actor=actor)
    assert [each.kind for each in thread(number)] == ["customer", "customer", "note"]


def test_a_snooze_is_a_step(opened, macro, actor):
    number = opened()
    done = apply(number, macro(snooze_h=24), actor)
    assert (issue(number).status, issue(number).wake_at is None) == ("on_hold", False)
    undo.perform(done.row_id, actor=actor)
    assert (issue(number).status, issue(number).wake_at) == ("open", None)


def test_unseen_it_sends_no_text_with_a_gap(opened, macro, actor):
    number, key = opened(), macro(text="About {{project.name}}: done.", status="resolved")
    with pytest.raises(InvalidInput, match=r"project\.name"):
        apply(number, key, actor)
    with pytest.raises(InvalidInput, match=r"\[name left out\]"):
        apply(number, key, actor, text="Dear [name left out]")
    apply(number, key, actor, text="About your app: done.")
    assert thread(number)[-1].text == "About your app: done."


def test_where_everything_is_so_already_nothing_is_written(opened, macro, actor):
    number = opened(priority="high")
    assert apply(number, macro(priority="high"), actor).row_id == ""
    assert issue(number).revision == 1


def test_the_dialog_shows_each_change_and_the_text_to_look_over(client_for, opened, macro):
    number, key, client = opened(tags=["new"]), macro(), client_for("support")
    address = f"/support/{number}/macros/{key}/"
    page = client.get(address).content.decode()
    for shown in (
        "<del>Open</del>", "<ins>Resolved</ins>", "<ins>Support Person</ins>", "<del>new</del>",
        f"Dear Zoe, #{number} is done.</textarea>",
    ):  # fmt: skip
        assert shown in page, shown
    assert "You have begun a reply" not in page
    client.post(f"/support/{number}/draft/", {"kind": "reply", "text": "Hel", "draft": 0})
    assert 'data-put="Hel"' in client.get(address).content.decode()
    data = {"text": "Dear Zoe, it works again.", "seen": 1, "revision": 1, "macro_revision": 1}
    assert client.post(address, data)["Location"] == f"/support/{number}/"
    assert thread(number)[-1].text == "Dear Zoe, it works again."
    assert issue(number).status == "resolved"


def test_looked_over_it_says_whether_the_customer_is_told(client_for, opened, macro, settings):
    settings.PUBLIC_URL = "https://admin.example.com"
    client, key = client_for("support"), macro(status="resolved")
    for number, is_told in ((opened(), True), (opened(**scanned("a")), False)):
        page = client.get(f"/support/{number}/macros/{key}/").content.decode()
        assert ("The customer is told by e-mail that it is resolved." in page) == is_told


def test_held_back_the_draft_stays_and_what_is_new_is_shown(client_for, opened, macro, actor):
    number, key, client = opened(), macro(), client_for("support")
    address = f"/support/{number}/macros/{key}/"
    data = {"text": "My long draft", "seen": 1, "revision": 1, "macro_revision": 1}
    writing.customer_replied(number, "It works again", actor=actor)
    held = client.post(address, data)
    page = held.content.decode()
    assert held.status_code == 409
    assert "It works again" in page
    assert "My long draft</textarea>" in page
    assert 'name="seen" value="2"' in page
    assert f'name="revision" value="{issue(number).revision}"' in page
    again = client.post(address, data | {"seen": 2, "revision": issue(number).revision})
    assert again.status_code == 302
    assert thread(number)[-1].text == "My long draft"


def test_a_macro_that_was_changed_since_is_shown_anew(client_for, opened, macro, actor):
    number, key, client = opened(), macro(status="closed"), client_for("support")
    macro_setup.edit(key, revision=1, actor=actor, name="Close it", status="pending")
    address, data = f"/support/{number}/macros/{key}/", {"seen": 1, "revision": 1}
    late = client.post(address, data | {"macro_revision": 1})
    assert (late.status_code, issue(number).status) == (409, "open")
    assert "Waiting for the customer" in late.content.decode()
    assert client.post(address, data | {"macro_revision": 2}).status_code == 302
    assert issue(number).status == "pending"


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ({"name": ""}, "name"),
        ({"status": "done"}, "status"),
        ({"priority": "asap"}, "priority"),
        ({"assignee": "0" * 24}, "assignee"),
        ({"status": "closed", "snooze_h": 4}, "snooze_h"),
        ({"snooze_h": 5}, "snooze_h"),
        ({"add_tags": ["a"], "remove_tags": ["A"]}, "remove_tags"),
        ({"text": "{{customer.nmae}}"}, "text"),
        ({}, ""),
    ],
)
def test_what_cannot_be_a_macro_is_refused_by_name(actor, steps, field):
    with pytest.raises(InvalidInput) as refused:
        macro_setup.create(actor, **{"name": "Some", **steps})
    assert refused.value.field == field
    assert every_macro() == []


def test_macros_are_set_up_on_a_page_and_deleted_with_an_undo(client_for, actor, mongo):
    client = client_for("editor")
    data = {"name": "Thank", "status": "resolved", "add_tags": "a, b", "text": "Thanks"}
    assert client.post(f"{LIST}new/", data).status_code == 302
    [found] = every_macro()
    assert (found.add_tags, found.text, found.snooze_h) == (("a", "b"), "Thanks", 0)
    page = client_for("support").get(LIST).content.decode()
    assert "Status: Resolved · Add: a, b · Write: a reply" in page
    assert "Thanks</textarea>" in client.get(f"{LIST}{found.id}/").content.decode()
    assert client.post(f"{LIST}new/", data).status_code == 422  # of the same name
    assert client.post(f"{LIST}{found.id}/delete/", {"revision": 1}).status_code == 302
    assert every_macro() == []
    undo.perform(mongo.audit_log.find_one({"action": "macro.delete"})["_id"], actor=actor)
    assert one(found.id).name == "Thank"
