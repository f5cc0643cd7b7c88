"""What staff did to a project is taken back while nobody changed it since."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import Decimal128, Int64

from devora_admin.core.errors import Conflict, Forbidden
from devora_admin.projects.services import lifecycle, metadata
from devora_admin.staff import audit, undo


def last(mongo: Any) -> str:
    return str(mongo.audit_log.find_one({"subject.kind": "project"}, sort=[("at", -1)])["_id"])


def stored(mongo: Any, project: dict[str, Any]) -> dict[str, Any]:
    return mongo.projects.find_one({"id": project["id"]}) or {}


@pytest.fixture
def project(make_project, make_customer):
    owner = make_customer()
    make_customer(id="other")
    return make_project(
        user_id=owner["id"],
        name="Bakery",
        description="Old",
        metadata={"plan": Int64(3), "price": Decimal128("1.50"), "tags": ["a", "b"], "a": {"b": 1}},
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda key, actor: lifecycle.rename(key, name="New", actor=actor),
        lambda key, actor: lifecycle.describe(key, description="New", actor=actor),
        lambda key, actor: lifecycle.archive_project(key, actor=actor),
        lambda key, actor: lifecycle.transfer(key, user_id="other", actor=actor),
        lambda key, actor: metadata.replace_json(
            key,
            base='{"plan":{"$numberLong":"3"},"tags":["a","b"]}',
            text='{"tags":["a"]}',
            actor=actor,
        ),
        lambda key, actor: metadata.add_value(
            key, (), key="x", kind="string", text="y", actor=actor
        ),
    ],
    ids=["rename", "describe", "archive", "transfer", "json", "add"],
)
def test_every_action_is_taken_back_as_it_was(mongo, project, actor, change):
    change(project["id"], actor)
    row_id = last(mongo)
    assert stored(mongo, project)["updated_at"] != project["updated_at"]
    undo.perform(row_id, actor=actor)
    now, before = stored(mongo, project), dict(project)
    for name in ("updated_at", "revision", "edited_by"):
        now.pop(name, None)
        before.pop(name, None)
    assert now == before
    row = mongo.audit_log.find_one({"undo_of": row_id})
    assert row["action"].endswith(".undo")
    with pytest.raises(Conflict, match="already"):
        undo.perform(row_id, actor=actor)


def test_restoring_is_taken_back_to_the_very_moment_it_was_archived(mongo, project, actor):
    lifecycle.archive_project(project["id"], actor=actor)
    when = stored(mongo, project)["archived_at"]
    lifecycle.restore_project(project["id"], actor=actor)
    undo.perform(last(mongo), actor=actor)
    assert stored(mongo, project)["archived_at"] == when


def test_a_value_that_moved_on_is_left_alone(mongo, project, actor):
    lifecycle.rename(project["id"], name="New", actor=actor)
    row_id = last(mongo)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"name": "Newer"}})
    with pytest.raises(Conflict, match="Newer"):
        undo.perform(row_id, actor=actor)
    assert stored(mongo, project)["name"] == "Newer"
    assert mongo.audit_log.count_documents({"undo_of": row_id}) == 0


def test_metadata_that_moved_on_is_left_alone(mongo, project, actor):
    metadata.add_value(project["id"], (), key="x", kind="string", text="y", actor=actor)
    row_id = last(mongo)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"metadata.x": "z"}})
    with pytest.raises(Conflict, match="changed since"):
        undo.perform(row_id, actor=actor)


def test_a_transfer_is_not_taken_back_to_an_owner_who_is_suspended(mongo, project, actor):
    lifecycle.transfer(project["id"], user_id="other", actor=actor)
    mongo.users.update_one({"id": project["user_id"]}, {"$set": {"status": "suspended"}})
    with pytest.raises(Conflict, match="suspended"):
        undo.perform(last(mongo), actor=actor)


def test_what_the_log_does_not_hold_cannot_be_put_back(mongo, make_project, actor):
    long = make_project(description="x" * 20_000)
    lifecycle.describe(long["id"], description="short", actor=actor)
    with pytest.raises(Conflict, match="too long"):
        undo.perform(last(mongo), actor=actor)
    secret = make_project(metadata={"api_key": "abcdefabcdefabcdef"})
    metadata.replace_json(
        secret["id"], base='{"api_key":"abcdefabcdefabcdef"}', text="{}", actor=actor
    )
    with pytest.raises(Conflict, match="secret"):
        undo.perform(last(mongo), actor=actor)
    lifecycle.archive_project(secret["id"], actor=actor)
    row_id = last(mongo)
    audit.forget_customer(secret["user_id"], actor=actor)
    with pytest.raises(Conflict, match="erased"):
        undo.perform(row_id, actor=actor)


def test_who_may_not_do_it_may_not_undo_it(mongo, project, actor, staff):
    lifecycle.transfer(project["id"], user_id="other", actor=actor)
    with pytest.raises(Forbidden):
        undo.perform(last(mongo), actor=audit.actor_for(staff("editor")))


def test_ten_undos_at_once_do_it_once(mongo, project, actor):
    lifecycle.rename(project["id"], name="New", actor=actor)
    row_id = last(mongo)

    def take_back(number: int) -> bool:
        try:
            undo.perform(row_id, actor=actor)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(take_back, range(10))) == 1
    assert mongo.audit_log.count_documents({"undo_of": row_id}) == 1


def test_the_undo_is_asked_for_in_a_dialog_and_leads_back(mongo, project, actor, client_for):
    lifecycle.rename(project["id"], name="New", actor=actor)
    url = undo.url(last(mongo))
    editor = client_for("editor")
    asked = editor.get(url, headers={"HX-Request": "true"})
    assert "Renamed the project" in asked.content.decode()
    assert stored(mongo, project)["name"] == "New"
    done = editor.post(url)
    assert (done.status_code, done["Location"]) == (302, f"/projects/{project['id']}/")
    assert stored(mongo, project)["name"] == "Bakery"
    assert editor.post(url).status_code == 409
    assert client_for("viewer").post(url).status_code == 403
