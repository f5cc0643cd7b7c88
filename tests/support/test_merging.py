"""Two issues become one: threads joined in order, and put back by an undo."""

import pytest

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import undo
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import Link, issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import attaching, fields, linking, writing
from devora_admin.support.services.changing import ChangedSince
from devora_admin.support.services.merging import merge_issues


@pytest.fixture
def pair(opened, actor):
    """The one that stays, with two messages, and the one that goes, with three."""
    kept, gone = opened(text="k1"), opened(text="g1")
    writing.reply(kept, "k2", seen=1, actor=actor)
    writing.add_note(gone, "g2", actor=actor)
    writing.customer_replied(gone, "g3", actor=actor)
    return kept, gone


@pytest.fixture
def merge(actor):
    def work(kept, gone):
        seen = issue(kept).revision, issue(gone).revision
        return merge_issues(kept, gone, seen=seen[0], absorbed_seen=seen[1], actor=actor)

    return work


def said(number):
    return [(each.sequence, each.text) for each in thread(number)]


def test_the_thread_of_one_stands_behind_the_others_and_it_says_where_it_went(pair, merge):
    kept, gone = pair
    merge(kept, gone)
    assert said(kept) == [(1, "k1"), (2, "k2"), (3, "g1"), (4, "g2"), (5, "g3")]
    assert [each.is_moved for each in thread(kept)] == [False, False, True, True, True]
    assert said(gone) == []
    absorbed = issue(gone)
    assert (absorbed.status, absorbed.merged_into) == ("closed", kept)
    assert absorbed.links == (Link(kept, "merged"),)
    assert issue(kept).links == (Link(gone, "merged"),)
    assert history_of(gone).rows[0].row.after["merged_into"] == kept


def test_an_undo_puts_every_message_back_whatever_was_written_since(pair, merge, actor, mongo):
    kept, gone = pair
    linking.link(kept, gone, kind="duplicate", actor=actor)
    before = {number: (said(number), issue(number)) for number in pair}
    texts = {row["number"]: row.get("latest") for row in mongo.support_issues.find()}
    done = merge(kept, gone)
    writing.customer_replied(kept, "k3", actor=actor)
    undo.perform(done.row_id, actor=actor)
    assert said(gone) == before[gone][0]
    assert said(kept) == [*before[kept][0], (6, "k3")]
    for number in pair:
        now, was = issue(number), before[number][1]
        assert (now.status, now.links, now.merged_into) == (was.status, was.links, None)
    found = {row["number"]: row["latest"]["text"] for row in mongo.support_issues.find()}
    assert found == {kept: "k3", gone: texts[gone]["text"]}
    writing.reply(gone, "g4", seen=3, actor=actor)
    assert said(gone)[-1] == (4, "g4")
    with pytest.raises(Conflict, match="undone already"):
        undo.perform(done.row_id, actor=actor)


def test_a_chain_of_merges_is_undone_from_its_end(pair, merge, opened, actor):
    kept, gone = pair
    first = merge(kept, gone)
    last = opened(text="l1")
    second = merge(last, kept)
    assert [text for _, text in said(last)] == ["l1", "k1", "k2", "g1", "g2", "g3"]
    with pytest.raises(Conflict, match="merged into"):
        undo.perform(first.row_id, actor=actor)
    undo.perform(second.row_id, actor=actor)
    assert [text for _, text in said(kept)] == ["k1", "k2", "g1", "g2", "g3"]
    undo.perform(first.row_id, actor=actor)
    assert said(kept) == [(1, "k1"), (2, "k2")]
    assert said(gone) == [(1, "g1"), (2, "g2"), (3, "g3")]


def test_what_the_customer_answers_to_it_goes_where_it_went(pair, merge, actor):
    kept, gone = pair
    merge(kept, gone)
    written = writing.customer_replied(gone, "late", actor=actor)
    assert (written.number, said(kept)[-1]) == (kept, (6, "late"))


def test_nothing_else_is_done_to_an_absorbed_one(pair, merge, actor):
    kept, gone = pair
    merge(kept, gone)
    for change in (
        lambda: writing.reply(gone, "x", seen=3, actor=actor),
        lambda: writing.add_note(gone, "x", actor=actor),
        lambda: fields.set_status(gone, "open", seen=99, actor=actor),
        lambda: merge(gone, kept),
        lambda: merge(kept, gone),
    ):
        with pytest.raises(Conflict, match=f"merged into #{kept}"):
            change()


def test_a_merge_over_what_was_written_since_is_a_conflict(pair, actor):
    kept, gone = pair
    seen = issue(kept).revision, issue(gone).revision
    writing.customer_replied(gone, "wait", actor=actor)
    with pytest.raises(ChangedSince):
        merge_issues(kept, gone, seen=seen[0], absorbed_seen=seen[1], actor=actor)
    assert len(said(kept)) == 2


def test_issues_of_two_customers_stay_apart(opened, merge, make_customer):
    one, two = opened(), opened(user_id=make_customer()["id"])
    with pytest.raises(Conflict, match="two customers"):
        merge(one, two)
    with pytest.raises(InvalidInput):
        merge(one, one)


def test_files_go_along(opened, merge, actor):
    file = attaching.keep_file("a.txt", "text/plain", b"x", actor=actor)
    one, two = opened(), opened(attachment_ids=[file.id])
    merge(one, two)
    assert [each.name for each in thread(one)[1].attachments] == ["a.txt"]


def test_a_reply_in_the_thread_that_came_is_the_first_one_and_is_not_once_that_is_undone(
    opened, merge, actor, mongo
):
    kept, gone = opened(), opened()
    writing.reply(gone, "We look at it", seen=1, actor=actor)
    done = merge(kept, gone)
    row = mongo.support_issues.find_one({"number": kept})
    assert row["first_replied_at"] >= row["created_at"]
    assert row["sla"]["first_reply"]["state"] == "met"
    undo.perform(done.row_id, actor=actor)
    row = mongo.support_issues.find_one({"number": kept})
    assert "first_replied_at" not in row
    assert row["sla"]["first_reply"]["state"] == "running"


def test_what_was_merged_away_was_resolved_by_nobody(opened, merge, mongo):
    kept, gone = opened(), opened()
    merge(kept, gone)
    row = mongo.support_issues.find_one({"number": gone})
    assert row["status"] == "closed"
    assert "resolved_at" not in row
