"""What is written in an issue: in order, never over what the writer has not seen."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import audit
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import Link, issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import fields, writing
from devora_admin.support.services.changing import ChangedSince
from devora_admin.support.services.writing import HeldBack


def said(number):
    return [(each.sequence, each.kind, each.text) for each in thread(number)]


def test_replies_notes_and_answers_stand_in_their_order(opened, actor):
    number = opened()
    writing.reply(number, "Try **again**", seen=1, actor=actor)
    writing.add_note(number, "He is on the free plan", actor=actor)
    writing.customer_replied(number, "Works", actor=actor)
    assert said(number) == [
        (1, "customer", "It says E_QUOTA"),
        (2, "reply", "Try **again**"),
        (3, "note", "He is on the free plan"),
        (4, "customer", "Works"),
    ]
    reply = thread(number)[1]
    assert "<strong>again</strong>" in reply.html
    assert (reply.author, reply.author_id) == (actor.label, actor.id)
    assert thread(number, after=3) == thread(number)[3:]


def test_what_is_written_is_shown_without_harm(opened, actor):
    number = opened(text="<script>alert(1)</script> [x](javascript:alert(1))")
    html = thread(number)[0].html
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_a_reply_over_a_longer_thread_is_held_back_with_what_is_new(opened, actor, colleague):
    number = opened()
    writing.reply(number, "I look into it", seen=1, actor=colleague)
    writing.customer_replied(number, "Thanks", actor=actor)
    with pytest.raises(HeldBack, match="2 new messages") as held:
        writing.reply(number, "Please wait", seen=1, actor=actor)
    assert [(each.kind, each.text) for each in held.value.newer] == [
        ("reply", "I look into it"), ("customer", "Thanks"),
    ]  # fmt: skip
    assert len(said(number)) == 3
    sent = writing.reply(number, "Please wait", seen=held.value.sequence, actor=actor)
    assert sent.sequence == 4


def test_of_two_who_reply_at_once_one_is_held_back(opened, actor):
    number = opened()

    def send(n):
        try:
            writing.reply(number, f"Answer {n}", seen=1, actor=actor)
        except HeldBack:
            return "held back"
        return "sent"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(send, range(6)))
    assert outcomes == ["held back"] * 5 + ["sent"]
    assert len(said(number)) == 2


def test_notes_and_answers_at_once_all_find_a_place(opened, actor):
    number = opened()

    def write(n):
        if n % 2:
            writing.add_note(number, f"note {n}", actor=actor)
        else:
            writing.customer_replied(number, f"answer {n}", actor=actor)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(12)))
    assert [each[0] for each in said(number)] == list(range(1, 14))
    assert issue(number).sequence == 13


@pytest.mark.parametrize(
    ("status", "becomes"),
    [("open", "open"), ("pending", "open"), ("resolved", "open"), ("on_hold", "on_hold")],
)
def test_the_customers_answer_reopens_what_waited_or_was_resolved(opened, actor, status, becomes):
    number = opened()
    fields.set_status(number, status, seen=1, actor=actor)
    written = writing.customer_replied(number, "Still broken", actor=actor)
    assert (written.number, written.status) == (number, becomes)
    found = issue(number)
    assert (found.status, found.resolution, found.resolved_at) == (becomes, "", None)


def test_what_is_answered_to_a_closed_one_again_goes_on_in_what_followed_it(opened, actor):
    number = opened()
    fields.set_status(number, "closed", seen=1, actor=actor)
    second, again = (
        writing.customer_replied(number, text, actor=actor) for text in ("Hello?", "Anybody?")
    )
    assert (second.number, again.number, again.sequence) == (2, 2, 2)
    fields.set_status(2, "resolved", seen=issue(2).revision, actor=actor)
    assert writing.customer_replied(number, "No", actor=actor).status == "open"
    fields.set_status(2, "closed", seen=issue(2).revision, actor=actor)
    third = writing.customer_replied(number, "Now?", actor=actor)
    assert third.number == 3
    assert writing.customer_replied(number, "Well?", actor=actor).number == 3


def test_to_a_closed_one_it_opens_another_linked_to_it(
    opened, actor, customer, make_project, mongo
):
    project = make_project(user_id=customer["id"])
    number = opened(project_id=project["id"], priority="high")
    fields.set_status(number, "closed", seen=1, actor=actor)
    written = writing.customer_replied(number, "It is back", actor=actor)
    assert (written.number, written.sequence, written.status) == (2, 1, "open")
    follow_up = issue(written.number)
    assert follow_up.links == (Link(number, "follow_up"),)
    assert (follow_up.subject, follow_up.priority) == ("Cannot deploy", "high")
    assert follow_up.project_id == project["id"]
    closed = issue(number)
    assert (closed.status, closed.links) == ("closed", (Link(2, "followed_by"),))
    assert said(2) == [(1, "customer", "It is back")]
    mongo.projects.delete_one({"id": project["id"]})
    fields.set_status(2, "closed", seen=1, actor=actor)
    again = writing.customer_replied(number, "And again", actor=actor)
    assert issue(again.number).project_id == ""


def test_nobody_replies_in_a_closed_one_before_reopening_it(opened, actor):
    number = opened()
    done = fields.set_status(number, "closed", seen=1, actor=actor)
    with pytest.raises(Conflict, match="Reopen"):
        writing.reply(number, "x", seen=1, actor=actor)
    fields.set_status(number, "open", seen=done.revision, actor=actor)
    writing.reply(number, "x", seen=1, actor=actor)


def test_a_reply_may_change_the_status_with_it(opened, actor):
    number = opened()
    sent = writing.reply(number, "Sent you a link", seen=1, actor=actor, status="pending")
    assert issue(number).status == "pending"
    writing.reply(
        number, "Raised the quota", seen=2, actor=actor, status="resolved", revision=sent.revision
    )
    found = issue(number)
    assert (found.status, found.resolution) == ("resolved", "Raised the quota")
    [line, *_] = history_of(number).rows
    assert (line.row.action, line.row.before["status"]) == ("issue.reply", "pending")
    assert line.row.after["sequence"] == 3
    with pytest.raises(InvalidInput):
        writing.reply(number, "x", seen=3, actor=actor, status="done")


def test_but_not_one_that_somebody_else_gave_it_meanwhile(opened, actor, colleague):
    number = opened()
    fields.set_status(number, "on_hold", seen=1, actor=colleague)
    with pytest.raises(ChangedSince, match="Bo Berg set the status to “on_hold”"):
        writing.reply(number, "x", seen=1, actor=actor, status="pending", revision=1)
    assert len(said(number)) == 1
    writing.reply(number, "x", seen=1, actor=actor)


def test_the_first_reply_is_remembered_for_good(opened, actor):
    number = opened()
    assert issue(number).first_replied_at is None
    writing.add_note(number, "no reply", actor=actor)
    assert issue(number).first_replied_at is None
    writing.reply(number, "one", seen=2, actor=actor)
    at = issue(number).first_replied_at
    assert at == thread(number)[2].at
    writing.reply(number, "two", seen=3, actor=actor)
    assert issue(number).first_replied_at == at


def test_memory_is_told_of_texts_but_of_no_notes(opened, actor, mongo):
    number = opened()
    writing.add_note(number, "He is difficult", actor=actor)
    assert "latest" not in mongo.support_issues.find_one()
    writing.reply(number, "Try again", seen=2, actor=actor)
    writing.add_note(number, "He is difficult", actor=actor)
    stored = mongo.support_issues.find_one()
    assert (stored["first"]["text"], stored["latest"]["text"]) == ("It says E_QUOTA", "Try again")
    assert "difficult" not in str(stored)


def test_nothing_is_written_while_the_customer_is_being_erased(opened, actor, customer, mongo):
    number = opened()
    mongo.erasures.insert_one({"customer_ids": [customer["id"]], "state": "running"})
    for write in (
        lambda: writing.reply(number, "x", seen=1, actor=actor),
        lambda: writing.customer_replied(number, "x", actor=audit.SYSTEM),
        lambda: opened(),
    ):
        with pytest.raises(Conflict, match="being erased"):
            write()
    assert len(said(number)) == 1
