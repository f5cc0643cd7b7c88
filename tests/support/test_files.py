"""Files are what their content says, belong to a message, and are gone when nobody sends them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput, TooLarge
from devora_admin.support import file_types
from devora_admin.support.documents import files
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import attaching, drafts, writing
from devora_admin.support.services.attaching import keep_file
from devora_admin.support.services.writing import HeldBack
from tests.support.conftest import PNG

STORES = ("support_attachments", "support_files.files", "support_files.chunks")


def held(mongo):
    return [mongo[name].count_documents({}) for name in STORES]


def test_a_file_is_part_of_the_message_it_is_sent_with(opened, actor, client_for):
    number = opened()
    file = keep_file("C:\\fakepath\\screen.png", "image/png", PNG, actor=actor)
    writing.reply(number, "See", seen=1, actor=actor, attachment_ids=[file.id])
    [shown] = thread(number)[1].attachments
    assert (shown.name, shown.type, shown.size_bytes) == ("screen.png", "image/png", len(PNG))
    answer = client_for("support").get(f"/support/{number}/attachments/{file.id}/")
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("name", "claimed", "content"),
    [
        ("page.txt", "text/plain", b"<script>alert(1)</script>"),
        ("a.pdf", "application/pdf", b"%PDF-1.7"),
        ("a.json", "application/json", b"{}"),
        ("a.zip", "application/zip", b"PK\x03\x04"),
        ('we"ird\r\n.csv', "text/csv", b"a,b"),
    ],
)
def test_everything_but_pictures_is_downloaded(opened, actor, client_for, name, claimed, content):
    file = keep_file(name, claimed, content, actor=actor)
    number = opened(attachment_ids=[file.id])
    answer = client_for("support").get(f"/support/{number}/attachments/{file.id}/")
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "claimed", "content"),
    [
        ("photo.png", "image/png", b"<html><script>alert(1)</script>"),
        ("photo.png", "image/png", b"%PDF-1.7"),
        ("photo.jpg", "image/jpeg", PNG),
        ("notes.txt", "text/plain", b"MZ\x90\0\x03"),
        ("notes.txt", "text/plain", PNG),
        ("notes.txt", "text/plain", b"a\0b"),
        ("data.json", "application/json", b"\xff\xfe"),
        ("doc.pdf", "application/pdf", b"PK\x03\x04"),
    ],
)
def test_a_type_that_lies_is_refused_with_both_named(mongo, actor, name, claimed, content):
    with pytest.raises(InvalidInput, match=f"{name}.* is said to be {claimed}, but its content"):
        keep_file(name, claimed, content, actor=actor)
    assert held(mongo) == [0, 0, 0]


@pytest.mark.parametrize(
    ("name", "claimed", "content"),
    [
        ("page.html", "text/html", b"<html>"),
        ("x.svg", "image/svg+xml", b"<svg/>"),
        ("x.exe", "application/x-msdownload", b"MZ"),
        ("x.bin", "application/octet-stream", b"\0\1\2"),
        ("none.txt", "text/plain", b""),
    ],
)
def test_what_is_not_on_the_list_is_refused(actor, name, claimed, content):
    with pytest.raises(InvalidInput):
        keep_file(name, claimed, content, actor=actor)


def test_a_browser_that_does_not_say_is_helped(actor):
    assert keep_file("screen", "", PNG, actor=actor).type == "image/png"
    assert keep_file("log", "application/octet-stream", b"x", actor=actor).type == "text/plain"
    assert keep_file("a.jpg", "image/jpg", b"\xff\xd8\xff\xe0", actor=actor).type == "image/jpeg"


@given(st.binary(max_size=40))
def test_no_content_passes_for_a_picture_but_one(content):
    for claimed in file_types.SHOWN_INLINE:
        try:
            kept = file_types.checked("x", claimed, content)
        except InvalidInput:
            continue
        assert kept == claimed == file_types.found_in(content)


def test_ten_megabytes_are_kept_and_a_byte_more_is_not(mongo, actor):
    file = keep_file("big.txt", "text/plain", b"x" * attaching.MAX_BYTES, actor=actor)
    assert files().open_download_stream(file.id).read() == b"x" * attaching.MAX_BYTES
    with pytest.raises(TooLarge):
        keep_file("big.txt", "text/plain", b"x" * (attaching.MAX_BYTES + 1), actor=actor)


def test_a_reply_that_is_held_back_keeps_its_files(opened, actor):
    number = opened()
    file = keep_file("a.txt", "text/plain", b"x", actor=actor)
    writing.customer_replied(number, "more", actor=actor)
    with pytest.raises(HeldBack):
        writing.reply(number, "See", seen=1, actor=actor, attachment_ids=[file.id])
    writing.reply(number, "See", seen=2, actor=actor, attachment_ids=[file.id])
    assert thread(number)[2].attachments == (file,)


def test_a_file_is_sent_once_and_by_who_brought_it(opened, actor, colleague):
    number = opened()
    file = keep_file("a.txt", "text/plain", b"x", actor=actor)
    with pytest.raises(Conflict, match="not there"):
        writing.add_note(number, "See", actor=colleague, attachment_ids=[file.id])
    writing.add_note(number, "See", actor=actor, attachment_ids=[file.id])
    with pytest.raises(Conflict, match="not there"):
        writing.add_note(number, "See", actor=actor, attachment_ids=[file.id])
    assert len(thread(number)) == 2


def test_a_file_is_shown_with_its_own_issue_alone(opened, actor, client_for):
    file = keep_file("a.txt", "text/plain", b"x", actor=actor)
    number, other = opened(attachment_ids=[file.id]), opened()
    unsent = keep_file("b.txt", "text/plain", b"x", actor=actor)
    client = client_for("support")
    assert client.get(f"/support/{number}/attachments/{file.id}/").status_code == 200
    for wrong in ((other, file.id), (number, unsent.id), (number, "none"), (99, file.id)):
        assert client.get("/support/{}/attachments/{}/".format(*wrong)).status_code == 404
    viewer = client_for("viewer")
    assert viewer.get(f"/support/{number}/attachments/{file.id}/").status_code == 403


def test_what_nobody_sent_is_gone_after_a_day_and_what_was_sent_stays(opened, actor, mongo):
    sent, unsent = (keep_file(f"{n}.txt", "text/plain", b"x", actor=actor) for n in range(2))
    number = opened(attachment_ids=[sent.id])
    attaching.remove_unsent()
    assert held(mongo) == [2, 2, 2]
    long_ago = clock.now() - attaching.KEPT_UNSENT - timedelta(seconds=1)
    mongo.support_attachments.update_many({}, {"$set": {"at": long_ago}})
    assert attaching.remove_unsent() == 1
    assert attaching.remove_unsent() == 0
    assert held(mongo) == [1, 1, 1]
    assert [each.id for each in thread(number)[0].attachments] == [sent.id]
    assert mongo.support_attachments.count_documents({"_id": unsent.id}) == 0


def test_the_files_of_a_draft_stay_as_long_as_it_does(opened, actor, mongo):
    number, file = opened(), keep_file("a.txt", "text/plain", b"x", actor=actor)
    drafts.save(number, "reply", "See", seen=0, actor=actor, attachment_ids=[file.id])
    long_ago = clock.now() - timedelta(days=9)
    old = lambda: mongo.support_attachments.update_many({}, {"$set": {"at": long_ago}})  # noqa: E731
    for _ in range(2):
        old()
        assert attaching.remove_unsent() == 0
    writing.reply(number, "See", seen=1, actor=actor, attachment_ids=[file.id], draft=1)
    assert thread(number)[-1].attachments[0].id == file.id
    other = keep_file("b.txt", "text/plain", b"x", actor=actor)
    drafts.save(number, "note", "", seen=0, actor=actor, attachment_ids=[other.id])
    drafts.discard(number, "note", seen=1, actor=actor)
    old()
    assert attaching.remove_unsent() == 1


def test_an_upload_that_was_cut_off_leaves_nothing_for_long(actor, mongo):
    keep_file("a.txt", "text/plain", b"x", actor=actor)
    mongo["support_files.files"].delete_many({})
    long_ago = clock.now() - timedelta(days=2)
    mongo.support_attachments.update_many({}, {"$set": {"at": long_ago, "is_ready": False}})
    attaching.remove_unsent()
    assert held(mongo) == [0, 0, 0]


def test_one_may_take_an_unsent_file_back(actor, colleague, mongo, opened):
    file = keep_file("a.txt", "text/plain", b"x", actor=actor)
    attaching.discard(file.id, actor=colleague)
    assert held(mongo) == [1, 1, 1]
    attaching.discard(file.id, actor=actor)
    attaching.discard(file.id, actor=actor)
    assert held(mongo) == [0, 0, 0]
