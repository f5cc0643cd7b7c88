"""What is found in projects and told of errors: suggested once, opened once, gone with whom it is
about."""

import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from bson import Timestamp

from devora_admin.core import mongo as core_mongo
from devora_admin.core.consumers import Change
from devora_admin.core.errors import Conflict
from devora_admin.core.mongo import round_trips
from devora_admin.staff import undo
from devora_admin.support.queries.issue import issue, row_of
from devora_admin.support.suggestions import consumer, deciding, queries, spiking, words
from devora_admin.users.exporting import requests
from devora_admin.users.merging.preview import preview
from devora_admin.users.merging.switch import Choices, merge_customers
from tests.factories import EPOCH
from tests.support.leaking import SECRETS
from tests.support.suggested import URL, only, rise, run_jobs, wanted
from tests.support.test_holdings import erase
from tests.users.traces import found_everywhere

KEY = SECRETS["openai"](Random(1))
STRIPE = SECRETS["stripe"](Random(2))


def changed(project: dict[str, Any], kind: Any = "update", path: str = "files") -> None:
    """As the worker follows it."""
    paths = ((path, 0),) if kind == "update" else ()
    change = Change("projects", project["_id"], kind, EPOCH, Timestamp(1, 1), set=paths)
    core_mongo.run_in_transaction(consumer.apply([change]))


def reconcile() -> None:
    position, steps = None, 0
    while steps == 0 or position is not None:
        piece = consumer.reconcile(position)
        core_mongo.run_in_transaction(piece.effect)
        position, steps = piece.position, steps + 1


@pytest.fixture
def leaky(make_project, customer) -> Callable[..., dict[str, Any]]:
    def make(*contents: str, **fields: Any) -> dict[str, Any]:
        files = [{"name": f"src/{n}.ts", "content": each} for n, each in enumerate(contents)]
        project = make_project(user_id=customer["id"], name="Quills", files=files, **fields)
        changed(project, "insert")
        return project

    return make


def test_a_secret_is_suggested_once_and_nothing_of_it_is_kept(leaky, mongo, actor):
    project = leaky(f'const key = "{KEY}";', f"\n// {KEY}")
    found = only()
    assert (found.title, found.hint) == ("OpenAI key", f"•••• {KEY[-4:]}")
    assert [each.text for each in found.places] == ["src/0.ts, line 1", "src/1.ts, line 2"]
    assert found.places[1].url.endswith("?file=src%2F1.ts#L2")
    before = mongo.support_suggestions.find_one({})
    changed(project)
    assert mongo.support_suggestions.find_one({}) == before  # nothing changed, nothing is written
    deciding.dismiss(found.id, "known", actor=actor)
    mongo.projects.update_one(
        {"id": project["id"]}, {"$set": {"files.1.content": "", "files.0.content": f"\n\n{KEY}"}}
    )
    changed(project)
    assert queries.suggestions_page().rows == []
    assert queries.one(found.id).state == "dismissed"
    assert [each.text for each in queries.one(found.id).places] == ["src/0.ts, line 3"]
    changed(project, path="updated_at")
    for name in mongo.list_collection_names():
        if name != "projects":
            assert not any(KEY[8:40] in str(row) for row in mongo[name].find()), name


def test_what_is_taken_out_goes_by_itself_and_what_comes_back_is_new(leaky, mongo):
    project = leaky(STRIPE)
    name = only().id
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": []}})
    changed(project)
    assert queries.one(name).state == "gone"
    said = [{"role": "user", "content": f"use {STRIPE}"}]
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"conversation_history": said}})
    changed(project, path="conversation_history.0")
    assert only().id == name
    assert only().places[0].text == "turn 1 of the conversation"
    mongo.projects.delete_one({"id": project["id"]})
    changed(project, "delete")
    assert mongo.support_suggestions.count_documents({}) == 0


def test_what_comes_back_after_its_issue_was_resolved_gets_another(leaky, mongo, actor):
    project = leaky(STRIPE)
    name = only().id
    first = deciding.open_one(name, wanted(), actor=actor).number
    file = {"name": "a.ts", "content": STRIPE}

    def put(*files: dict[str, Any]) -> str:
        mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": list(files)}})
        changed(project)
        return queries.one(name).state

    assert (put(), put(file)) == ("opened", "opened")
    mongo.support_issues.update_one({"number": first}, {"$set": {"status": "resolved"}})
    assert (put({**file, "name": "b.ts"}), put(), put(file)) == ("opened", "opened", "new")
    assert only().issue == 0
    again = deciding.open_one(name, wanted(), actor=actor)
    assert again.is_new
    assert again.number != first
    assert queries.one(name).issue == again.number


def test_an_odd_row_does_not_take_the_list_away(leaky, client_for, mongo):
    leaky(KEY)
    mongo.support_suggestions.update_one(
        {}, {"$set": {"detector": "of later", "certainty": "odd", "user_id": ""}}
    )
    client = client_for("support")
    page = client.get(URL).content.decode()
    assert "Something found in a project" in page
    assert "Dismiss" in page
    assert "Open issue" not in page
    assert b"Open issue" not in client.get(f"{URL}{only().id}/").content
    row = mongo.support_suggestions.find_one({})
    row["places"] = [{"path": "a.ts\n\n# Hello `b`", "line": 1, "turn": None}]
    assert "- `a.ts # Hello 'b', line 1`\n" in words.text_of(row, "Quills")


