"""What the page about following says, in each state it can be in."""

from datetime import timedelta
from typing import Any

import pytest
from bson import Timestamp

from devora_admin.core import clock, consumers, mongo
from devora_admin.core.consumers import Change
from devora_admin.users import holdings
from devora_admin.users.holdings import Marks
from devora_admin.worker.following import lease as leases
from devora_admin.worker.following import letters
from devora_admin.worker.following.lease import NOW, Lease, LeaseLost
from tests.worker import recording


@pytest.fixture(autouse=True)
def recorder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "_CONSUMERS", {recording.NAME: recording.consumer()})


@pytest.fixture
def lease() -> Lease:
    found = leases.take(recording.NAME, owner="host:1:x")
    assert found
    return found


def text_of(client: Any, **headers: str) -> str:
    return " ".join(client.get("/worker/", headers=headers).content.decode().split())


def set_aside(document: dict[str, Any], *, tries: int = 5, collection: str = "projects") -> str:
    at = clock.now()
    change = Change(
        collection, document["_id"], "update", at, Timestamp(at, 1), set=(("files.0.content", "x"),)
    )
    aside = letters.setting_aside(recording.NAME, change, ValueError("bad file"), tries=tries)
    mongo.run_in_transaction(aside)
    return letters.id_of(recording.NAME, change)


def test_without_consumers_it_says_so(client_for, monkeypatch):
    monkeypatch.setattr(consumers, "_CONSUMERS", {})
    assert "Nothing follows changes" in text_of(client_for("viewer"))


def test_before_the_first_worker_none_is_running(client_for):
    page = text_of(client_for("viewer"))
    assert "No worker is running." in page
    assert "unknown" in page


def test_caught_up_it_is_behind_by_nothing(client_for, lease):
    lease.store({"token": {"_data": "x"}, "caught_up_at": NOW, "behind_since": None, "rate": 2.5})
    page = text_of(client_for("viewer"))
    assert "Up to date" in page
    assert "nothing" in page
    assert "2.5" in page


def test_behind_it_says_by_how_much(client_for, lease):
    since = clock.now() - timedelta(minutes=5)
    lease.store({"token": {"_data": "x"}, "behind_since": since})
    page = text_of(client_for("viewer"))
    assert "Catching up" in page
    assert "5 min" in page


def test_stopped_it_says_since_when_and_no_lag(client_for, lease):
    lease.store({"token": {"_data": "x"}, "behind_since": None})
    lease.release()
    page = text_of(client_for("viewer"))
    assert "No worker is running, since" in page
    assert "unknown" in page


def test_going_through_everything_it_says_how_far_and_how_long(client_for, lease, mongo):
    going = {"why": "It is new.", "handled": 25, "total": 100, "position": 1, "token": {}}
    lease.store({"reconcile": going})
    began = {"reconcile_began_at": clock.now() - timedelta(seconds=50)}
    mongo.worker_state.update_one({}, {"$set": began})
    page = text_of(client_for("viewer"))
    assert "Going through everything" in page
    assert "<strong>25</strong> of about 100" in page
    assert "3 min left" in page
    assert 'value="25"' in page


def test_a_failure_is_shown_until_something_is_stored_again(client_for, lease):
    lease.renew({"last_error": "ValueError: no good\nin a file", "last_error_at": NOW})
    page = text_of(client_for("viewer"))
    assert "Failing" in page
    assert "ValueError: no good" in page
    lease.store({"token": {"_data": "x"}})
    assert "Failing" not in text_of(client_for("viewer"))


def test_it_asks_for_news_by_itself_without_keeping_the_session(client_for):
    page = text_of(client_for("viewer"))
    assert 'hx-trigger="every 2s"' in page
    assert "data-quiet" in page
    news = text_of(client_for("viewer"), HX_Request="true")
    assert news.startswith('<div id="worker"')


