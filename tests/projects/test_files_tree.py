"""Which files a project has: created, moved, deleted, brought back; each with its audit row."""

from typing import Any

import bson
import pytest
from bson import Code, Decimal128, Int64

from devora_admin.core import mongo as core_mongo
from devora_admin.core.errors import Conflict, InvalidInput, NotFound, TooLarge
from devora_admin.projects.services import file_undo, tree
from devora_admin.projects.services.tree import Edit, Move, NewFile


def entries(mongo, project) -> list[Any]:
    return mongo.projects.find_one({"_id": project["_id"]})["files"]


def names(mongo, project) -> list[str]:
    return [entry["name"] for entry in entries(mongo, project)]


def files(*paths: str) -> list[dict[str, Any]]:
    return [
        {"name": path, "content": path, "language": "plaintext", "n": Int64(n), "z": {"b": 1}}
        for n, path in enumerate(paths)
    ]  # fmt: skip


def test_a_new_file_gets_its_language_and_counts_the_revision(make_project, mongo, actor):
    project = make_project(files=[])
    changed = tree.create_files(project["id"], [NewFile("src/app.py", "x = 1\n")], actor=actor)
    assert changed.revision == 1
    assert entries(mongo, project) == [
        {"name": "src/app.py", "content": "x = 1\n", "language": "python"}
    ]
    row = mongo.audit_log.find_one({"action": "project.files.create"})
    assert row["after"]["files"] == ["src/app.py"]


def test_a_project_without_files_can_get_one(make_project, mongo, actor):
    project = make_project(missing=("files",))
    tree.create_files(project["id"], [NewFile("a.md", "")], actor=actor)
    assert names(mongo, project) == ["a.md"]


@pytest.mark.parametrize(
    "path",
    ["", " ", "/etc/passwd", "../up", "a/../b", "a//b", "a/", "a/./b", "nul\0", "tab\t", "x" * 513,
     "a\\b", " lead", "half\ud800", "rtl\u202e", "line\u2028"],
)  # fmt: skip
def test_a_path_that_cannot_be_is_refused(make_project, mongo, actor, path):
    project = make_project()
    with pytest.raises(InvalidInput):
        tree.create_files(project["id"], [NewFile(path, "")], actor=actor)
    assert len(entries(mongo, project)) == 1


@pytest.mark.parametrize(
    "path", ["app/page.tsx", "app", "app/page.tsx/inner", "caf\u00e9.md", "ok.md"]
)
def test_a_taken_path_is_refused(make_project, mongo, actor, path):
    project = make_project(files=files("app/page.tsx", "cafe\u0301.md"))
    new = [NewFile("ok.md", ""), NewFile(path, "")]
    with pytest.raises(InvalidInput):
        tree.create_files(project["id"], new, actor=actor)
    assert len(entries(mongo, project)) == 2
    assert mongo.audit_log.count_documents({}) == 0


def test_an_upload_may_replace_and_be_undone(make_project, mongo, actor):
    project = make_project(files=files("a.txt", "b.txt"))
    new = [NewFile("b.txt", "new", replace=True), NewFile("c.txt", "new", replace=True)]
    changed = tree.create_files(project["id"], new, actor=actor)
    assert [entry["content"] for entry in entries(mongo, project)] == ["a.txt", "new", "new"]
    assert entries(mongo, project)[1]["n"] == 1
    file_undo.undo_change(project["id"], changed.undo, actor=actor)
    assert entries(mongo, project)[:2] == project["files"]


def test_undo_does_not_take_away_what_was_typed_since(make_project, mongo, actor):
    project = make_project(files=files("a.txt"))
    changed = tree.create_files(project["id"], [NewFile("a.txt", "new", True)], actor=actor)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "typed"}})
    with pytest.raises(Conflict, match="changed since"):
        file_undo.undo_change(project["id"], changed.undo, actor=actor)
    assert entries(mongo, project)[0]["content"] == "typed"


def test_a_folder_moves_as_its_files_and_keeps_what_else_they_hold(make_project, mongo, actor):
    project = make_project(files=[*files("src/a.txt", "b.txt", "src/deep/c.txt"), "broken"])
    moves = [Move("src/a.txt", "lib/a.txt"), Move("src/deep/c.txt", "lib/deep/c.txt")]
    tree.move_files(project["id"], moves, actor=actor)
    now = entries(mongo, project)
    assert [each["name"] for each in now[:3]] == ["lib/a.txt", "b.txt", "lib/deep/c.txt"]
    for before, after in zip(project["files"][:3], now[:3], strict=True):
        assert bson.encode({**after, "name": before["name"]}) == bson.encode(before)
    assert now[3] == "broken"


def test_files_can_swap_names(make_project, mongo, actor):
    project = make_project(files=files("a", "b"))
    tree.move_files(project["id"], [Move("a", "b"), Move("b", "a")], actor=actor)
    assert [each["content"] for each in entries(mongo, project)] == ["a", "b"]
    assert names(mongo, project) == ["b", "a"]