def test_the_first_start_looks_through_every_project(leaky, mongo):
    projects = [leaky(KEY) for _ in range(3)]
    mongo.support_suggestions.delete_many({})
    mongo.projects.insert_many(
        [{"_id": 7, "id": 7}, {"_id": "x", "id": "x", "files": "no list"},
         {"_id": 8, "id": "y", "files": [{"name": 1, "content": KEY}, None, {"content": KEY}]}]
    )  # fmt: skip
    reconcile()
    found = queries.suggestions_page().rows
    assert {each.project_id for each in found} == {each["id"] for each in projects}
    mongo.projects.delete_many({"_id": {"$in": [each["_id"] for each in projects[1:]]}})
    reconcile()
    assert only().project_id == projects[0]["id"]


def test_two_who_open_at_once_open_one_issue(leaky, customer, mongo, actor, colleague):
    project = leaky(KEY)
    name = only().id
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda who: deciding.open_one(name, wanted(), actor=who),
                             [actor, colleague] * 2))  # fmt: skip
    assert len({each.number for each in done}) == 1
    assert [each.is_new for each in done].count(True) == 1
    number = done[0].number
    row = row_of(number)
    assert (row["user_id"], row["project_id"], row["source"]["kind"]) == (
        customer["id"], project["id"], "scan",
    )  # fmt: skip
    assert mongo.audit_log.count_documents({"action": "suggestion.open"}) == 1
    with pytest.raises(Conflict):
        deciding.dismiss(name, "known", actor=actor)


def test_staff_open_and_dismiss_on_the_pages(leaky, client_for, mongo):
    client = client_for("support")
    assert b"Nothing to look at" in client.get(URL).content
    leaky(KEY, STRIPE)
    first, second = queries.suggestions_page().rows
    page = client.get(URL).content.decode()
    assert "OpenAI key" in page
    assert "Stripe key" in page
    assert KEY not in page
    assert b">2<" in client.get(f"{URL}count/").content
    shown = client.get(f"{URL}{first.id}/open/").content.decode()
    assert "src/" in shown
    assert KEY not in shown
    form = {
        "subject": "A key in Quills",
        "text": "Tell them",
        "priority": "urgent",
        "tags": "secret",
    }
    refused = client.post(f"{URL}{first.id}/open/", {**form, "subject": ""})
    assert refused.status_code == 422
    answer = client.post(f"{URL}{first.id}/open/", form)
    number = int(answer["Location"].split("/")[2])
    assert issue(number).priority == "urgent"
    assert f"{URL}{first.id}/".encode() in client.get(f"/support/{number}/").content
    assert client.post(f"{URL}{first.id}/open/", form)["Location"] == f"/support/{number}/"
    assert client.post(f"{URL}{second.id}/dismiss/", {"reason": "x"}).status_code == 422
    answer = client.post(f"{URL}{second.id}/dismiss/", {"reason": "not_real"})
    assert answer["Location"] == URL
    dismissed = client.get(f"{URL}?state=dismissed").content.decode()
    assert "It is not real" in dismissed
    row = mongo.audit_log.find_one({"action": "suggestion.dismiss"})
    undone = client.post(undo.url(str(row["_id"])))
    assert undone.status_code == 302
    assert queries.one(second.id).state == "new"
    assert client.get(f"{URL}?state=nonsense").status_code == 422
    assert client.get(f"{URL}?cursor=nonsense").status_code == 422
    assert client.get(f"{URL}unknown/").status_code == 404


def test_pages_go_on_from_the_last_row_in_a_fixed_number_of_round_trips(leaky, mongo):
    leaky(KEY)
    row = mongo.support_suggestions.find_one({})
    mongo.support_suggestions.insert_many(
        {**row, "_id": f"{n:040x}", "at": EPOCH + timedelta(minutes=n // 2)} for n in range(70)
    )
    first = queries.suggestions_page()
    rest = queries.suggestions_page(cursor=first.next)
    assert len({each.id for each in first.rows + rest.rows}) == 71
    assert rest.next == ""
    before = round_trips.count
    queries.suggestions_page()
    assert round_trips.count == before + 2


def test_suggestions_go_with_their_customer(
    leaky, customer, make_customer, mongo, staff, actor, client_for
):
    leaky(KEY)
    other = make_customer()["id"]
    spiking.note(rise(customer["id"], other))
    requests.ask(customer["id"], actor=actor)
    run_jobs()
    [copy] = requests.mine(customer["id"], actor_id=actor.id)
    _, pieces = requests.open_copy(customer["id"], copy.id, actor=actor)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    found = json.loads(archive.read("suggestions/found.jsonl"))
    assert (found["detector"], found["places"][0]["path"]) == ("openai", "src/0.ts")
    assert set(json.loads(archive.read("suggestions/errors.jsonl"))) == {"first_at", "last_at"}
    erase(customer["id"], staff)
    assert set(found_everywhere(mongo, [customer["id"]])) <= {"audit_log", "erasures"}
    assert [row["user_id"] for row in mongo.support_suggestion_customers.find()] == [other]
    assert [row["kind"] for row in mongo.support_suggestions.find()] == ["spike"]
    assert only().customers == 1


def test_they_move_when_two_customers_are_merged(leaky, customer, make_customer, mongo, actor):
    kept = make_customer()["id"]
    leaky(KEY)
    spiking.note(rise(customer["id"], kept))
    mark = preview(kept, customer["id"]).mark
    merge_customers(kept, customer["id"], choices=Choices(), mark=mark, reason="x", actor=actor)
    run_jobs()
    assert {row["user_id"] for row in mongo.support_suggestions.find({"kind": "secret"})} == {kept}
    (spike,) = queries.suggestions_page(kind="spike").rows
    assert spike.customers == 1
