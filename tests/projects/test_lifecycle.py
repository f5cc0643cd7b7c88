"""Rename, describe, archive, restore, duplicate and transfer, at the service."""

from typing import Any

import bson
import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo.errors import WriteError

from devora_admin.core import raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound, TooLarge
from devora_admin.projects.services import lifecycle
from tests import factories


def audit_rows(mongo: Any) -> list[dict[str, Any]]:
    return list(mongo.audit_log.find().sort("at", 1))


def raw(mongo: Any, project_id: str) -> dict[str, raw_bson.Element]:
    collection = mongo.projects.with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"id": project_id})
    return {part.name: part for part in raw_bson.elements(found.raw)}


def test_renaming_changes_name_and_updated_at_and_nothing_else(mongo, make_project, actor):
    project = make_project(name="Old", extra={"kept": Int64(1)})
    lifecycle.rename(project["id"], name="  New  ", actor=actor)
    stored = mongo.projects.find_one({"id": project["id"]})
    assert stored["name"] == "New"
    assert stored["updated_at"] > project["updated_at"]
    assert "revision" not in stored
    assert stored["extra"] == {"kept": Int64(1)}


def test_renaming_leaves_an_audit_row_with_before_and_after(mongo, make_project, actor):
    project = make_project(name="Old")
    lifecycle.rename(project["id"], name="New", actor=actor)
    [row] = audit_rows(mongo)
    assert row["action"] == "project.rename"
    assert row["actor"]["id"] == actor.id
    assert row["subject"]["id"] == project["id"]
    assert row["customer_id"] == "user-1"
    assert (row["before"], row["after"]) == ({"name": "Old"}, {"name": "New"})


def test_renaming_to_the_same_name_writes_nothing(mongo, make_project, actor):
    project = make_project(name="Same")
    lifecycle.rename(project["id"], name="Same", actor=actor)
    assert audit_rows(mongo) == []


@pytest.mark.parametrize("name", ["", "   ", "a\0b", "x" * 201])
def test_a_bad_name_is_refused_at_its_field(mongo, make_project, actor, name):
    project = make_project(name="Old")
    with pytest.raises(InvalidInput) as refused:
        lifecycle.rename(project["id"], name=name, actor=actor)
    assert refused.value.field == "name"
    assert mongo.projects.find_one({"id": project["id"]})["name"] == "Old"


def test_renaming_what_someone_else_renamed_is_a_conflict(mongo, make_project, actor):
    project = make_project(name="Theirs")
    with pytest.raises(Conflict, match="Theirs"):
        lifecycle.rename(project["id"], name="Mine", expected="Old", actor=actor)
    assert audit_rows(mongo) == []


def test_a_project_without_a_name_can_be_named(mongo, make_project, actor):
    project = make_project(missing=("name",))
    lifecycle.rename(project["id"], name="Named", expected="", actor=actor)
    assert mongo.projects.find_one({"id": project["id"]})["name"] == "Named"


def test_a_description_can_be_changed_and_emptied(mongo, make_project, actor):
    project = make_project(description="old")
    lifecycle.describe(project["id"], description="new", actor=actor)
    lifecycle.describe(project["id"], description="", actor=actor)
    assert mongo.projects.find_one({"id": project["id"]})["description"] == ""
    assert [row["action"] for row in audit_rows(mongo)] == ["project.describe"] * 2


def test_archiving_and_restoring_are_audited(mongo, make_project, actor):
    project = make_project()
    assert lifecycle.archive_project(project["id"], actor=actor) == project["name"]
    assert mongo.projects.find_one({"id": project["id"]})["archived_at"]
    lifecycle.restore_project(project["id"], actor=actor)
    assert "archived_at" not in mongo.projects.find_one({"id": project["id"]})
    assert [row["action"] for row in audit_rows(mongo)] == ["project.archive", "project.restore"]


def test_archiving_twice_is_a_conflict_and_is_recorded_once(mongo, make_project, actor):
    project = make_project()
    lifecycle.archive_project(project["id"], actor=actor)
    with pytest.raises(Conflict, match="archived already"):
        lifecycle.archive_project(project["id"], actor=actor)
    assert len(audit_rows(mongo)) == 1


def test_restoring_what_is_not_archived_is_a_conflict(make_project, actor):
    project = make_project(archived_at=None)
    with pytest.raises(Conflict, match="not archived"):
        lifecycle.restore_project(project["id"], actor=actor)


def test_an_unknown_project_is_not_found(actor):
    with pytest.raises(NotFound):
        lifecycle.archive_project("nope", actor=actor)
    with pytest.raises(NotFound):
        lifecycle.duplicate("nope", actor=actor)


EVERY_TYPE = {
    "double": 1.0, "nan": float("nan"), "string": "a\0b", "document": {"b": 1, "a": 2, "$x.y": 3},
    "array": [1, Int64(1), 1.0], "binary": Binary(b"\0\1", 128), "uuid": Binary(b"0" * 16, 4),
    "object_id": ObjectId(), "bool": True, "null": None, "regex": Regex("^a", "im"),
    "code": Code("x"), "scoped": Code("x", {"y": Int64(1)}), "int32": 1, "int64": Int64(1),
    "timestamp": Timestamp(1, 2), "decimal": Decimal128("1.10"), "min": MinKey(), "max": MaxKey(),
}  # fmt: skip


