"""Merging two accounts: what is seen before, what moves, and how it is put back."""

import threading
from datetime import UTC, datetime

import pytest

from devora_admin.core import job_runner, jobs, sealed
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.staff import undo
from devora_admin.users.merging import records, switch
from devora_admin.users.merging.preview import left_behind, preview
from devora_admin.users.merging.switch import Choices, merge_customers
from devora_admin.users.services import notes, standing
from tests.users.acting import odd_customer, parts_of, raw_parts, rows, stored


@pytest.fixture
def pair(make_customer):
    """The account that stays, and the one that is absorbed."""
    return (
        make_customer(id="kept", name="Ada", email="ada@x.example", subscription={"plan": "free"}),
        make_customer(
            id="gone", name="Ada L.", email="lovelace@x.example",
            subscription={"plan": "pro", "status": "active"}, password_reset={"token_sha256": "x"},
        ),
    )  # fmt: skip


@pytest.fixture
def merge(actor):
    def work(choices=None, kept="kept", gone="gone"):
        mark = preview(kept, gone).mark
        return merge_customers(
            kept, gone, choices=choices or Choices(), mark=mark, reason="Same person", actor=actor
        )

    return work


def finish():
    while job_runner.run_next("worker"):
        pass


def everything(mongo):
    """All there is, but what the record of staff and jobs adds."""
    names = ("users", "projects", "conversations", "analytics_events", "customer_notes", "settings")
    return {name: list(mongo[name].find().sort("_id", 1)) for name in names}


def belongings(mongo, make_project, user_id="gone", count=25):
    when = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(count):
        make_project(user_id=user_id)
    mongo.conversations.insert_one({"user_id": user_id, "project_id": "p", "messages": []})
    mongo.analytics_events.insert_many(
        [
            {"user_id": user_id, "event_type": "login", "timestamp": when, "n": n}
            for n in range(2500)
        ]
    )


def test_the_preview_tells_what_moves_and_writes_nothing(mongo, pair, make_project, actor):
    belongings(mongo, make_project)
    notes.add_note("gone", text="hello", actor=actor)
    mongo.settings.insert_many([
        {"user_id": "kept", "preferences": {"theme": "dark", "same": 1}},
        {"user_id": "gone", "preferences": {"theme": "light", "same": 1, "lang": "en"},
         "api_keys": {"openai": "sk-plain-secret-000000001234"}},
    ])  # fmt: skip
    before = everything(mongo)
    found = preview("kept", "gone")
    assert {each.label: each.count for each in found.moving} == {
        "projects": 25, "old conversations": 1, "events": 2500, "internal notes": 1,
        "parts of long conversations": 0, "remembered messages": 0, "decisions about memory": 0,
        "support issues": 0, "findings in projects": 0, "errors that hit them": 0,
        "places in segments": 0,
    }  # fmt: skip
    [part] = found.joined
    assert set(part.comes) == {"preferences.lang", "api_keys.openai"}
    [clash] = part.clashes
    assert (clash.label, clash.kept, clash.absorbed) == ("preferences.theme", "dark", "light")
    assert found.absorbed.subscription == "pro, active"
    assert everything(mongo) == before


def test_all_that_names_the_absorbed_account_is_moved(mongo, pair, make_project, merge):
    belongings(mongo, make_project)
    belongings(mongo, make_project, "another", count=2)
    started = merge()
    finish()
    assert left_behind("gone") == 0
    assert mongo.projects.count_documents({"user_id": "kept"}) == 25
    assert mongo.analytics_events.count_documents({"user_id": "kept"}) == 2500
    assert mongo.projects.count_documents({"user_id": "another"}) == 2
    found = records.find(started.merge_id)
    assert found.state == "done"
    assert found.moved == {"projects": 25, "conversations": 1, "events": 2500}
    job = jobs.find(started.job_id)
    assert (job.state, job.done, job.total) == ("done", 7, 7)
    assert [row["action"] for row in rows(mongo)] == [
        "users.merge", "users.absorb", "users.merge_done",
    ]  # fmt: skip


