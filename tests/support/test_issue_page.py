"""The page of an issue, over HTTP: reading, answering, what is held back, and what is set."""

import re
from typing import Any

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import fields, writing
from tests.support.conftest import PNG

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(client_for) -> Any:
    return client_for("support")


@pytest.fixture
def staff_id(client) -> str:
    return str(client.session["_auth_user_id"])


def seen(number: int, **more: Any) -> dict[str, Any]:
    now = issue(number)
    return {"seen": now.sequence, "revision": now.revision, **more}


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_the_page_tells_customer_replies_and_notes_apart(client, opened, actor):
    number = opened()
    writing.reply(number, "Try **again**", seen=1, actor=actor)
    writing.add_note(number, "They are on trial", actor=actor)
    html = client.get(f"/support/{number}/").content.decode()
    kinds = re.findall(r'class="message message-(\w+)" id="m(\d)"', html)
    assert kinds == [("customer", "1"), ("reply", "2"), ("note", "3")]
    assert "<strong>again</strong>" in html
    assert "Zoe Quillfeather" in html


def test_a_reply_is_sent_and_leaves_no_draft(client, opened, mongo):
    number = opened()
    client.post(f"/support/{number}/draft/", {"kind": "reply", "text": "Hel", "draft": 0})
    assert mongo.support_drafts.count_documents({}) == 1
    answer = client.post(
        f"/support/{number}/reply/", seen(number, text="Hello", status="pending", draft=1)
    )
    assert answer.headers["Location"] == f"/support/{number}/#m2"
    assert [each.text for each in thread(number)][1:] == ["Hello"]
    assert issue(number).status == "pending"
    assert mongo.support_drafts.count_documents({"text": {"$ne": ""}}) == 0


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["without a script", "by htmx"])
def test_a_reply_is_held_back_when_somebody_wrote_and_goes_out_the_second_time(
    client, opened, actor, headers
):
    number = opened()
    before = seen(number, shown=1, text="My long answer")
    writing.customer_replied(number, "It works now", actor=actor)
    answer = client.post(f"/support/{number}/reply/", before, headers=headers)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "My long answer" in html
    assert "there is 1 new message you have not seen" in html
    assert 'id="m2"' in html
    assert 'name="seen" value="2"' in html
    again = {**before, "seen": 2}
    assert client.post(f"/support/{number}/reply/", again, headers=headers).status_code < 400
    assert thread(number)[-1].text == "My long answer"


def test_who_replies_takes_what_nobody_has_unless_they_leave_it_off(
    client, opened, actor, staff_id
):
    number, other = opened(), opened()
    page = client.get(f"/support/{number}/").content.decode()
    assert re.search(r'name="take" value="1" checked', page)
    client.post(f"/support/{number}/reply/", seen(number, text="Mine", take="1"))
    assert issue(number).assignee_id == staff_id
    assert 'name="take"' not in client.get(f"/support/{number}/").content.decode()
    client.post(f"/support/{other}/reply/", seen(other, text="Not mine"))
    assert issue(other).assignee_id == ""
    page = client.get(f"/support/{other}/").content.decode()
    assert re.search(r'name="take" value="1">', page)
    body = seen(other, text="Not mine")
    writing.customer_replied(other, "Wait", actor=actor)
    for headers in ({}, HTMX):
        held = client.post(f"/support/{other}/reply/", body, headers=headers)
        assert held.status_code == 409
        assert re.search(r'name="take" value="1">', held.content.decode())


def test_one_who_was_faster_keeps_the_issue(client, opened, actor):
    number = opened()
    body = seen(number, text="Mine", take="1")
    fields.set_assignee(number, actor.id, seen=1, actor=actor)
    assert client.post(f"/support/{number}/reply/", body).status_code == 302
    assert issue(number).assignee_id == actor.id


def test_what_is_resolved_is_offered_to_be_reopened(client, opened, actor):
    number = opened()
    before = client.get(f"/support/{number}/").content.decode()
    assert "Send and resolve" in before
    body = {"seen": 1, "status": "resolved"}
    page = client.post(f"/support/{number}/status/", body, headers=HTMX).content.decode()
    assert re.search(r'id="issue-resolve"[^>]*hx-swap-oob', page)
    assert "Reopen" in page
    assert "Send and resolve" not in client.get(f"/support/{number}/").content.decode()


def test_the_clock_follows_a_reply_at_once_and_a_colleagues_too(client, opened, actor):
    """Of the first of its two promises; every piece names its place on the page."""
    first = re.compile(r'id="issue-clock"[^>]*hx-swap-oob="true".*?clock-state">(.*?)</span>', re.S)

    def said(answer: Any) -> str:
        return re.sub(r"<[^>]*>", "", first.search(answer.content.decode())[1]).strip()

    number = opened()
    body = seen(number, text="Look again", shown=1)
    assert said(client.post(f"/support/{number}/reply/", body, headers=HTMX)) == "Kept"
    other = opened()
    shown = {"shown": 1, "shown_revision": issue(other).revision}
    writing.reply(other, "Look", seen=1, actor=actor)
    assert said(client.get(f"/support/{other}/changes/", shown, headers=HTMX)) == "Kept"