def test_a_dead_letter_is_listed_looked_at_and_tried_again(client_for, make_project, mongo):
    project = make_project(user_id="someone")
    letter_id = set_aside(project)
    editor = client_for("editor")
    assert f"/worker/letters/{letter_id}/" in text_of(editor)
    page = editor.get(f"/worker/letters/{letter_id}/").content.decode()
    assert "ValueError: bad file" in page
    assert "files.0.content" in page
    assert f"/projects/{project['id']}/" in page
    assert editor.post(f"/worker/letters/{letter_id}/retry/").status_code == 302
    assert mongo.dead_letters.find_one()["due_at"] is not None
    row = mongo.audit_log.find_one({"action": "dead_letter.retry"})
    assert (row["subject"]["id"], row["customer_id"]) == (letter_id, "someone")
    assert "Being tried again" in text_of(editor)


def test_a_dead_letter_is_discarded(client_for, make_project, mongo):
    letter_id = set_aside(make_project())
    editor = client_for("editor")
    assert editor.post(f"/worker/letters/{letter_id}/discard/").status_code == 302
    assert mongo.dead_letters.count_documents({}) == 0
    assert mongo.audit_log.count_documents({"action": "dead_letter.discard"}) == 1
    assert editor.post(f"/worker/letters/{letter_id}/discard/").status_code == 404
    assert editor.get(f"/worker/letters/{letter_id}/").status_code == 404


def test_who_may_only_look_is_offered_nothing_else(client_for, make_project):
    letter_id = set_aside(make_project())
    page = client_for("support").get(f"/worker/letters/{letter_id}/").content.decode()
    assert "Try again" not in page
    assert client_for("support").post(f"/worker/letters/{letter_id}/retry/").status_code == 403


def test_dead_letters_are_paged(client_for, make_project):
    for number in range(51):
        set_aside({"_id": number})
    first = client_for("viewer").get("/worker/").context["page"]
    answer = client_for("viewer").get("/worker/", {"cursor": first.next})
    assert (len(first.letters), len(answer.context["page"].letters)) == (50, 1)
    assert "every 2s" not in answer.content.decode()
    assert client_for("viewer").get("/worker/?cursor=x").status_code == 422


def test_an_erased_customers_changes_go_with_them(make_project, make_customer, mongo):
    customer = make_customer()
    theirs = make_project(user_id=customer["id"])
    set_aside(theirs)
    set_aside(customer, collection="users")
    set_aside(make_project(user_id="other"))
    holding = next(each for each in holdings.registered() if each.name == "dead_letters")
    marks = Marks((customer["id"],)).with_more(projects=[theirs["id"]])
    assert holding.count(marks) == 2
    for step in holding.erase(marks):
        with mongo.client.start_session() as session:
            session.with_transaction(step)
    assert [row["user_id"] for row in mongo.dead_letters.find()] == ["other"]


def test_of_a_document_nobody_owns_no_contents_are_kept(mongo):
    set_aside({"_id": "gone"})
    assert mongo.dead_letters.find_one()["change"]["contents"] is None


def test_a_lease_that_another_took_writes_no_more(lease, mongo):
    mongo.worker_state.update_one({}, {"$set": {"lease_until": clock.now() - timedelta(hours=1)}})
    other = leases.take(recording.NAME, owner="host:2:y")
    assert other
    with pytest.raises(LeaseLost):
        lease.store({"token": "mine"}, lambda session: None)
    with pytest.raises(LeaseLost):
        lease.renew({})
    lease.release()
    assert leases.take(recording.NAME, owner="host:3:z") is None
    other.store({"token": "theirs"})
    assert mongo.worker_state.find_one()["token"] == "theirs"


def test_what_was_stored_although_the_answer_got_lost_is_not_stored_again(lease, mongo):
    before = lease.seq
    lease.store({}, lambda session: mongo.seen.insert_one({}, session=session) and None)
    lease.seq = before  # as after a time-out whose transaction went through
    with pytest.raises(LeaseLost):
        lease.store({}, lambda session: mongo.seen.insert_one({}, session=session) and None)
    assert mongo.seen.count_documents({}) == 1
