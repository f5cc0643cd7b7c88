"""Staff see what could not be sent, and have it sent again."""

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string

from devora_admin.config.email_url import MailServer
from devora_admin.core import clock, job_runner, jobs
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.support.mail import retrying
from devora_admin.support.queries import outbox
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import merging, writing
from tests.support import smtp_server
from tests.support.test_mail import delivery, send_all

PAGE = "/support/settings/mail/"


@pytest.fixture
def server(settings: Any) -> Any:
    with smtp_server.serving() as found:
        smtp_server.use(settings, found)
        yield found


@pytest.fixture
def failed(opened, actor, server):
    """failed() → a reply that was given up."""

    def make(**fields: Any) -> Any:
        server.answers["RCPT"] = "550 No such user"
        written = writing.reply(opened(**fields), "Hello", seen=1, actor=actor)
        send_all()
        server.answers.clear()
        return written

    return make


def again(written: Any) -> str:
    return f"/support/{written.number}/replies/{written.message_id}/send-again/"


def html_of(client: Any, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_tells_what_failed_and_why(failed, client_for):
    written = failed(subject="<b>Cannot</b> deploy")
    html = html_of(client_for("editor"))
    assert "550 No such user" in html
    assert f"#{written.number} &lt;b&gt;Cannot" in html
    assert again(written) in html


def test_one_that_failed_is_sent_again_and_the_log_says_who_had_it_sent(
    failed, client_for, mongo, server
):
    written = failed()
    answer = client_for("support").post(again(written), {"next": "/jobs/"})
    assert (answer.status_code, answer["Location"]) == (302, "/jobs/")
    found = delivery(written)
    assert (found.state, found.attempts) == ("waiting", 0)
    send_all()
    assert delivery(written).state == "sent"
    [row] = mongo.audit_log.find({"action": "issue.mail_retry"})
    assert row["subject"]["id"] == str(written.number)
    assert row["after"] == {"message": written.message_id}


def test_what_did_not_fail_is_not_sent_twice(failed, client_for, server):
    written, client = failed(), client_for("support")
    assert client.post(again(written)).status_code == 302
    assert client.post(again(written)).status_code == 409
    send_all()
    assert client.post(again(written)).status_code == 409
    send_all()
    assert len(server.received) == 1


def test_it_has_to_be_a_reply_of_that_issue(failed, opened, actor):
    written = failed()
    for number, message_id in ((opened(), written.message_id), (written.number, "x")):
        with pytest.raises(NotFound):
            retrying.retry(number, message_id, actor=actor)


def test_after_a_merge_it_is_sent_again_from_where_the_message_is(failed, opened, actor, server):
    written, kept = failed(), opened()
    seen = issue(kept).revision, issue(written.number).revision
    merging.merge_issues(kept, written.number, seen=seen[0], absorbed_seen=seen[1], actor=actor)
    assert [row.number for row in outbox.failed_page().rows] == [kept]
    retrying.retry(kept, written.message_id, actor=actor)
    send_all()
    assert server.mails()[0]["Subject"].startswith(f"[#{kept}]")


def test_all_that_failed_are_sent_again_by_a_job(failed, client_for, server, mongo):
    written = [failed() for _ in range(3)]
    mongo.support_messages.delete_one({"_id": written[1].message_id})
    answer = client_for("editor").post(f"{PAGE}send-again/")
    job_id = answer["Location"].rstrip("/").rpartition("/")[2]
    server.answers["RCPT"] = "550 Still no such user"
    while job_runner.run_next("test"):
        send_all()
    job = jobs.find(job_id)
    assert (job.state, job.done, job.skipped, job.failed) == ("done", 2, 1, 0)
    assert mongo.audit_log.count_documents({"action": "issue.mail_retry"}) == 2
    send_all()
    assert [delivery(each).state for each in written] == ["failed"] * 3
    assert "Still" in delivery(written[0]).error


def test_with_nothing_that_failed_there_is_no_job(actor):
    with pytest.raises(Conflict):
        retrying.retry_all(actor=actor)


def test_a_long_list_goes_on_by_its_cursor(failed, client_for, monkeypatch):
    written = [failed() for _ in range(5)]
    seen, cursor = [], ""
    while True:
        page = outbox.failed_page(cursor, size=2)
        seen += [row.message_id for row in page.rows]
        if not (cursor := page.next):
            break
    assert seen == [each.message_id for each in reversed(written)]
    assert client_for("editor").get(f"{PAGE}?cursor=x").status_code == 422


def test_the_page_says_how_e_mails_leave(settings, client_for):
    client = client_for("editor")
    settings.MAIL_SERVER = MailServer("mail.example.com", 587, "user", "hidden-password")
    settings.MAIL_IS_ON, settings.PUBLIC_URL = True, ""
    html = html_of(client)
    assert "mail.example.com:587" in html
    assert "hidden-password" not in html
    assert "set PUBLIC_URL" in html
    settings.MAIL_SERVER, settings.PUBLIC_URL = None, "https://admin.example.com"
    html = html_of(client)
    assert "are printed by the worker" in html
    assert "PUBLIC_URL" not in html
    settings.MAIL_IS_ON = False
    assert "No mail server is set" in html_of(client)


def test_it_tells_how_long_the_oldest_waits_and_when_the_last_was_sent(
    opened, actor, server, mongo
):
    sent = writing.reply(opened(), "Hello", seen=1, actor=actor)
    send_all()
    for _ in range(2):
        writing.reply(opened(), "Hello", seen=1, actor=actor)
    past = clock.now() - timedelta(minutes=5)
    mongo.support_outbox.update_one({"state": "waiting"}, {"$set": {"waiting_since": past}})
    found = outbox.standing()
    assert (found.waiting, found.failed, found.error) == (2, 0, "")
    assert 299 < found.oldest_s < 310
    assert found.sent_at == delivery(sent).at


@pytest.mark.parametrize("may_work", [True, False])
def test_beside_a_reply_stands_how_far_it_has_come(may_work: bool, failed, opened, actor, server):
    def shown(written: Any) -> str:
        context = {
            "delivery": delivery(written),
            "number": written.number,
            "message_id": written.message_id,
            "may_work": may_work,
        }
        return render_to_string("support/delivery.html", context)

    bad = failed()
    assert "550 No such user" in shown(bad)
    assert (again(bad) in shown(bad)) is may_work
    good = writing.reply(opened(), "Hello", seen=1, actor=actor)
    assert "being sent" in shown(good)
    send_all()
    assert "E-mailed to zoe.quill@marked.example" in shown(good)
    assert shown(writing.add_note(opened(), "x", actor=actor)).strip() == ""


def test_lists_and_claims_read_a_range_of_an_index(failed, mongo):
    failed()
    now = clock.now()
    for collection, condition, order, index in (
        ("support_outbox", {"state": "waiting", "due_at": {"$lte": now}}, "due_at", "due"),
        ("support_outbox", {"state": "waiting"}, "waiting_since", "waiting"),
        ("support_outbox", {"state": "failed"}, "-failed_at _id", "failed"),
        ("support_outbox", {"sent_at": {"$exists": True}}, "-sent_at", "sent"),
        ("support_outbox", {"error_at": {"$exists": True}}, "-error_at", "errors"),
        (
            "support_outbox",
            {"issue_id": "x", "queued_at": {"$lt": now}, "state": "waiting"},
            "queued_at",
            "issue",
        ),
        ("support_csat", {"issue_id": "x"}, "-asked_at", "issue"),
    ):
        sign = -1 if order.startswith("-") else 1
        keys = [(name.lstrip("-"), sign) for name in order.split()]
        plan = str(mongo[collection].find(condition).sort(keys).explain()["queryPlanner"])
        assert f"'indexName': '{index}'" in plan, (condition, plan)
        assert "'SORT'" not in plan.partition("rejectedPlans")[0], condition