def test_what_is_refused_keeps_the_text_and_the_files(client, opened, actor, staff):
    number = opened()
    fields.set_status(number, "closed", seen=1, actor=actor)
    sent = client.post("/support/files/", {"file": _file("shot.png", PNG, "image/png")})
    file_id = re.search(r'name="attachment_id" value="([^"]+)"', sent.content.decode())[1]
    body = seen(number, text="Kept words", attachment_id=file_id)
    answer = client.post(f"/support/{number}/reply/", body)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Reopen it" in html
    assert "Kept words" in html
    assert f'value="{file_id}" checked' in html


@pytest.mark.parametrize(
    ("text", "status"), [("", 422), ("\x00\x07", 422), ("x" * 60_000, 422)],
    ids=["nothing", "control characters", "far too much"],
)  # fmt: skip
def test_a_text_that_cannot_be_sent_comes_back(client, opened, text, status):
    number = opened()
    answer = client.post(f"/support/{number}/reply/", seen(number, text=text))
    assert answer.status_code == status
    assert b'role="alert"' in answer.content
    assert len(thread(number)) == 1
    if text.strip("\x00\x07"):
        assert text.encode() in answer.content


def test_files_go_along_without_a_script(client, opened):
    number = opened()
    body = seen(number, text="See this", files=[_file("a.png", PNG, "image/png")])
    client.post(f"/support/{number}/reply/", body)
    (file,) = thread(number)[-1].attachments
    assert (file.name, file.is_shown_inline) == ("a.png", True)
    html = client.get(f"/support/{number}/").content.decode()
    assert f'<img src="/support/{number}/attachments/{file.id}/"' in html


def test_a_file_that_lies_about_its_type_is_refused_beside_it(client):
    answer = client.post("/support/files/", {"file": _file("a.png", b"MZ\x90\0", "image/png")})
    assert answer.status_code == 422
    assert "is said to be image/png" in text_of(answer)


def test_a_file_that_was_removed_is_not_sent(client, opened, mongo):
    sent = client.post("/support/files/", {"file": _file("shot.png", PNG, "image/png")})
    file_id = re.search(r'name="attachment_id" value="([^"]+)"', sent.content.decode())[1]
    assert client.post(f"/support/files/{file_id}/remove/").status_code == 204
    assert mongo.support_attachments.count_documents({}) == 0


def test_an_unknown_number_is_answered_in_words(client):
    answer = client.get("/support/4711/")
    assert answer.status_code == 404
    assert "There is no issue" in text_of(answer)


def test_each_field_is_saved_by_itself_and_can_be_undone(client, opened, staff, actor):
    number = opened()
    me = str(staff("support").pk)
    for name, body in (
        ("status", {"status": "on_hold"}),
        ("priority", {"priority": "high"}),
        ("assignee", {"assignee_id": "me"}),
        ("tags", {"tags": "Billing, deploy"}),
    ):
        body["seen"] = issue(number).revision
        answer = client.post(f"/support/{number}/{name}/", body, headers=HTMX)
        assert answer.status_code == 200, name
        assert "/undo/" in answer.headers["HX-Trigger"], name
    now = issue(number)
    assert (now.status, now.priority, now.assignee_id, now.tags) == (
        "on_hold", "high", me, ("billing", "deploy"),
    )  # fmt: skip


def test_a_field_somebody_else_changed_says_what_holds_now(client, opened, actor):
    number = opened()
    fields.set_priority(number, "urgent", seen=1, actor=actor)
    body = {"priority": "low", "seen": 1}
    answer = client.post(f"/support/{number}/priority/", body, headers=HTMX)
    assert answer.status_code == 409
    assert "Admin Person set the priority to “urgent”" in text_of(answer)
    assert '<option value="urgent" selected>' in answer.content.decode()
    assert issue(number).priority == "urgent"


def test_the_subject_is_changed_and_a_megabyte_of_it_refused(client, opened):
    number = opened()
    answer = client.post(f"/support/{number}/subject/", {"subject": "x" * 1_000_000, "seen": 1})
    assert answer.status_code == 422
    answer = client.post(f"/support/{number}/subject/", {"subject": "Deploys fail", "seen": 1})
    assert answer.status_code == 302
    assert issue(number).subject == "Deploys fail"


def test_issues_are_linked_by_number_and_unlinked(client, opened):
    number, other = opened(), opened(subject="The other one")
    answer = client.post(f"/support/{number}/link/", {"other": f"#{other}"}, headers=HTMX)
    assert "The other one" in text_of(answer)
    assert issue(other).links[0].number == number
    client.post(f"/support/{number}/unlink/{other}/")
    assert issue(number).links == ()
    answer = client.post(f"/support/{number}/link/", {"other": "4711"}, headers=HTMX)
    assert answer.status_code == 422


