"""Saving one file: conditional, idempotent, on record once, and nothing else touched."""

import threading
from typing import Any

import bson
import pytest
from bson import Decimal128, Int64, ObjectId, Regex
from bson.binary import Binary

from devora_admin.core.errors import Conflict, InvalidInput, NotFound, TooLarge
from devora_admin.core.ids import new_id
from devora_admin.projects.services.files import SavedFile, save_file

PATH = "app/page.tsx"
BASE = "export default 1;\n"


@pytest.fixture
def save(actor):
    tab = new_id()

    def call(project: dict[str, Any], content: str, **changes: Any) -> SavedFile:
        arguments = {"path": PATH, "base_content": BASE, "base_revision": 0, "tab": tab}
        return save_file(project["id"], content=content, actor=actor, **{**arguments, **changes})

    return call


def stored(mongo, project) -> dict[str, Any]:
    return mongo.projects.find_one({"_id": project["_id"]})


def test_a_save_changes_the_file_counts_the_revision_and_sets_the_time(save, make_project, mongo):
    project = make_project()
    saved = save(project, "new\n")
    now = stored(mongo, project)
    assert now["files"][0]["content"] == "new\n"
    assert now["revision"] == saved.revision == 1
    assert now["updated_at"] == saved.updated_at


def test_everything_else_in_the_document_stays_byte_for_byte(save, make_project, mongo):
    odd = {
        "long": Int64(5), "decimal": Decimal128("1.50"), "double": 3.0, "id": ObjectId(),
        "binary": Binary(b"\0\xff", 5), "regex": Regex("^a", "i"), "null": None, "nested": [{}, []],
    }  # fmt: skip
    files = [
        {"name": "a.txt", "content": "a", "language": "plaintext", "extra": odd},
        {"content": BASE, "tags": odd, "name": PATH, "language": "typescript"},
        "no file at all",
    ]
    project = make_project(files=files, revision=Int64(7), odd=odd)
    save(project, "new\n", base_revision=7)
    before, after = bson.encode(project), stored(mongo, project)
    after["files"][1]["content"] = BASE
    after["revision"], after["updated_at"] = Int64(7), project["updated_at"]
    assert bson.encode({key: after[key] for key in project}) == before
    assert set(after) == {*project, "edited_by"}


@pytest.mark.parametrize(
    "content",
    ["", "a\r\nb\rc\nd", "\ufeffwith a mark\n", "nul \0 inside", "😀 ☃ e\u0301", "\u2028 \u2029"],
)
def test_text_is_kept_to_the_letter(save, make_project, mongo, content):
    project = make_project()
    save(project, content)
    assert stored(mongo, project)["files"][0]["content"] == content


def test_half_a_character_is_refused_with_its_line(save, make_project, mongo):
    project = make_project()
    with pytest.raises(InvalidInput, match="Line 2") as refused:
        save(project, "fine\nbad \ud83d\n")
    assert refused.value.detail == {"line": 2}
    assert stored(mongo, project) == project


def test_a_save_over_a_change_of_the_platform_is_a_conflict_and_shows_theirs(
    save, make_project, mongo
):
    project = make_project()
    # The platform leaves the revision alone.
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "platform\n"}})
    with pytest.raises(Conflict) as conflict:
        save(project, "mine\n")
    assert conflict.value.detail["reason"] == "changed"
    assert conflict.value.detail["theirs"] == "platform\n"
    assert conflict.value.detail["revision"] == 0
    assert stored(mongo, project)["files"][0]["content"] == "platform\n"


def test_a_change_elsewhere_in_the_project_does_not_stop_a_save(save, make_project, mongo):
    project = make_project()
    mongo.projects.update_one(
        {"id": project["id"]},
        {"$set": {"metadata.theme": "dark"}, "$push": {"files": {"name": "b", "content": ""}},
         "$inc": {"revision": 4}},
    )  # fmt: skip
    assert save(project, "mine\n").revision == 5
    now = stored(mongo, project)
    assert (now["files"][0]["content"], now["metadata"]["theme"]) == ("mine\n", "dark")


def test_the_file_may_have_moved_in_the_list(save, make_project, mongo):
    project = make_project()
    first = {"$each": [{"name": "first", "content": BASE}], "$position": 0}
    mongo.projects.update_one({"id": project["id"]}, {"$push": {"files": first}})
    save(project, "mine\n")
    assert [each["content"] for each in stored(mongo, project)["files"]] == [BASE, "mine\n"]


def test_sending_the_same_save_again_is_a_success_and_writes_nothing(save, make_project, mongo):
    project = make_project()
    save(project, "mine\n")
    before = stored(mongo, project)
    again = save(project, "mine\n")
    assert (again.revision, again.updated_at) == (1, None)
    assert stored(mongo, project) == before


