"""What is typed in an issue is kept; who else is there is seen; what is new arrives."""

import re
from datetime import timedelta
from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.core.errors import Conflict
from devora_admin.support import presence
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import drafts, fields, merging, writing

HTMX = {"HX-Request": "true"}
TAB = "tab-00000000"


@pytest.fixture
def client(client_for) -> Any:
    return client_for("support")


def test_a_draft_stands_in_the_form_again(client, opened):
    number = opened()
    body = {"kind": "reply", "text": "Half a sent", "draft": 0}
    assert client.post(f"/support/{number}/draft/", body).json() == {"revision": 1}
    html = client.get(f"/support/{number}/").content.decode()
    assert "Half a sent</textarea>" in html
    assert 'name="draft" value="1"' in html
    assert "Half a sent" not in client.get(f"/support/{number}/?kind=note").content.decode()


def test_a_second_tab_that_did_not_see_the_first_is_refused_and_told(client, opened):
    number = opened()
    body = {"kind": "reply", "text": "first tab", "draft": 0}
    client.post(f"/support/{number}/draft/", body)
    answer = client.post(f"/support/{number}/draft/", {**body, "text": "second tab"})
    assert answer.status_code == 409
    assert (answer.json()["text"], answer.json()["revision"]) == ("first tab", 1)
    stale = client.post(f"/support/{number}/draft/", {**body, "text": "third tab", "draft": 7})
    assert stale.status_code == 409


def test_the_same_words_from_a_page_that_was_left_are_no_conflict(client, opened):
    number = opened()
    body = {"kind": "reply", "text": "left and come back", "draft": 0}
    for _ in range(2):
        answer = client.post(f"/support/{number}/draft/", body)
        assert (answer.status_code, answer.json()["revision"]) == (200, 1)


def test_a_draft_is_its_writers_alone(client, client_for, opened):
    number = opened()
    client.post(f"/support/{number}/draft/", {"kind": "reply", "text": "mine", "draft": 0})
    other = client_for("editor").get(f"/support/{number}/").content.decode()
    assert "mine</textarea>" not in other


def test_a_discarded_draft_is_gone_and_comes_back_by_undo(client, opened):
    number = opened()
    client.post(f"/support/{number}/draft/", {"kind": "note", "text": "a thought", "draft": 0})
    answer = client.post(
        f"/support/{number}/draft/discard/", {"kind": "note", "draft": 1}, headers=HTMX
    )
    undo = re.search(r'"undo": "([^"]+)"', answer.headers["HX-Trigger"])[1]
    page = f"/support/{number}/?kind=note"
    assert "a thought" not in client.get(page).content.decode()
    assert client.post(undo).headers["Location"] == page
    assert "a thought</textarea>" in client.get(page).content.decode()


def test_a_note_that_is_sent_leaves_the_draft_of_the_reply(client, opened, mongo):
    number = opened()
    for kind in ("reply", "note"):
        client.post(f"/support/{number}/draft/", {"kind": kind, "text": kind, "draft": 0})
    now = issue(number)
    body = {"seen": now.sequence, "revision": now.revision, "text": "done", "draft": 1}
    client.post(f"/support/{number}/note/", body)
    assert [row["kind"] for row in mongo.support_drafts.find({"is_discarded": False})] == ["reply"]


def test_what_another_tab_has_begun_stays_when_something_else_is_sent(client, opened, mongo):
    number, body = opened(), {"kind": "reply", "text": "long thoughts of the other tab", "draft": 0}
    client.post(f"/support/{number}/draft/", body)
    client.post(f"/support/{number}/reply/", {"seen": 1, "revision": 1, "text": "Hi", "draft": 0})
    assert body["text"] in client.get(f"/support/{number}/").content.decode()


def test_a_tab_that_knows_what_was_sent_writes_over_nothing_that_was_begun_since(client, opened):
    number, body = opened(), {"kind": "reply", "text": "one", "draft": 0}
    address = f"/support/{number}/draft/"
    client.post(address, body)
    client.post(f"/support/{number}/reply/", {"seen": 1, "revision": 1, "text": "one", "draft": 1})
    assert client.post(address, {**body, "text": "late", "draft": 0}).status_code == 409
    begun = client.post(address, {**body, "text": "two", "draft": 2}).json()["revision"]
    assert client.post(address, {**body, "text": "stale", "draft": 1}).status_code == 409
    assert begun == 3


def test_a_draft_too_long_to_be_sent_is_refused(client, opened, mongo):
    body = {"kind": "reply", "text": "x" * 60_000, "draft": 0}
    assert client.post(f"/support/{opened()}/draft/", body).status_code == 413
    assert mongo.support_drafts.count_documents({}) == 0


def test_saving_for_an_unknown_kind_or_issue_is_refused(client, opened, actor):
    body = {"kind": "poem", "text": "x", "draft": 0}
    assert client.post(f"/support/{opened()}/draft/", body).status_code == 422
    assert client.post("/support/4711/draft/", {**body, "kind": "note"}).status_code == 404