def test_an_issue_is_merged_into_another_after_a_look_at_both(client, opened):
    gone, kept = opened(text="first words"), opened(text="second words")
    page = client.get(f"/support/{gone}/merge/?into={kept}")
    assert "first words" in text_of(page)
    assert "second words" in text_of(page)
    body = {"into": kept, "seen": 1, "absorbed_seen": 1}
    assert client.post(f"/support/{gone}/merge/", body)["Location"] == f"/support/{kept}/"
    assert f"moved from #{gone}" in text_of(client.get(f"/support/{kept}/")).replace(" # ", " #")
    banner = client.get(f"/support/{gone}/").content.decode()
    assert f'Merged into <a href="/support/{kept}/">' in banner
    assert 'id="composer"' not in banner


def test_a_merge_with_another_customers_issue_is_refused(client, opened, make_customer):
    number = opened()
    other = opened(user_id=make_customer(id="somebody", email="s@x.example")["id"])
    answer = client.post(
        f"/support/{number}/merge/", {"into": other, "seen": 1, "absorbed_seen": 1}
    )
    assert answer.status_code == 409
    assert issue(number).merged_into is None


def test_watching_is_turned_on_and_off(client, opened, staff):
    number, me = opened(), str(staff("support").pk)
    client.post(f"/support/{number}/watch/")
    assert issue(number).watchers == (me,)
    client.post(f"/support/{number}/unwatch/")
    assert issue(number).watchers == ()


def test_a_long_thread_shows_its_last_fifty_first(client, opened, actor):
    number = opened()
    for count in range(60):
        writing.add_note(number, f"note {count}", actor=actor)
    html = client.get(f"/support/{number}/").content.decode()
    shown = re.findall(r'<article [^>]*id="m(\d+)"', html)
    assert (shown[0], shown[-1], len(shown)) == ("12", "61", 50)
    earlier = client.get(f"/support/{number}/?before=12", headers=HTMX).content.decode()
    assert re.findall(r'<article [^>]*id="m(\d+)"', earlier)[0] == "1"
    assert "Show earlier" not in earlier
    asked = client.get(f"/support/{number}/?message=3").content.decode()
    assert 'id="m3"' in asked
    assert "Back to the latest" in asked
    assert "Back to the latest" not in client.get(f"/support/{number}/?message=40").content.decode()


def test_the_history_says_in_words_what_was_changed(client, opened, actor, customer, make_project):
    project = make_project(user_id=customer["id"], name="Shop")
    number = opened(project_id=project["id"])
    fields.set_status(number, "pending", seen=1, actor=actor)
    fields.set_assignee(number, actor.id, seen=2, actor=actor)
    words = text_of(client.get(f"/support/{number}/history/"))
    assert "Status Open → became Waiting for the customer" in words
    assert "Assignee nobody → became Admin Person" in words
    assert "by Admin Person" in words
    assert "Project Shop" in words
    assert "Tags nothing" not in words
    answer = client.get(f"/support/{number}/history/").content.decode()
    icons = re.findall(r'event-mark"><svg[^>]*><use href="[^#]*#([^"]*)"', answer)
    assert icons == ["person-check", "check-circle", "plus-lg"]


def test_a_part_that_fails_leaves_the_rest_of_the_page(client, opened, monkeypatch):
    from devora_admin.support import page_parts

    def fail(issue: Any, can: Any) -> Any:
        raise ValueError("broken")

    parts = {"x": page_parts.Part("x", "Broken", 10, "issues.view", "support/people.html", fail)}
    monkeypatch.setattr(page_parts, "_parts", parts)
    words = text_of(client.get(f"/support/{opened()}/"))
    assert "This part could not be loaded" in words
    assert "It says E_QUOTA" in words


def test_an_issue_of_a_deleted_project_is_shown(client, opened, customer, make_project, mongo):
    project = make_project(user_id=customer["id"], name="Gone soon")
    number = opened(project_id=project["id"])
    assert "Gone soon" in text_of(client.get(f"/support/{number}/"))
    mongo.projects.delete_one({"id": project["id"]})
    assert "a project that is gone" in text_of(client.get(f"/support/{number}/"))


def test_the_page_takes_few_round_trips(client, opened, actor, customer, make_project):
    project = make_project(user_id=customer["id"], name="Shop")
    number, other = opened(project_id=project["id"]), opened()
    client.post(f"/support/{number}/link/", {"other": other})
    writing.reply(number, "Hello", seen=1, actor=actor)
    client.get(f"/support/{number}/")
    core_mongo.round_trips.reset()
    timing = client.get(f"/support/{number}/").headers["Server-Timing"]
    trips = int(re.search(r'mongo;desc="(\d+)"', timing)[1])
    assert trips <= 16


def test_the_audit_log_leads_to_the_issue(opened):
    from devora_admin.staff import wording

    assert wording.page_of("issue", str(opened())) == "/support/1/"


def _file(name: str, content: bytes, kind: str) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content, kind)