def test_a_file_that_was_renamed_or_deleted_is_told(save, make_project, mongo):
    project = make_project()
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.name": "moved.tsx"}})
    with pytest.raises(Conflict) as conflict:
        save(project, "mine\n")
    assert conflict.value.detail == {"reason": "gone"}


def test_an_archived_project_keeps_its_files(save, make_project, mongo):
    project = make_project(archived_at=None)
    save(project, "one\n")
    mongo.projects.update_one({"id": project["id"]}, {"$currentDate": {"archived_at": True}})
    with pytest.raises(Conflict) as conflict:
        save(project, "two\n", base_content="one\n", base_revision=1)
    assert conflict.value.detail == {"reason": "archived"}


def test_an_unknown_project_is_not_found(save):
    with pytest.raises(NotFound):
        save({"id": "no\0such"}, "x")


@pytest.mark.parametrize("revision", ["seven", None, [1], {"$gt": 0}])
def test_a_revision_that_cannot_be_counted_is_named(save, make_project, mongo, revision):
    project = make_project(revision=revision)
    with pytest.raises(InvalidInput, match="revision"):
        save(project, "mine\n")
    assert stored(mongo, project) == project


@pytest.mark.parametrize("entry", [{"name": PATH}, {"name": PATH, "content": None}])
def test_a_file_without_content_reads_as_empty_and_can_be_written(save, make_project, mongo, entry):
    project = make_project(files=[entry])
    save(project, "first\n", base_content="")
    assert stored(mongo, project)["files"] == [{"name": PATH, "content": "first\n"}]


@pytest.mark.parametrize("files", [{"0": {"name": PATH, "content": BASE}}, None, "text", [[], 5]])
def test_files_of_another_shape_are_never_written(save, make_project, mongo, files):
    project = make_project(files=files)
    with pytest.raises(Conflict):
        save(project, "mine\n")
    assert stored(mongo, project) == project


def test_a_document_that_would_pass_16_mb_is_refused(save, make_project, mongo):
    project = make_project(big="x" * (9 * 1024 * 1024))
    with pytest.raises(TooLarge):
        save(project, "y" * (8 * 1024 * 1024))
    assert stored(mongo, project) == project


def test_a_second_save_that_passes_16_mb_is_refused_too(save, make_project):
    project = make_project(big="x" * (9 * 1024 * 1024))
    save(project, "small\n")
    with pytest.raises(TooLarge):
        save(project, "y" * (8 * 1024 * 1024), base_content="small\n", base_revision=1)


def test_the_first_save_of_a_file_in_a_tab_is_on_record_and_later_ones_are_not(
    save, make_project, mongo, actor
):
    project = make_project()
    save(project, "one\n")
    save(project, "two\n", base_content="one\n", base_revision=1)
    save(project, "three\n", base_content="two\n", base_revision=2, tab=new_id())
    rows = list(mongo.audit_log.find({"action": "project.file.edit"}))
    assert len(rows) == 2
    first = next(row for row in rows if row["before"]["size"] == len(BASE))
    assert first["subject"]["id"] == project["id"]
    assert first["subject"]["label"] == project["name"]
    assert first["customer_id"] == project["user_id"]
    assert first["actor"]["email"] == actor.email
    assert len(first["before"]["sha256"]) == 64


def test_a_row_another_process_wrote_does_not_stop_the_save(save, make_project, mongo, monkeypatch):
    from devora_admin.projects.services import files

    project = make_project()
    save(project, "one\n")
    monkeypatch.setattr(files, "_recorded", files._Recorded())
    save(project, "two\n", base_content="one\n", base_revision=1)
    assert stored(mongo, project)["files"][0]["content"] == "two\n"
    assert mongo.audit_log.count_documents({"action": "project.file.edit"}) == 1


def test_a_later_save_is_one_round_trip(save, make_project):
    from devora_admin.core.mongo import round_trips

    project = make_project()
    save(project, "one\n")
    before = round_trips.count
    save(project, "two\n", base_content="one\n", base_revision=1)
    assert round_trips.count == before + 1


def test_of_many_saves_at_once_to_different_files_none_is_lost(save, make_project, mongo):
    count = 6
    project = make_project(files=[{"name": f"{n}.txt", "content": ""} for n in range(count)])
    faults: list[Exception] = []

    def edit(number: int) -> None:
        base = ""
        for step in range(5):
            content = f"{base}{step}\n"
            while True:
                try:
                    save(project, content, path=f"{number}.txt", base_content=base)
                    break
                except Conflict as conflict:
                    if conflict.detail.get("reason") != "busy":
                        faults.append(conflict)
                        return
            base = content

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    now = stored(mongo, project)
    assert {each["content"] for each in now["files"]} == {"0\n1\n2\n3\n4\n"}
    assert now["revision"] == count * 5