def test_a_language_follows_the_name_only_where_it_did_before(make_project, mongo, actor):
    project = make_project(
        files=[
            {"name": "a.js", "content": "", "language": "javascript"},
            {"name": "b.js", "content": "", "language": "jsx-special"},
        ]
    )
    tree.move_files(project["id"], [Move("a.js", "a.ts"), Move("b.js", "b.ts")], actor=actor)
    assert [each["language"] for each in entries(mongo, project)] == ["typescript", "jsx-special"]


def test_a_move_onto_another_file_is_refused(make_project, mongo, actor):
    project = make_project(files=files("a", "b"))
    with pytest.raises(InvalidInput, match="already"):
        tree.move_files(project["id"], [Move("a", "b")], actor=actor)
    assert names(mongo, project) == ["a", "b"]


def test_a_move_of_a_file_that_is_gone_moves_nothing(make_project, mongo, actor):
    project = make_project(files=files("a", "b"))
    with pytest.raises(Conflict):
        tree.move_files(project["id"], [Move("a", "c"), Move("gone", "d")], actor=actor)
    assert names(mongo, project) == ["a", "b"]


def test_deleted_files_come_back_byte_for_byte_in_their_places(make_project, mongo, actor):
    project = make_project(
        files=[*files("a", "b"), "broken", *files("c", "d", "e")], price=Decimal128("1.10")
    )
    before = entries(mongo, project)
    changed = tree.delete_files(project["id"], ["b", "d", "c"], actor=actor)
    assert [e if e == "broken" else e["name"] for e in entries(mongo, project)] == [
        "a", "broken", "e",
    ]  # fmt: skip
    file_undo.undo_change(project["id"], changed.undo, actor=actor)
    assert bson.encode({"files": entries(mongo, project)}) == bson.encode({"files": before})
    actions = [row["action"] for row in mongo.audit_log.find().sort("at")]
    assert actions == ["project.files.delete", "project.files.undo"]


def test_many_scattered_files_come_back_in_one_update(make_project, mongo, actor):
    every = [f"f{number}" for number in range(2_000)]
    project = make_project(files=files(*every))
    before = entries(mongo, project)
    changed = tree.delete_files(project["id"], every[::2], actor=actor)
    core_mongo.round_trips.reset()
    file_undo.undo_change(project["id"], changed.undo, actor=actor)
    assert core_mongo.round_trips.count < 20
    assert entries(mongo, project) == before


def test_undo_keeps_what_else_the_platform_changed_on_a_replaced_file(make_project, mongo, actor):
    project = make_project(files=files("a.txt"))
    changed = tree.create_files(project["id"], [NewFile("a.txt", "new", True)], actor=actor)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.checked": True}})
    file_undo.undo_change(project["id"], changed.undo, actor=actor)
    (entry,) = entries(mongo, project)
    assert (entry["content"], entry["checked"]) == ("a.txt", True)


def test_undo_works_once_and_only_for_who_did_it(make_project, mongo, actor, staff):
    from devora_admin.staff.audit import actor_for

    project = make_project(files=files("a"))
    changed = tree.delete_files(project["id"], ["a"], actor=actor)
    with pytest.raises(NotFound):
        file_undo.undo_change(project["id"], changed.undo, actor=actor_for(staff("editor")))
    file_undo.undo_change(project["id"], changed.undo, actor=actor)
    with pytest.raises(NotFound):
        file_undo.undo_change(project["id"], changed.undo, actor=actor)
    assert names(mongo, project) == ["a"]
    assert mongo.editor_undo.count_documents({}) == 0


def test_undo_does_not_run_over_a_file_made_since(make_project, mongo, actor):
    project = make_project(files=files("a"))
    changed = tree.delete_files(project["id"], ["a"], actor=actor)
    tree.create_files(project["id"], [NewFile("a", "other")], actor=actor)
    with pytest.raises(InvalidInput, match="already"):
        file_undo.undo_change(project["id"], changed.undo, actor=actor)
    assert entries(mongo, project)[0]["content"] == "other"


def test_nothing_is_deleted_when_one_of_the_files_is_gone(make_project, mongo, actor):
    project = make_project(files=files("a"))
    with pytest.raises(Conflict):
        tree.delete_files(project["id"], ["a", "b"], actor=actor)
    assert names(mongo, project) == ["a"]
    assert mongo.editor_undo.count_documents({}) == 0


def test_of_two_files_with_one_name_neither_is_touched(make_project, mongo, actor):
    project = make_project(files=files("a", "a"))
    with pytest.raises(InvalidInput, match="Two files"):
        tree.delete_files(project["id"], ["a"], actor=actor)
    assert entries(mongo, project) == project["files"]