def test_restoring_what_was_begun_anew_since_is_a_conflict(opened, actor):
    number = opened()
    drafts.save(number, "note", "old", seen=0, actor=actor)
    drafts.discard(number, "note", seen=1, actor=actor)
    drafts.save(number, "note", "new", seen=2, actor=actor)
    with pytest.raises(Conflict):
        drafts.restore(number, "note", seen=2, actor=actor)


def test_nothing_new_is_answered_with_nothing(client, opened):
    number = opened()
    asked = client.get(f"/support/{number}/changes/?shown=1&shown_revision=1")
    assert (asked.status_code, asked.content) == (204, b"")


def test_a_new_message_arrives_and_is_announced_without_the_form(client, opened, actor):
    number = opened()
    writing.customer_replied(number, "Still broken", actor=actor)
    html = client.get(f"/support/{number}/changes/?shown=1&shown_revision=1").content.decode()
    assert 'hx-swap-oob="beforeend:#thread"' in html
    assert "Still broken" in html
    assert "New reply from the customer" in html
    assert 'id="composer"' not in html


def test_a_reply_on_its_way_is_told_once_it_came_further(client, opened, actor, mongo):
    number = opened()
    written = writing.reply(number, "Look", seen=1, actor=actor)
    key, page = written.message_id, client.get(f"/support/{number}/").content.decode()
    assert f'form="shown-state" name="waiting" value="{key}"' in page
    asked = f"/support/{number}/changes/?shown=2&shown_revision={written.revision}&waiting={key}"
    assert client.get(asked).status_code == 204
    sent = {"state": "sent", "sent_at": clock.now(), "address": "zoe@marked.example"}
    mongo.support_outbox.update_one({"_id": key}, {"$set": sent})
    html = client.get(asked).content.decode()
    assert f'id="delivery-{key}" hx-swap-oob="true"' in html
    assert "E-mailed to zoe@marked.example" in html


def test_a_changed_field_arrives_without_messages(client, opened, actor):
    number = opened()
    fields.set_priority(number, "high", seen=1, actor=actor)
    html = client.get(f"/support/{number}/changes/?shown=1&shown_revision=1").content.decode()
    assert '<option value="high" selected>' in html
    assert "<article" not in html
    assert "New reply" not in html


def test_two_people_see_each_other_here_and_writing(client, client_for, opened):
    number = opened()
    other = client_for("editor", name="Bo Berg")
    other.post(f"/support/{number}/here/", {"tab": TAB, "writing": "0"})
    here = client.post(f"/support/{number}/here/", {"tab": TAB, "writing": "0"})
    assert "Bo Berg</bdi> is here" in here.content.decode()
    other.post(f"/support/{number}/here/", {"tab": TAB, "writing": "1"})
    assert "is writing" in client.get(f"/support/{number}/").content.decode()
    other.post(f"/support/{number}/gone/", {"tab": TAB})
    here = client.post(f"/support/{number}/here/", {"tab": TAB, "writing": "0"})
    assert "Bo Berg" not in here.content.decode()


def test_who_says_nothing_any_more_is_forgotten(opened, actor, colleague, monkeypatch):
    issue_id = issue(opened()).id
    presence.be_present(issue_id, actor=colleague, tab=TAB, is_writing=False)
    assert [each.name for each in presence.others(issue_id, actor=actor)] == ["Bo Berg"]
    later = clock.now() + timedelta(seconds=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert presence.others(issue_id, actor=actor) == []


@pytest.mark.parametrize("tab", ["", "short", "x" * 80, "has spaces in it"])
def test_a_tab_that_is_none_is_refused(client, opened, tab):
    assert client.post(f"/support/{opened()}/here/", {"tab": tab}).status_code == 422


def test_what_was_begun_in_an_issue_that_is_merged_away_goes_on_in_the_other(
    client, client_for, opened, actor
):
    kept, gone = opened(), opened()
    theirs = client_for("editor")
    client.post(f"/support/{kept}/draft/", {"kind": "reply", "text": "Begun here", "draft": 0})
    for each in (client, theirs):
        each.post(f"/support/{gone}/draft/", {"kind": "reply", "text": "Begun there", "draft": 0})
    merging.merge_issues(kept, gone, seen=1, absorbed_seen=1, actor=actor)
    assert "Begun here\n\nBegun there</textarea>" in (
        client.get(f"/support/{kept}/").content.decode()
    )
    assert "\nBegun there</textarea>" in theirs.get(f"/support/{kept}/").content.decode()
    # A tab that is still open there is told, and goes on in the other.
    typed = {"kind": "reply", "text": "Begun there, too", "draft": 1}
    refused = theirs.post(f"/support/{gone}/draft/", typed)
    assert (refused.status_code, refused.json()["text"]) == (409, "Begun there")
    typed["draft"] = refused.json()["revision"]
    assert theirs.post(f"/support/{gone}/draft/", typed).status_code == 200
    assert "Begun there, too</textarea>" in theirs.get(f"/support/{kept}/").content.decode()
    discarded = theirs.post(
        f"/support/{gone}/draft/discard/", {"kind": "reply", "draft": typed["draft"] + 1}
    )
    assert discarded.status_code < 400
    assert "Begun there" not in theirs.get(f"/support/{kept}/").content.decode()