def test_the_absorbed_account_is_closed_and_says_where_it_went(mongo, pair, merge):
    merge()
    gone = stored(mongo, "gone")
    assert (gone["status"], gone["merged_into"]) == ("suspended", "kept")
    assert gone["email"] == "lovelace@x.example"
    assert "sessions_revoked_at" in gone
    assert "password_reset" not in gone
    assert stored(mongo, "kept") == pair[0]


def test_name_address_and_subscription_are_taken_as_chosen(mongo, pair, merge):
    merge(Choices(name="absorbed", email="absorbed", subscription="absorbed"))
    kept, gone = stored(mongo, "kept"), stored(mongo, "gone")
    assert (kept["name"], kept["email"]) == ("Ada L.", "lovelace@x.example")
    assert kept["subscription"] == {"plan": "pro", "status": "active"}
    assert gone["email"] == "ada@x.example"


EVERY_CHOICE = [
    Choices(),
    Choices(name="absorbed", email="absorbed", subscription="absorbed"),
]


@pytest.mark.parametrize("choices", EVERY_CHOICE)
@pytest.mark.parametrize("is_finished", [True, False])
def test_an_undo_puts_back_exactly_what_there_was(
    mongo, pair, make_project, merge, actor, choices, is_finished
):
    belongings(mongo, make_project)
    belongings(mongo, make_project, "kept", count=3)
    notes.add_note("gone", text="hello", actor=actor)
    mongo.settings.insert_one({"user_id": "gone", "preferences": {"lang": "en"}})
    before = everything(mongo)
    started = merge(choices)
    if is_finished:
        finish()
    undo.perform(started.row_id, actor=actor)
    finish()
    assert everything(mongo) == before
    assert records.find(started.merge_id).state == "undone"
    assert mongo.customer_merge_moves.count_documents({}) == 0
    with pytest.raises(Conflict):
        undo.perform(started.row_id, actor=actor)


def test_odd_documents_are_put_back_byte_for_byte(mongo, make_customer, merge, actor):
    whole = odd_customer(mongo, name=5, status=["x"], subscription=["pro"], suspended=3)
    make_customer(id="kept")
    started = merge(Choices(subscription="absorbed"), gone="odd")
    assert stored(mongo, "kept")["subscription"] == ["pro"]
    undo.perform(started.row_id, actor=actor)
    assert raw_parts(mongo) == parts_of(whole)
    assert "subscription" not in stored(mongo, "kept")


@pytest.mark.parametrize(
    ("who", "since"),
    [
        ("gone", {"status": "active"}),
        ("gone", {"merged_into": "third"}),
        ("kept", {"name": "Other"}),
        ("kept", {"merged_into": "third"}),
        ("kept", {"email": "new@x.example"}),
    ],
)
def test_an_undo_is_refused_when_an_account_has_moved_on(mongo, pair, merge, actor, who, since):
    started = merge(Choices(name="absorbed", email="absorbed"))
    finish()
    mongo.users.update_one({"id": who}, {"$set": since})
    before = everything(mongo)
    with pytest.raises(Conflict, match="since"):
        undo.perform(started.row_id, actor=actor)
    assert everything(mongo) == before
    assert records.find(started.merge_id).state == "done"


def test_what_was_given_to_somebody_else_since_stays_there(mongo, pair, make_project, merge, actor):
    project, other = make_project(user_id="gone"), make_project(user_id="gone")
    started = merge()
    finish()
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"user_id": "third"}})
    undo.perform(started.row_id, actor=actor)
    finish()
    assert mongo.projects.find_one({"id": project["id"]})["user_id"] == "third"
    assert mongo.projects.find_one({"id": other["id"]})["user_id"] == "gone"
    job = jobs.find(records.find(started.merge_id).job_id)
    [item] = jobs.items(job.id, outcome=None, after="", limit=10)
    assert "gone elsewhere" in item.detail