def test_many_files_change_together_or_not_at_all(make_project, mongo, actor):
    project = make_project(files=files("a", "b"))
    good = Edit("a", "A", "a")
    with pytest.raises(Conflict) as conflict:
        tree.save_files(project["id"], [good, Edit("b", "B", "stale")], actor=actor)
    assert conflict.value.detail == {"reason": "changed", "path": "b"}
    assert entries(mongo, project) == project["files"]
    tree.save_files(project["id"], [good, Edit("b", "B", "b")], actor=actor)
    assert [each["content"] for each in entries(mongo, project)] == ["A", "B"]


def test_an_upload_that_would_pass_16_mb_is_refused(make_project, mongo, actor):
    project = make_project(big="x" * (9 * 1024 * 1024))
    with pytest.raises(TooLarge):
        tree.create_files(project["id"], [NewFile("b", "y" * (8 * 1024 * 1024))], actor=actor)
    assert len(entries(mongo, project)) == 1


@pytest.mark.parametrize(
    "fields", [{"files": {"a": 1}}, {"files": None}, {"revision": "x"}, {"revision": None}]
)
def test_a_malformed_project_is_refused_and_left_alone(make_project, mongo, actor, fields):
    project = make_project(**fields)
    with pytest.raises(InvalidInput):
        tree.create_files(project["id"], [NewFile("n", "")], actor=actor)
    assert mongo.projects.find_one({"_id": project["_id"]}) == project


def test_an_archived_project_is_refused(make_project, actor):
    project = make_project()
    project = make_project(archived_at=project["created_at"])
    with pytest.raises(Conflict, match="archived"):
        tree.create_files(project["id"], [NewFile("n", "")], actor=actor)


ROUTES = ("$id.tsx", "$$ROOT", "$$none", "$files.name")


def test_names_that_begin_with_a_dollar_are_only_names(make_project, mongo, actor):
    project = make_project(files=files(*ROUTES, "kept"))
    edits = [Edit(path, "new", path) for path in ROUTES]
    tree.save_files(project["id"], edits, actor=actor)
    tree.create_files(project["id"], [NewFile("$$none", "newer", replace=True)], actor=actor)
    moves = [Move(path, f"{path}.moved") for path in ROUTES]
    tree.move_files(project["id"], moves, actor=actor)
    gone = tree.delete_files(project["id"], [move.new for move in moves], actor=actor)
    assert names(mongo, project) == ["kept"]
    file_undo.undo_change(project["id"], gone.undo, actor=actor)
    assert names(mongo, project) == [*(move.new for move in moves), "kept"]
    assert [entry["content"] for entry in entries(mongo, project)] == [
        "new", "new", "newer", "new", "kept",
    ]  # fmt: skip


def test_a_file_whose_name_is_a_list_stays_when_one_of_that_name_is_deleted(
    make_project, mongo, actor
):
    odd = {"name": ["a.ts", "b.ts"], "content": "kept"}
    project = make_project(files=[*files("a.ts"), odd])
    tree.delete_files(project["id"], ["a.ts"], actor=actor)
    assert entries(mongo, project) == [odd]


@pytest.mark.parametrize("content", [Code("x"), [], 0, False])
def test_a_content_that_is_no_text_is_not_taken_for_text(make_project, mongo, actor, content):
    project = make_project(files=[{"name": "a.ts", "content": content}])
    edit = Edit("a.ts", "new", str(content or ""))
    with pytest.raises(Conflict):
        tree.save_files(project["id"], [edit], actor=actor)
    assert entries(mongo, project) == project["files"]


def test_a_file_named_twice_in_one_change_is_refused(make_project, mongo, actor):
    project = make_project(files=files("a.ts"))
    for change in (
        lambda: tree.save_files(
            project["id"], [Edit("a.ts", "1", "a.ts"), Edit("a.ts", "2", "a.ts")], actor=actor
        ),
        lambda: tree.move_files(
            project["id"], [Move("a.ts", "b.ts"), Move("a.ts", "c.ts")], actor=actor
        ),
        lambda: tree.create_files(project["id"], [NewFile("a.ts", "1", True)] * 2, actor=actor),
    ):
        with pytest.raises(InvalidInput, match="twice"):
            change()
    assert entries(mongo, project) == project["files"]


def test_a_large_folder_of_a_large_project_is_renamed_and_changed_at_once(
    make_project, mongo, actor
):
    paths = [f"src/{number}.ts" for number in range(1500)]
    content = "x" * 9000
    project = make_project(files=[{"name": path, "content": content} for path in paths])
    moves = [Move(path, f"lib/{path[4:]}") for path in paths]
    tree.move_files(project["id"], moves, actor=actor)
    assert names(mongo, project) == [move.new for move in moves]
    edits = [Edit(move.new, "short", content) for move in moves]
    tree.save_files(project["id"], edits, actor=actor)
    assert {entry["content"] for entry in entries(mongo, project)} == {"short"}
