"""Replies go out as e-mails: to whom, what is in them, and what they never hold."""

from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.support.mail import sending
from devora_admin.support.mail.documents import outbox
from devora_admin.support.queries.delivery import Delivery, deliveries
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import attaching, fields, merging, opening, writing
from tests.support import smtp_server
from tests.support.conftest import PNG

EMAIL = "zoe.quill@marked.example"


@pytest.fixture
def server(settings: Any) -> Any:
    with smtp_server.serving() as found:
        smtp_server.use(settings, found)
        yield found


def send_all() -> None:
    while sending.step() == 0.0:
        pass


def delivery(written: Any) -> Delivery:
    return deliveries([written.message_id])[written.message_id]


def text_of(mail: Any, kind: str = "plain") -> str:
    return str(mail.get_body((kind,)).get_content())


def test_a_reply_goes_to_the_customer_with_the_issues_number(opened, actor, server):
    number = opened(subject="Cannot deploy")
    written = writing.reply(number, "Raise the **quota**.", seen=1, actor=actor)
    assert delivery(written).state == "waiting"
    send_all()
    [(recipients, _)] = server.received
    [mail] = server.mails()
    assert recipients == [mail["To"]] == [EMAIL]
    assert mail["From"] == "Devora Support <support@devora.example>"
    assert mail["Subject"] == f"[#{number}] Cannot deploy"
    assert "Raise the **quota**." in text_of(mail)
    assert "<strong>quota</strong>" in text_of(mail, "html")
    assert mail["Auto-Submitted"] is mail["Reply-To"] is mail["In-Reply-To"] is None
    found = delivery(written)
    assert (found.state, found.address, found.attempts, found.error) == ("sent", EMAIL, 1, "")


def test_notes_and_the_customers_words_are_never_sent(opened, actor, server):
    number = opened()
    note = writing.add_note(number, "He is a pain", actor=actor)
    said = writing.customer_replied(number, "Still broken", actor=actor)
    send_all()
    assert server.received == []
    assert delivery(note) == delivery(said) == Delivery("none")


def test_an_issue_that_staff_open_with_a_reply_is_sent(customer, actor, server):
    new = opening.NewIssue(customer["id"], "A notice", "We move your data.", first="reply")
    opening.open_issue(new, actor=actor)
    send_all()
    assert "We move your data." in text_of(server.mails()[0])


def test_a_reply_that_was_held_back_sends_nothing(opened, actor, server):
    number = opened()
    writing.customer_replied(number, "wait", actor=actor)
    with pytest.raises(writing.HeldBack):
        writing.reply(number, "Hello", seen=1, actor=actor)
    assert outbox().count_documents({}) == 0


@pytest.mark.parametrize(
    "subject",
    ["a\r\nBcc: evil@x.example", "a\nb", "a\x0bb\x85c\u2028d", "\r\n\r\nbody", "ünï 💥" * 30],
)
def test_no_subject_makes_a_header(subject: str, opened, actor, server, mongo):
    number = opened()
    mongo.support_issues.update_one({"number": number}, {"$set": {"subject": subject}})
    writing.reply(number, "Hello", seen=1, actor=actor)
    send_all()
    [mail] = server.mails()
    assert mail["Bcc"] is None
    # A long one begins on a line of its own.
    assert mail["Subject"].strip() == f"[#{number}] {' '.join(subject.split())}"
    assert [address for recipients, _ in server.received for address in recipients] == [EMAIL]


def test_what_customers_and_staff_write_cannot_be_html(opened, actor, server):
    number = opened(subject="<script>alert(1)</script>")
    writing.reply(number, "<img src=x onerror=alert(1)> [x](javascript:alert(1))", seen=1,
                  actor=actor)  # fmt: skip
    send_all()
    html = text_of(server.mails()[0], "html")
    assert "<img" not in html
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_files_go_along_byte_for_byte_and_what_is_too_much_is_told(
    opened, actor, server, monkeypatch
):
    monkeypatch.setattr("devora_admin.support.mail.composing.MOST_BYTES", 100)
    kept = [
        attaching.keep_file(name, "", content, actor=actor)
        for name, content in (
            ("ä.png", PNG), ("lines.txt", b"a\r\nb\nc\r"), ("log.txt", b"x" * 200),
        )
    ]  # fmt: skip
    writing.reply(opened(), "See", seen=1, actor=actor, attachment_ids=[f.id for f in kept])
    send_all()
    [mail] = server.mails()
    sent = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
    assert sent == {"ä.png": PNG, "lines.txt": b"a\r\nb\nc\r"}
    for kind in ("plain", "html"):
        assert "1 file did not fit into this e-mail." in text_of(mail, kind)


