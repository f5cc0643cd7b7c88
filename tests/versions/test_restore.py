"""Putting a version back: exactly as it was, on what the person saw, and taken back again."""

import pytest
from bson import Int64

from devora_admin.core import raw_bson
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.staff import undo
from devora_admin.versions.documents import blobs, versions
from devora_admin.versions.queries.restore import preview
from devora_admin.versions.services import restoring
from tests.versions.factory import make_stored_version, make_version
from tests.versions.following import following

ODD = {
    "x": Int64(7), "name": "odd.ts", "content": "odd\r\n", "language": "", "deep": {"a": [1, 2.0]},
}  # fmt: skip
FILES = [
    {"name": "a.ts", "content": "a\n", "language": "typescript"},
    ODD,
    {"name": "late.ts", "content": "late"},
]


@pytest.fixture
def editor(client_for):
    return client_for("editor")


@pytest.fixture
def project(mongo, make_project):
    """Version 1 is how it was; since then two files changed, one was added and one went."""
    project = make_project(files=FILES, metadata={"n": Int64(1), "s": "x"}, platform_field=[1])
    make_stored_version(project, 1)
    mongo.projects.update_one(
        {"id": project["id"]},
        {
            "$set": {
                "files": [
                    {"name": "new.ts", "content": "new\n"},
                    {"name": "a.ts", "content": "changed\n", "language": "typescript", "by": "p"},
                    {"name": "odd.ts", "content": "gone\n"},
                ],
                "metadata": {"n": 2},
            }
        },
    )
    return project


def address(project, path=""):
    query = f"?file={path}" if path else ""
    return f"/projects/{project['id']}/versions/1/restore/{query}"


def stored(mongo, project):
    raw = mongo.projects.with_options(codec_options=raw_bson.RAW)
    parts = raw_bson.elements(bytes(raw.find_one({"id": project["id"]}).raw))
    return {part.name: part for part in parts}


def content(mongo, project):
    parts = stored(mongo, project)
    return parts["files"].data, parts.get("metadata") and parts["metadata"].data


def as_bytes(files):
    return raw_bson.element(files).data


def test_a_version_comes_back_byte_for_byte_as_a_new_revision(mongo, editor, project):
    seen = preview(project["id"], 1).seen
    response = editor.post(address(project), {"seen": seen})
    assert response.status_code == 302
    parts = stored(mongo, project)
    assert parts["files"].data == as_bytes(FILES)
    assert parts["metadata"].data == as_bytes({"n": Int64(1), "s": "x"})
    after = mongo.projects.find_one({"id": project["id"]})
    assert after["revision"] == 1
    assert after["platform_field"] == [1]
    assert after["edited_by"]["why"] == "project.version.restore"
    assert after["edited_by"]["version"] == 1
    row = mongo.audit_log.find_one({"action": "project.version.restore"})
    assert row["after"]["version"] == 1
    assert row["after"]["files"] == ["a.ts", "late.ts", "new.ts", "odd.ts"]
    assert row["after"]["metadata"] is True


def test_what_restoring_would_do_is_shown_before(editor, project):
    shown = editor.get(address(project)).content.decode()
    assert "1 file comes back" in shown
    assert "2 files change" in shown
    assert "1 file that version 1 does not have will be removed" in shown
    assert "new.ts" in shown
    assert "The metadata comes back" in shown


def test_one_file_comes_back_alone(mongo, editor, project):
    seen = preview(project["id"], 1, "odd.ts").seen
    assert editor.post(address(project, "odd.ts"), {"seen": seen}).status_code == 302
    files = mongo.projects.find_one({"id": project["id"]})["files"]
    assert [each["name"] for each in files] == ["new.ts", "a.ts", "odd.ts"]
    assert raw_bson.elements(content(mongo, project)[0])[2].data == as_bytes(ODD)
    assert files[1]["by"] == "p"


def test_a_file_that_is_gone_comes_back_where_it_was(mongo, editor, project):
    mongo.projects.update_one({"id": project["id"]}, {"$pull": {"files": {"name": "a.ts"}}})
    seen = preview(project["id"], 1, "a.ts").seen
    assert editor.post(address(project, "a.ts"), {"seen": seen}).status_code == 302
    names = [each["name"] for each in mongo.projects.find_one({"id": project["id"]})["files"]]
    assert names == ["a.ts", "new.ts", "odd.ts"]


@pytest.mark.parametrize("path", ["", "a.ts", "late.ts"])
def test_undo_brings_back_what_was_before_byte_for_byte(mongo, editor, project, path, actor):
    before = content(mongo, project)
    editor.post(address(project, path), {"seen": preview(project["id"], 1, path).seen})
    assert content(mongo, project) != before
    row = mongo.audit_log.find_one({"action": "project.version.restore"})
    assert editor.post(undo.url(row["_id"])).status_code in (200, 204, 302)
    assert content(mongo, project) == before
    assert mongo.projects.find_one({"id": project["id"]})["revision"] == 2
    assert mongo.audit_log.find_one({"undo_of": row["_id"]})["action"].endswith("restore.undo")
    assert mongo.editor_undo.count_documents({}) == 0
    with pytest.raises(Conflict):
        undo.perform(row["_id"], actor=actor)