def test_a_worker_that_died_is_followed_by_one_that_goes_on(
    mongo, pair, make_project, merge, monkeypatch
):
    belongings(mongo, make_project)
    started = merge()
    stops = iter([False, False, True])
    job_runner.run_next("first", stopping=lambda: next(stops, True))
    assert 0 < left_behind("gone") < 2526
    finish()
    assert left_behind("gone") == 0
    assert jobs.find(started.job_id).done == 7


def test_what_the_platform_adds_meanwhile_is_moved_too(mongo, pair, make_project, merge):
    belongings(mongo, make_project, count=60)
    merge()
    stop = threading.Event()

    def platform():
        while not stop.is_set():
            mongo.analytics_events.insert_one({"user_id": "gone", "event_type": "late"})

    thread = threading.Thread(target=platform)
    thread.start()
    job_runner.run_next("worker", stopping=lambda: left_behind("gone") < 1000)
    stop.set()
    thread.join()
    finish()
    assert left_behind("gone") == 0
    assert mongo.analytics_events.count_documents({"user_id": "kept", "event_type": "late"}) > 0


def test_what_came_after_it_was_done_is_moved_on_request_and_undone_with_it(
    mongo, pair, make_project, merge, actor
):
    started = merge()
    finish()
    late = make_project(user_id="gone")
    switch.go_on(started.merge_id, actor=actor)
    finish()
    assert mongo.projects.find_one({"id": late["id"]})["user_id"] == "kept"
    undo.perform(started.row_id, actor=actor)
    finish()
    assert mongo.projects.find_one({"id": late["id"]})["user_id"] == "gone"


def test_a_list_that_holds_the_id_is_nobodys_and_stays(mongo, pair, make_project, merge):
    odd = make_project(user_id=["gone", "other"])
    merge()
    finish()
    assert mongo.projects.find_one({"id": odd["id"]})["user_id"] == ["gone", "other"]


def test_secrets_are_sealed_for_their_new_owner(mongo, pair, merge, actor):
    theirs = sealed.seal("sk-theirs", owner="gone", field="api_keys.openai")
    alien = sealed.seal("x", owner="somebody", field="api_keys.other")
    mongo.settings.insert_many([
        {"user_id": "kept", "api_keys": {"stripe": "plain"}, "preferences": {"a": 1, "b": 1}},
        {"user_id": "gone", "api_keys": {"openai": theirs, "other": alien, "stripe": "plain2"},
         "preferences": {"a": 2, "b": 2}},
    ])  # fmt: skip
    before = everything(mongo)
    [part] = preview("kept", "gone").joined
    assert part.stays == ("api_keys.other (cannot be decrypted)",)
    names = {clash.label: clash.name for clash in part.clashes}
    started = merge(Choices(take=frozenset({names["preferences.a"], names["api_keys.stripe"]})))
    found = mongo.settings.find_one({"user_id": "kept"})
    opened = sealed.unseal(found["api_keys"]["openai"], owner="kept", field="api_keys.openai")
    assert opened == "sk-theirs"
    assert found["api_keys"]["stripe"] == "plain2"
    assert "other" not in found["api_keys"]
    assert found["preferences"] == {"a": 2, "b": 1}
    assert "plain" not in repr(list(mongo.customer_merges.find()))
    undo.perform(started.row_id, actor=actor)
    assert everything(mongo) == before


def test_a_setting_changed_since_stands_in_the_way_of_an_undo(mongo, pair, merge, actor):
    mongo.settings.insert_one({"user_id": "gone", "preferences": {"lang": "en"}})
    started = merge()
    mongo.settings.update_one({"user_id": "kept"}, {"$set": {"preferences.lang": "fr"}})
    with pytest.raises(Conflict, match=r"preferences\.lang"):
        undo.perform(started.row_id, actor=actor)
    assert stored(mongo, "gone")["merged_into"] == "kept"


