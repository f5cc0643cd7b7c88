"""Customers are asked whether they are satisfied, and answer on a page of their own."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from devora_admin.core import clock
from devora_admin.staff import audit, undo
from devora_admin.support import page_parts
from devora_admin.support.mail import csat, notices
from devora_admin.support.queries import csat as queries
from devora_admin.support.queries import outbox
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, merging, writing
from devora_admin.support.services.opening import Source
from tests.security.test_forgery import everything
from tests.support import smtp_server
from tests.support.conftest import scanned
from tests.support.test_mail import send_all, text_of

SITE = "https://admin.example.com"


@pytest.fixture
def server(settings: Any) -> Any:
    with smtp_server.serving() as found:
        smtp_server.use(settings, found)
        settings.PUBLIC_URL = SITE
        yield found


@pytest.fixture
def resolved(opened, actor):
    """resolved(number) → the reply that resolves it."""

    def resolve(number: int = 0) -> Any:
        seen = issue(number or opened())
        return writing.reply(
            seen.number, "Done", seen=seen.sequence, revision=seen.revision, status="resolved",
            actor=actor,
        )  # fmt: skip

    return resolve


@pytest.fixture
def link(server, resolved):
    """link() → the path that the e-mail about a resolved issue leads to."""

    def make(number: int = 0) -> str:
        server.received.clear()
        resolved(number)
        send_all()
        return urlsplit(links_of(server.mails()[0])[0]).path

    return make


def links_of(mail: Any, kind: str = "plain") -> list[str]:
    return re.findall(rf"{SITE}/csat/[^\s\"<]+", text_of(mail, kind))


def test_the_reply_that_resolves_asks_and_no_other(opened, actor, server, resolved):
    number = opened()
    writing.reply(number, "Try this", seen=1, actor=actor)
    resolved(number)
    send_all()
    plain, asking = server.mails()
    assert links_of(plain) == []
    assert [urlsplit(each).query for each in links_of(asking)] == ["answer=good", "answer=bad"]
    assert links_of(asking, "html") == links_of(asking)


def test_without_an_address_of_our_own_nothing_is_asked(server, resolved, settings, mongo):
    settings.PUBLIC_URL = ""
    resolved()
    send_all()
    assert "satisfied" not in text_of(server.mails()[0])
    assert mongo.support_csat.count_documents({}) == 0


@pytest.fixture
def later(mongo):
    """later() → as if the time to withdraw a notice in were over; and what waits is sent."""

    def wait() -> None:
        mongo.support_outbox.update_many(
            {"state": "waiting"}, {"$set": {"due_at": clock.now() - timedelta(seconds=1)}}
        )
        send_all()

    return wait


def test_resolved_without_a_reply_the_customer_is_told_and_asked_once_a_while_later(
    opened, actor, server, later, mongo
):
    number = opened()
    fields.set_status(number, "resolved", seen=1, actor=actor)
    writing.reply(number, "By the way", seen=1, actor=actor)
    send_all()  # the notice may be withdrawn still, and keeps nothing back
    later()
    reply, notice = server.mails()
    assert links_of(reply) == []
    assert "marked as resolved" in text_of(notice)
    assert len(links_of(notice)) == 2
    assert notice["In-Reply-To"] == reply["Message-ID"]
    assert outbox.number_of_mail(str(notice["Message-ID"])) == number
    Client().post(urlsplit(links_of(notice)[0]).path, {"rating": "good"})
    assert [row.rating for row in queries.of_issue(issue(number).id)] == ["good"]
    fields.set_status(number, "closed", seen=issue(number).revision, actor=actor)
    later()
    assert len(server.received) == 2


def test_what_does_not_hold_any_more_is_told_to_nobody(opened, actor, server, later, mongo):
    reopened, undone, merged, kept = opened(), opened(), opened(), opened()
    done = {
        number: fields.set_status(number, "resolved", seen=1, actor=actor).row_id
        for number in (reopened, undone, merged)
    }
    writing.customer_replied(reopened, "No", actor=actor)
    undo.perform(done[undone], actor=actor)
    merging.merge_issues(
        kept, merged, seen=1, absorbed_seen=issue(merged).revision, actor=actor
    )  # fmt: skip
    later()
    assert server.received == []
    assert mongo.support_outbox.count_documents({}) == 0
    assert mongo.support_csat.count_documents({}) == 0


def test_who_never_heard_of_an_issue_is_not_told_that_it_is_resolved(
    opened, actor, server, later, mongo
):
    found, rise = scanned("a"), {"user_id": "", "source": Source("spike", fingerprint="b")}
    silent, platform, answered = opened(**found), opened(**rise), opened(**scanned("c"))
    writing.reply(answered, "We saw a key of yours", seen=1, actor=actor)
    send_all()
    for number in (silent, platform, answered):
        seen = issue(number).revision
        fields.set_status(number, "resolved", seen=seen, actor=actor)
    later()
    _, notice = server.mails()
    assert outbox.number_of_mail(str(notice["Message-ID"])) == answered
    assert [row["number"] for row in mongo.support_csat.find()] == [answered]


def test_a_notice_that_nobody_got_has_asked_nobody(opened, customer, server, later, mongo):
    closed, tried, off, nowhere = (opened() for _ in range(4))

    def resolve(number: int) -> Any:
        fields.set_status(number, "resolved", seen=1, actor=audit.SYSTEM)
        return {"issue_id": issue(number).id}

    seen = resolve(closed) and issue(closed).revision
    fields.set_status(closed, "closed", seen=seen, actor=audit.SYSTEM)
    # Whose sender died may have got it: what was asked then can be answered.
    mongo.support_outbox.update_one(resolve(tried), {"$set": {"attempts": 1}})
    writing.customer_replied(tried, "No", actor=audit.SYSTEM)
    later()
    assert [row["number"] for row in mongo.support_csat.find()] == [tried]
    [kept] = mongo.support_outbox.find()
    assert (kept["state"], "not resolved any more" in kept["error"]) == ("failed", True)
    resolve(off)
    notices.turn(False, actor=audit.SYSTEM)
    later()
    notices.turn(True, actor=audit.SYSTEM)
    unsent = resolve(nowhere)
    mongo.users.update_one({"id": customer["id"]}, {"$set": {"status": "suspended"}})
    later()
    assert mongo.support_outbox.find_one(unsent)["state"] == "failed"
    assert [row["number"] for row in mongo.support_csat.find()] == [tried]
    assert mongo.support_outbox.count_documents({}) == 2
    assert server.received == []


def test_notices_can_be_left_off_and_that_is_undone(opened, server, later, client_for, mongo):
    editor = client_for("editor")
    path = "/support/settings/mail/notices/"
    assert "Leave these off" in editor.get("/support/settings/mail/").content.decode()
    editor.post(path, {"is_on": "0"})
    number = opened()
    fields.set_status(number, "resolved", seen=1, actor=audit.SYSTEM)
    assert mongo.support_outbox.count_documents({}) == 0
    assert "Tell them" in editor.get("/support/settings/mail/").content.decode()
    row = mongo.audit_log.find_one({"action": "support.mail_notices"})
    assert (row["before"], row["after"]) == ({"is_on": True}, {"is_on": False})
    editor.post(f"/audit/{row['_id']}/undo/")
    fields.set_status(opened(), "resolved", seen=1, actor=audit.SYSTEM)
    assert mongo.support_outbox.count_documents({}) == 1


def test_looking_at_the_page_stores_nothing_and_shows_nothing_but_the_subject(link, mongo):
    path = link()
    kept = everything(mongo)
    for query in ("", "?answer=good", "?answer=bad", "?answer=<b>", "?kept"):
        answer = Client().get(path + query)
        assert answer.status_code == 200
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "no-store" in answer["Cache-Control"]
        html = answer.content.decode()
        assert "Cannot deploy" in html
        for secret in ("Zoe", "marked.example", "E_QUOTA", "Done", "Admin"):
            assert secret not in html.replace("<b>", "")
    assert everything(mongo) == kept


@pytest.mark.parametrize("rating", ["good", "bad"])
def test_the_link_chosen_in_the_mail_is_chosen_on_the_page(rating: str, link):
    html = Client().get(f"{link()}?answer={rating}").content.decode()
    [chosen] = re.findall(r'<input[^>]* value="(\w+)"[^>]* checked', html)
    assert chosen == rating


def test_an_answer_is_kept_and_can_be_changed(link, opened, mongo):
    number = opened()
    path, client = link(number), Client()
    kept = client.post(path, {"rating": "bad", "comment": "Too slow\r\n<b>really</b>"})
    assert (kept.status_code, kept["Location"]) == (302, f"{path}?kept")
    page = client.get(kept["Location"]).content.decode()
    assert "Thank you" in page
    assert "&lt;b&gt;really&lt;/b&gt;" in page
    [row] = queries.of_issue(issue(number).id)
    assert (row.rating, row.comment) == ("bad", "Too slow\n<b>really</b>")
    client.post(path, {"rating": "good", "comment": ""})
    [row] = queries.of_issue(issue(number).id)
    assert (row.rating, row.comment, row.number) == ("good", "", number)
    told = list(mongo.audit_log.find({"action": "issue.rate"}).sort("at", 1))
    assert [(row["before"], row["after"]) for row in told] == [
        ({}, {"rating": "bad"}), ({"rating": "bad"}, {"rating": "good"}),
    ]  # fmt: skip
    assert {row["subject"]["id"] for row in told} == {str(number)}


@pytest.mark.parametrize(
    "body",
    [{}, {"rating": ""}, {"rating": "5"}, {"rating": "good", "comment": "x" * 2_001},
     {"rating": "good", "comment": "a\0b"}],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_the_draft_stays(body, link, mongo):
    answer = Client().post(link(), body)
    assert answer.status_code == 422
    assert mongo.support_csat.count_documents({"rating": {"$exists": True}}) == 0
    if len(body.get("comment", "")) > 2_000:
        assert body["comment"] in answer.content.decode()


def test_a_form_of_another_site_cannot_answer(link, mongo):
    path = link()
    assert Client(enforce_csrf_checks=True).post(path, {"rating": "good"}).status_code == 403
    assert mongo.support_csat.count_documents({"rating": {"$exists": True}}) == 0


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "💥", "x" * 5000])
def test_a_token_that_is_none_opens_nothing(token: str, link):
    path = link()
    assert Client().get(f"/csat/{token}/").status_code == 410
    assert Client().post(f"/csat/{token}/", {"rating": "good"}).status_code == 410
    assert Client().get(path.rstrip("/")[:-1] + "/").status_code == 410


def test_the_token_is_stored_as_its_digest_alone(link, mongo):
    token = link().rstrip("/").rpartition("/")[2]
    assert len(token) == 43
    assert token not in str(everything(mongo))


def test_the_link_is_good_for_thirty_days(link, mongo):
    path = link()
    row = mongo.support_csat.find_one()
    assert row["expires_at"] - row["asked_at"] == timedelta(days=30)
    mongo.support_csat.update_one({}, {"$set": {"expires_at": clock.now()}})
    page = Client().get(path)
    assert page.status_code == 410
    assert "Cannot deploy" not in page.content.decode()
    assert Client().post(path, {"rating": "good"}).status_code == 410


def test_resolved_anew_it_is_asked_anew_and_each_answer_stays_with_its_own(link, opened, actor):
    number = opened()
    first = link(number)
    Client().post(first, {"rating": "bad"})
    writing.customer_replied(number, "It broke again", actor=actor)
    second = link(number)
    assert second != first
    Client().post(second, {"rating": "good"})
    assert [row.rating for row in queries.of_issue(issue(number).id)] == ["good", "bad"]


def test_answers_are_bounded_per_link_and_the_last_one_that_counted_stays(link, mongo):
    path = link()
    codes = [Client().post(path, {"rating": "good"}).status_code for _ in range(12)]
    assert codes == [302] * 10 + [429] * 2
    assert mongo.support_csat.find_one()["rating"] == "good"


def test_tokens_cannot_be_guessed_by_trying(link):
    path = link()
    codes = {Client().post(f"/csat/{n}/", {"rating": "good"}).status_code for n in range(60)}
    assert codes == {410}
    assert Client().post(path, {"rating": "good"}).status_code == 302


def test_once_the_customer_is_erased_the_link_opens_nothing(link, mongo, customer):
    path = link()
    mongo.erasures.insert_one({"_id": "x", "customer_ids": [customer["id"]], "state": "running"})
    assert Client().post(path, {"rating": "good"}).status_code == 410
    assert mongo.support_csat.count_documents({"rating": {"$exists": True}}) == 0
    mongo.support_csat.delete_many({})
    assert Client().get(path).status_code == 410


def test_the_issues_page_shows_it_once_there_is_something_to_show(link, opened):
    number = opened()
    [part] = [each for each in page_parts.parts(lambda _: True) if each.name == "satisfaction"]
    assert part.load
    assert part.load(issue(number), lambda _: True) is None
    link(number)
    assert [row.label for row in part.load(issue(number), lambda _: True)] == ["No answer yet"]
    assert not list(page_parts.parts(lambda _: False))


def test_a_token_is_of_one_message_and_one_key(settings):
    one = csat.token_of("a")
    assert one == csat.token_of("a") != csat.token_of("b")
    settings.SECRET_KEY = "another"
    assert csat.token_of("a") != one