def test_mails_of_one_issue_stand_below_each_other_also_after_a_merge(opened, actor, server):
    one, two = opened(), opened()
    writing.reply(one, "first", seen=1, actor=actor)
    writing.reply(two, "second", seen=1, actor=actor)
    seen = issue(one).revision, issue(two).revision
    merging.merge_issues(one, two, seen=seen[0], absorbed_seen=seen[1], actor=actor)
    writing.reply(one, "third", seen=issue(one).sequence, actor=actor)
    send_all()
    first, second, third = server.mails()
    assert len({mail["Message-ID"] for mail in (first, second, third)}) == 3
    assert all(str(mail["Message-ID"]).endswith("@devora.example>") for mail in (first, third))
    assert third["In-Reply-To"] == second["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]


def test_answers_go_where_they_are_wanted(opened, actor, server, settings):
    settings.SUPPORT_EMAIL = "Unterstützung <support@devora.example>"
    settings.SUPPORT_REPLY_TO = "Eingang für alle <inbox@devora.example>"
    writing.reply(opened(), "Hello", seen=1, actor=actor)
    send_all()
    [mail] = server.mails()
    assert mail["From"] == "Unterstützung <support@devora.example>"
    assert mail["Reply-To"] == "Eingang für alle <inbox@devora.example>"


def test_it_goes_to_the_address_of_the_moment_it_is_sent(opened, customer, actor, server, mongo):
    writing.reply(opened(), "Hello", seen=1, actor=actor)
    mongo.users.update_one({"id": customer["id"]}, {"$set": {"email": "new@marked.example"}})
    send_all()
    assert server.mails()[0]["To"] == "new@marked.example"


def test_it_follows_a_customer_who_was_merged_into_another(
    opened, customer, make_customer, actor, server, mongo
):
    kept = make_customer(email="kept@marked.example")
    writing.reply(opened(), "Hello", seen=1, actor=actor)
    change = {"merged_into": kept["id"], "status": "suspended"}
    mongo.users.update_one({"id": customer["id"]}, {"$set": change})
    send_all()
    assert server.mails()[0]["To"] == "kept@marked.example"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"$set": {"email": "no address"}}, "is no e-mail address"),
        ({"$set": {"email": "a@b.example\r\nBcc: x@y.example"}}, "is no e-mail address"),
        ({"$set": {"email": "a@b.example, x@y.example"}}, "is no e-mail address"),
        ({"$set": {"email": 7}}, "has no e-mail address"),
        ({"$set": {"email": ""}}, "has no e-mail address"),
        ({"$unset": {"email": ""}}, "has no e-mail address"),
        ({"$set": {"email": "a" * 250 + "@b.example"}}, "e-mail address"),
        ({"$set": {"status": "suspended"}}, "is suspended"),
        ({"$set": {"id": "another"}}, "no such customer"),
    ],
)
def test_where_nothing_can_be_sent_the_reason_is_told_and_nothing_is_lost(
    change, reason: str, opened, customer, actor, server, mongo
):
    written = writing.reply(opened(), "Hello", seen=1, actor=actor)
    mongo.users.update_one({"id": customer["id"]}, change)
    send_all()
    found = delivery(written)
    assert (found.state, found.attempts) == ("failed", 1)
    assert reason in found.error
    assert server.talks == 0


def test_nothing_is_sent_to_a_customer_who_is_being_erased(opened, customer, actor, server, mongo):
    written = writing.reply(opened(), "Hello", seen=1, actor=actor)
    mongo.erasures.insert_one(
        {"_id": "x", "customer_ids": [customer["id"]], "state": "running", "at": clock.now()}
    )
    send_all()
    assert server.talks == 0
    assert delivery(written).error == "The customer was erased."


def test_resolving_without_a_reply_sends_nothing(opened, actor, server):
    fields.set_status(opened(), "resolved", seen=1, actor=actor)
    send_all()
    assert server.talks == 0