def restored(project, actor, path=""):
    seen = preview(project["id"], 1, path).seen
    if path:
        return restoring.restore_file(project["id"], 1, path, seen=seen, actor=actor)
    return restoring.restore_version(project["id"], 1, seen=seen, actor=actor)


def test_an_undo_after_another_change_changes_nothing(mongo, project, actor):
    done = restored(project, actor)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "by platform"}})
    left = content(mongo, project)
    with pytest.raises(Conflict, match="restore that one"):
        undo.perform(done.row_id, actor=actor)
    assert content(mongo, project) == left


def test_a_change_of_another_file_does_not_stand_in_the_way_of_one(mongo, project, actor):
    seen = preview(project["id"], 1, "a.ts").seen
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "by platform"}})
    done = restoring.restore_file(project["id"], 1, "a.ts", seen=seen, actor=actor)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "again"}})
    undo.perform(done.row_id, actor=actor)
    files = mongo.projects.find_one({"id": project["id"]})["files"]
    assert files[0]["content"] == "again"
    assert files[1]["content"] == "changed\n"


@pytest.mark.parametrize("path", ["", "a.ts"])
@pytest.mark.parametrize(
    "change",
    [
        {"files.1.content": "by the platform"},
        {"files.1.by": "another"},
        {"files": []},
    ],
)
def test_a_project_that_changed_since_the_preview_is_shown_again(
    mongo, editor, project, path, change
):
    seen = preview(project["id"], 1, path).seen
    mongo.projects.update_one({"id": project["id"]}, {"$set": change})
    left = content(mongo, project)
    response = editor.post(address(project, path), {"seen": seen})
    assert response.status_code == 409
    shown = response.content.decode()
    assert "Nothing was restored" in shown
    assert f'value="{preview(project["id"], 1, path).seen}"' in shown
    assert content(mongo, project) == left
    assert mongo.audit_log.count_documents({"action": "project.version.restore"}) == 0


def test_messages_that_arrive_meanwhile_do_not_matter(mongo, editor, project):
    seen = preview(project["id"], 1).seen
    mongo.projects.update_one(
        {"id": project["id"]}, {"$push": {"conversation_history": {"role": "user", "content": "x"}}}
    )
    assert editor.post(address(project), {"seen": seen}).status_code == 302


def test_an_archived_project_and_a_list_that_is_none_are_refused(mongo, editor, project):
    seen = preview(project["id"], 1).seen
    for change, says in (
        ({"archived_at": project["created_at"]}, "archived"),
        ({"archived_at": None, "files": "text"}, "list"),
    ):
        mongo.projects.update_one({"id": project["id"]}, {"$set": change})
        left = content(mongo, project)
        shown = editor.get(address(project))
        assert shown.status_code == 200
        assert says in shown.content.decode()
        assert b'name="seen"' not in shown.content
        assert editor.post(address(project), {"seen": seen}).status_code in (409, 422)
        assert content(mongo, project) == left


def test_a_version_that_cannot_be_put_back_says_why(mongo, editor, make_project):
    for files, says in (
        ([*FILES, FILES[0]], "two files named"),
        ("no list", "no list"),
    ):
        project = make_project(files=files)
        make_stored_version(project, 1)
        mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": FILES}})
        assert says in editor.get(address(project)).content.decode()
        left = content(mongo, project)
        response = editor.post(address(project), {"seen": preview(project["id"], 1).seen})
        assert response.status_code == 422
        assert content(mongo, project) == left


def test_a_version_whose_contents_are_gone_is_refused(mongo, editor, project):
    seen = preview(project["id"], 1).seen
    blobs().delete_many({})
    left = content(mongo, project)
    for path in ("", "a.ts"):
        response = editor.post(address(project, path), {"seen": seen})
        assert response.status_code == 409
        assert "Not all contents" in response.content.decode()
        assert "Not all contents" in editor.get(address(project, path)).content.decode()
    assert content(mongo, project) == left


def test_malformed_files_come_back_as_they_were(mongo, editor, make_project, actor):
    odd = ["a text", 7, None, {"name": "n.ts"}, {"content": "x"}, {"name": 3, "content": "y"}]
    project = make_project(files=[*odd, *FILES])
    make_stored_version(project, 1)
    before = content(mongo, project)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": FILES[:1]}})
    assert "come back as they were stored" in editor.get(address(project)).content.decode()
    done = restored(project, actor)
    assert content(mongo, project) == before
    undo.perform(done.row_id, actor=actor)
    assert content(mongo, project)[0] == as_bytes(FILES[:1])


def test_a_project_without_metadata_gets_none(mongo, make_project, actor):
    project = make_project(missing=("metadata",))
    make_stored_version(project, 1)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"metadata": {"a": 1}}})
    done = restored(project, actor)
    assert "metadata" not in mongo.projects.find_one({"id": project["id"]})
    undo.perform(done.row_id, actor=actor)
    assert mongo.projects.find_one({"id": project["id"]})["metadata"] == {"a": 1}