def odd_project() -> RawBSONDocument:
    """A project with types Python cannot tell apart, as bytes."""
    document = bson.encode({"_id": ObjectId(), "id": "odd", "user_id": "user-1", **EVERY_TYPE})
    symbol = raw_bson.Element(0x0E, "symbol", b"\2\0\0\0x\0")
    undefined = raw_bson.Element(0x06, "undefined", b"")
    late = raw_bson.Element(0x09, "year_20000", b"\xff\xff\xff\xff\xff\xff\0\0")
    return RawBSONDocument(raw_bson.build([*raw_bson.elements(document), symbol, undefined, late]))


def test_a_copy_holds_every_unknown_field_byte_for_byte(mongo, actor):
    mongo.projects.insert_one(odd_project())
    copy_id = lifecycle.duplicate("odd", actor=actor)
    source, copy = raw(mongo, "odd"), raw(mongo, copy_id)
    replaced = {"_id", "id", "name", "created_at", "updated_at", "revision", "edited_by"}
    assert {key: part.value for key, part in source.items() if key not in replaced} == {
        key: part.value for key, part in copy.items() if key not in replaced
    }
    assert copy["_id"].value != source["_id"].value


def test_a_copy_is_named_fresh_and_never_archived(mongo, make_project, actor):
    project = make_project(name="Shop", revision=7, archived_at="broken")
    copy = mongo.projects.find_one({"id": lifecycle.duplicate(project["id"], actor=actor)})
    assert copy["name"] == "Copy of Shop"
    assert copy["revision"] == 0
    assert "archived_at" not in copy
    assert copy["files"] == project["files"]
    assert copy["created_at"] > project["created_at"]
    [row] = audit_rows(mongo)
    assert row["after"]["copied_from"] == project["id"]


def test_a_transfer_moves_the_project_and_its_old_conversations(
    mongo, make_project, make_customer, actor
):
    project, receiver = make_project(), make_customer()
    mongo.conversations.insert_many(
        [{"user_id": "user-1", "project_id": project["id"], "messages": []},
         {"user_id": "user-1", "project_id": "other", "messages": []}]
    )  # fmt: skip
    lifecycle.transfer(project["id"], user_id=receiver["id"], actor=actor)
    assert mongo.projects.find_one({"id": project["id"]})["user_id"] == receiver["id"]
    moved = mongo.conversations.find_one({"project_id": project["id"]})
    assert moved["user_id"] == receiver["id"]
    assert mongo.conversations.find_one({"project_id": "other"})["user_id"] == "user-1"
    [row] = audit_rows(mongo)
    assert (row["before"], row["after"]) == ({"user_id": "user-1"}, {"user_id": receiver["id"]})


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_a_transfer_to_a_suspended_customer_is_refused(
    mongo, make_project, make_customer, actor, status
):
    project, receiver = make_project(), make_customer(status=status)
    with pytest.raises(InvalidInput, match=status) as refused:
        lifecycle.transfer(project["id"], user_id=receiver["id"], actor=actor)
    assert refused.value.field == "user_id"
    assert mongo.projects.find_one({"id": project["id"]})["user_id"] == "user-1"


@pytest.mark.parametrize("user_id", ["", "nobody", "a\0b", "user-1"])
def test_a_transfer_to_nobody_or_the_owner_is_refused(
    mongo, make_project, make_customer, actor, user_id
):
    project = make_project()
    make_customer(id="user-1")
    with pytest.raises(InvalidInput) as refused:
        lifecycle.transfer(project["id"], user_id=user_id, actor=actor)
    assert refused.value.field == "user_id"
    assert audit_rows(mongo) == []


@pytest.fixture
def full_audit_log(mongo):
    """An audit log that takes no more rows."""
    mongo.command("create", "audit_log") if "audit_log" not in mongo.list_collection_names() else 0
    mongo.command("collMod", "audit_log", validator={"never": {"$exists": True}})
    yield
    mongo.command("collMod", "audit_log", validator={})


@pytest.mark.usefixtures("full_audit_log")
def test_a_change_that_cannot_be_recorded_does_not_happen(mongo, make_project, actor):
    project = make_project(name="Old")
    for change in (
        lambda: lifecycle.rename(project["id"], name="New", actor=actor),
        lambda: lifecycle.duplicate(project["id"], actor=actor),
    ):
        with pytest.raises(WriteError):
            change()
    [stored] = mongo.projects.find()
    assert stored == project


def test_a_huge_old_value_does_not_swamp_the_audit_log(mongo, make_project, actor):
    project = make_project(name="x" * 1_000_000)
    lifecycle.rename(project["id"], name="New", actor=actor)
    [row] = audit_rows(mongo)
    assert len(row["before"]["name"]) < 11_000


def test_a_project_near_16_mb_is_copied_or_refused_whole(mongo, make_project, actor):
    room = 16 * 1024 * 1024
    document = factories.project(name="n", files=[{"name": "a", "content": ""}])
    document["files"][0]["content"] = "x" * (room - len(bson.encode(document)) - 5)
    near = factories.insert(mongo.projects, document)
    with pytest.raises(TooLarge, match="16 MB"):
        lifecycle.duplicate(near["id"], actor=actor)
    assert mongo.projects.count_documents({}) == 1
    large = make_project(name="n", files=[{"name": "a", "content": "x" * (room - 200_000)}])
    assert mongo.projects.find_one({"id": lifecycle.duplicate(large["id"], actor=actor)})