def test_what_cannot_be_merged_is_refused_with_the_reason(mongo, pair, make_customer, merge, actor):
    with pytest.raises(InvalidInput, match="same"):
        preview("kept", "kept")
    with pytest.raises(NotFound):
        preview("kept", "nobody")
    standing.suspend_customer("kept", reason="x", actor=actor)
    with pytest.raises(Conflict, match="suspended"):
        preview("kept", "gone")
    merge(kept="gone", gone="kept")
    make_customer(id="third")
    for kept, gone in (("third", "kept"), ("kept", "third")):
        with pytest.raises(Conflict, match="merged into another"):
            preview(kept, gone)
    with pytest.raises(Conflict, match="under way"):
        preview("gone", "third")


def test_an_account_changed_since_the_preview_is_looked_at_again(mongo, pair, actor):
    mark = preview("kept", "gone").mark
    mongo.users.update_one({"id": "gone"}, {"$set": {"subscription.plan": "team"}})
    with pytest.raises(Conflict, match="Look at both again"):
        merge_customers("kept", "gone", choices=Choices(), mark=mark, reason="x", actor=actor)
    assert "merged_into" not in stored(mongo, "gone")
    assert rows(mongo) == []


def test_of_merges_at_once_one_happens(mongo, pair, make_customer, actor):
    make_customer(id="third")
    ways = [("kept", "gone"), ("gone", "kept"), ("third", "gone"), ("kept", "third")] * 2
    marks = [preview(*way).mark for way in ways]
    outcomes, start = [], threading.Barrier(len(ways))

    def run(way, mark):
        start.wait()
        try:
            merge_customers(*way, choices=Choices(), mark=mark, reason="x", actor=actor)
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=run, args=each) for each in zip(ways, marks, strict=True)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["conflict"] * 7 + ["done"]
    assert mongo.users.count_documents({"merged_into": {"$exists": True}}) == 1


def test_a_merged_account_is_reactivated_by_the_undo_alone(pair, merge, actor):
    merge()
    with pytest.raises(Conflict, match="Undo the merge"):
        standing.reactivate_customer("gone", reason="x", actor=actor)


def test_it_is_done_and_undone_from_the_page(client_for, mongo, pair, make_project):
    make_project(user_id="gone")
    client, url = client_for("admin"), "/users/kept/merge/"
    assert client_for("editor").get(url).status_code == 403
    assert client.get(url, {"customer": "nobody@x.example"}).status_code == 422
    page = client.get(url, {"customer": "lovelace@x.example"})
    assert "Merge Ada L. into Ada" in page.content.decode()
    mark = preview("kept", "gone").mark
    sent = client.post(f"{url}?user_id=gone", {"reason": "", "mark": mark})
    assert sent.status_code == 422
    sent = client.post(f"{url}?user_id=gone", {"reason": "x", "mark": mark, "name": "absorbed"})
    assert sent.headers["Location"].startswith("/jobs/")
    assert stored(mongo, "kept")["name"] == "Ada L."
    finish()
    [merge] = records.of_customer("gone")
    assert "Undo" in client.get(url).content.decode()
    assert client.post(f"{url}{merge.id}/undo/").status_code == 302
    finish()
    assert everything(mongo)["users"] == [*sorted(pair, key=lambda each: each["_id"])]


def test_an_account_that_is_being_erased_is_not_merged(mongo, pair):
    mongo.users.update_one({"id": "gone"}, {"$set": {"erasure": {"id": "x"}}})
    with pytest.raises(Conflict, match="being erased"):
        preview("kept", "gone")


def test_accounts_are_not_erased_while_a_merge_moves_what_they_own(pair, merge):
    merge()
    for user_id in ("kept", "gone"):
        with pytest.raises(Conflict, match="under way"):
            records.refuse_if_busy(user_id)
    finish()
    records.refuse_if_busy("kept")


def test_the_menu_of_an_absorbed_account_offers_no_reactivation(client_for, pair, merge):
    merge()
    page = client_for("admin").get("/users/gone/").content.decode()
    assert "/users/gone/reactivate/" not in page
    assert "/users/gone/merge/" in page