def test_a_restore_that_would_pass_16_mb_writes_nothing(mongo, editor, make_project):
    project = make_project(files=[{"name": "big", "content": "x" * 9_000_000}])
    make_stored_version(project, 1)
    mongo.projects.update_one(
        {"id": project["id"]}, {"$set": {"files": [], "note": "y" * 9_000_000}}
    )
    response = editor.post(address(project), {"seen": preview(project["id"], 1).seen})
    assert response.status_code == 413
    assert "16 MB" in response.content.decode()
    assert mongo.projects.find_one({"id": project["id"]})["files"] == []
    assert mongo.editor_undo.count_documents({}) == 0


def test_a_restore_of_what_is_there_already_does_nothing(mongo, editor, make_project):
    project = make_project()
    make_stored_version(project, 1)
    shown = editor.get(address(project)).content.decode()
    assert "already as version 1" in shown
    response = editor.post(address(project), {"seen": preview(project["id"], 1).seen})
    assert response.status_code == 422
    assert "revision" not in mongo.projects.find_one({"id": project["id"]})


def test_a_folder_in_the_way_of_a_file_is_named(mongo, editor, project):
    mongo.projects.update_one(
        {"id": project["id"]},
        {"$push": {"files": {"name": "late.ts/inner.ts", "content": "x"}}},
    )
    assert "folder" in editor.get(address(project, "late.ts")).content.decode()
    response = editor.post(
        address(project, "late.ts"), {"seen": preview(project["id"], 1, "late.ts").seen}
    )
    assert response.status_code == 422
    assert "folder" in response.content.decode()


def test_undo_is_over_after_a_day(mongo, project, actor):
    done = restored(project, actor)
    mongo.editor_undo.delete_many({})  # as the index does
    with pytest.raises(Conflict, match="for a day"):
        undo.perform(done.row_id, actor=actor)


def test_only_who_may_edit_restores(client_for, project):
    for role in ("viewer", "support"):
        client = client_for(role)
        assert client.get(address(project)).status_code == 403
        assert client.post(address(project), {"seen": "x"}).status_code == 403


def test_what_is_not_there_is_not_found(editor, project):
    for path in (
        f"/projects/{project['id']}/versions/99/restore/",
        f"/projects/{project['id']}/versions/1/restore/?file=none.ts",
        "/projects/none/versions/1/restore/",
    ):
        assert editor.get(path).status_code == 404
        assert editor.post(path, {"seen": "x"}).status_code == 404
    with pytest.raises(NotFound):
        restoring.restore_version("none", 1, seen="", actor=None)


def test_the_history_stays_as_it_is(mongo, project, actor):
    make_version(project, 2, {"a.ts": "two"})
    before = list(versions().find())
    restored(project, actor)
    assert list(versions().find()) == before


def test_the_worker_makes_versions_of_what_was_before_and_after(mongo, make_project, actor):
    """Also when it comes to it only afterwards."""
    with following() as follower:
        project = make_project(files=FILES, metadata={"a": 1})
        follower.catch_up()
        key = {"id": project["id"]}
        theirs = {"files.0.content": "theirs\n", "edited_by": {"kind": "customer"}}
        mongo.projects.update_one(key, {"$set": theirs})
        done = restored(project, actor)
        undo.perform(done.row_id, actor=actor)
        mongo.projects.update_one(key, {"$set": {"files.0.content": "later\n"}})
        follower.catch_up()
    found = list(versions().find({"project_id": project["id"]}).sort("number"))
    assert [(row["number"], row["why"], row.get("origin")) for row in found] == [
        (1, "", None),
        (2, "", None),
        (3, "project.version.restore", 1),
        (4, "project.version.restore.undo", None),
    ]
    assert found[2]["files"] == found[0]["files"]
    assert found[3]["files"] == found[1]["files"]
    assert found[2]["author"]["kind"] == "staff"


def test_a_project_near_16_mb_is_restored_and_taken_back(mongo, make_project, actor):
    files = [{"name": f"{n}.ts", "content": f"{n}" + "x" * 5_000} for n in range(2_600)]
    project = make_project(files=files)
    make_stored_version(project, 1)
    other = [{**each, "content": each["content"].replace("x", "y")} for each in files]
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": other}})
    done = restored(project, actor)
    assert mongo.projects.find_one({"id": project["id"]})["files"] == files
    undo.perform(done.row_id, actor=actor)
    assert mongo.projects.find_one({"id": project["id"]})["files"] == other


@pytest.mark.parametrize("path", ["", "a.ts"])
def test_a_version_that_grew_since_the_preview_is_shown_again(mongo, editor, project, path):
    """An open one, which the worker goes on with."""
    seen = preview(project["id"], 1, path).seen
    versions().delete_many({})
    key = {"id": project["id"]}
    now_files = mongo.projects.find_one(key)["files"]
    mongo.projects.update_one(key, {"$set": {"files": [{"name": "a.ts", "content": "more\n"}]}})
    make_stored_version(project, 1)
    mongo.projects.update_one(key, {"$set": {"files": now_files}})
    left = content(mongo, project)
    assert editor.post(address(project, path), {"seen": seen}).status_code == 409
    assert content(mongo, project) == left
