"""What the change stream tells of a project becomes its versions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest
from bson import ObjectId
from django.core.management import call_command

from devora_admin.core import clock, raw_bson
from devora_admin.core import mongo as core_mongo
from devora_admin.core.errors import TooLarge
from devora_admin.projects.services import files, metadata, tree
from devora_admin.versions import manifest
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.queries import versions as queries
from devora_admin.versions.recording import consumer, writing
from tests.versions.following import Follower, following, reconcile_all


@pytest.fixture
def follower() -> Iterator[Follower]:
    with following() as started:
        yield started


@pytest.fixture
def save(actor: Any) -> Callable[..., None]:
    def saved(project: Any, path: str, content: str, *, by: Any = None) -> None:
        stored = core_mongo.database().projects.find_one({"id": project["id"]})
        assert stored
        base = next(each["content"] for each in stored["files"] if each["name"] == path)
        files.save_file(
            project["id"], path=path, content=content, base_content=base,
            base_revision=stored.get("revision", 0), actor=by or actor, tab="tab-12345678",
        )  # fmt: skip

    return saved


def history(project: Any) -> list[queries.VersionHead]:
    """All versions, the oldest first, the open one last."""
    newest = queries.latest(project["id"])
    numbers = range(1, newest.number + 1) if newest else range(0)
    found = queries.several(project["id"], numbers)
    return [found[number].head for number in sorted(found)]


def texts(project: Any, number: int) -> dict[str, str]:
    found = queries.version(project["id"], number)
    contents = queries.contents([each.sha for each in found.files], found)
    return {each.path: contents[each.sha].decode() for each in found.files}


def authors(project: Any) -> list[tuple[str, int | None, str]]:
    return [(each.author.kind, each.author.turn, each.author.basis) for each in history(project)]


PAGE = "app/page.tsx"


def test_saves_in_a_burst_are_one_version_and_another_author_ends_it(
    mongo, follower, make_project, save, staff
):
    from devora_admin.staff import audit

    project = make_project()
    for number in range(5):
        save(project, PAGE, f"one {number}\n")
    save(project, PAGE, "two\n", by=audit.actor_for(staff("editor")))
    assert follower.catch_up() > 0
    first, mine, theirs = history(project)
    assert (first.author.kind, first.is_open) == ("platform", False)
    assert (mine.author.label, mine.saves, mine.why) == ("Admin Person", 5, "project.file.edit")
    assert (theirs.author.label, theirs.saves, theirs.is_open) == ("Editor Person", 1, True)
    assert texts(project, 2)[PAGE] == "one 4\n"
    assert texts(project, 3)[PAGE] == "two\n"
    [change] = mine.changes
    assert (change.path, change.status, change.added, change.removed) == (PAGE, "changed", 1, 1)
    assert mine.totals == queries.Totals(files=1, added=1, removed=1)


def test_every_turn_behind_the_dashboards_back_is_a_version_of_its_own(
    mongo, follower, make_project
):
    """Nobody followed while the platform wrote: the stream still has each step."""
    project = make_project(conversation_history=[])
    wanted = {"id": project["id"]}
    for number in range(3):
        mongo.projects.update_one(
            wanted, {"$push": {"conversation_history": {"role": "user", "content": "do it"}}}
        )
        mongo.projects.update_one(
            wanted,
            {
                "$set": {"files.0.content": f"turn {number}\n"},
                "$push": {"conversation_history": {"role": "assistant", "content": "done"}},
            },
        )
    follower.catch_up()
    assert authors(project) == [
        ("platform", None, ""),
        ("ai", 1, "same write"),
        ("ai", 3, "same write"),
        ("ai", 5, "same write"),
    ]
    assert [texts(project, number)[PAGE] for number in (2, 3, 4)] == [
        "turn 0\n", "turn 1\n", "turn 2\n",
    ]  # fmt: skip


def test_files_between_message_and_answer_are_that_turns_and_say_so(mongo, follower, make_project):
    project = make_project(conversation_history=[{"role": "assistant", "content": "hello"}])
    wanted = {"id": project["id"]}
    mongo.projects.update_one(wanted, {"$set": {"files.0.content": "by whom?"}})
    mongo.projects.update_one(
        wanted, {"$push": {"conversation_history": {"role": "user", "content": "do it"}}}
    )
    mongo.projects.update_one(wanted, {"$set": {"files.0.content": "half"}})
    mongo.projects.update_one(wanted, {"$set": {"files.0.content": "whole"}})
    mongo.projects.update_one(
        wanted, {"$push": {"conversation_history": {"role": "assistant", "content": "done"}}}
    )
    mongo.projects.update_one(wanted, {"$set": {"files.0.content": "later"}})
    follower.catch_up()
    assert authors(project) == [
        ("platform", None, ""),
        ("ai", 2, "between"),
        ("platform", None, ""),
    ]
    assert [texts(project, number)[PAGE] for number in (1, 2, 3)] == ["by whom?", "whole", "later"]
    assert [each.turns for each in history(project)] == [1, 2, 3]


def test_the_platform_may_say_whose_it_is(mongo, follower, make_project):
    project = make_project(conversation_history=[{"role": "user", "content": "hello"}])
    for content, mark in (
        ("typed", {"kind": "customer", "at": clock.now()}),
        ("made", {"kind": "ai", "turn": 7, "at": clock.now()}),
        ("odd", {"kind": "ai", "turn": "seven", "at": clock.now()}),
        ("nonsense", {"kind": 5}),
    ):
        mongo.projects.update_one(
            {"id": project["id"]}, {"$set": {"files.0.content": content, "edited_by": mark}}
        )
    follower.catch_up()
    assert authors(project)[1:] == [
        ("customer", None, ""),
        ("ai", 7, "marked"),
        ("ai", None, "marked"),
        ("ai", 1, "between"),
    ]


def test_a_message_alone_ends_a_burst(mongo, follower, make_project, save):
    project = make_project()
    save(project, PAGE, "before\n")
    mongo.projects.update_one(
        {"id": project["id"]},
        {"$push": {"conversation_history": {"role": "user", "content": "now"}}},
    )
    save(project, PAGE, "after\n")
    follower.catch_up()
    assert [each.is_open for each in history(project)] == [False, False, True]
    assert [each.turns for each in history(project)] == [0, 0, 1]


def test_a_pause_ends_a_burst(mongo, follower, make_project, save, monkeypatch):
    project = make_project()
    save(project, PAGE, "before\n")
    follower.catch_up()
    assert consumer.due(40, 0) is None
    monkeypatch.setattr(consumer, "IDLE", timedelta(seconds=-1))
    effect = consumer.due(40, 0)
    assert effect
    core_mongo.run_in_transaction(effect)
    assert [each.is_open for each in history(project)] == [False, False]
    assert texts(project, 2)[PAGE] == "before\n"
    assert heads().find_one({})["refs"]
    assert "contents" not in heads().find_one({})


def test_one_that_cannot_be_sealed_can_be_passed_over(
    mongo, follower, make_project, save, monkeypatch
):
    projects = [
        make_project(files=[{"name": PAGE, "content": f"{number}\n"}]) for number in range(3)
    ]
    for project in projects:
        save(project, PAGE, f"{project['id']}\n")
        follower.catch_up()
    monkeypatch.setattr(consumer, "IDLE", timedelta(seconds=-1))
    # What the first is compared with is lost.
    mongo.file_blobs.delete_one({"_id": manifest.sha_of(b"0\n")})
    with pytest.raises(KeyError):
        consumer.due(40, 0)
    effect = consumer.due(40, 1)
    assert effect
    core_mongo.run_in_transaction(effect)
    assert [row["project_id"] for row in heads().find({"open": {"$exists": True}})] == [
        projects[0]["id"]
    ]
    assert consumer.due(40, 1) is None


def test_changes_of_metadata_are_versions_too(mongo, follower, make_project, actor):
    project = make_project()
    metadata.add_value(project["id"], (), key="plan.x", kind="string", text="pro", actor=actor)
    follower.catch_up()
    _, changed = history(project)
    found = queries.version(project["id"], 2)
    assert found.metadata
    [stored] = raw_bson.elements(queries.contents([found.metadata], found)[found.metadata])
    assert stored.decoded() == {"has_auth": True, "plan.x": "pro"}
    assert (changed.author.kind, changed.is_open) == ("staff", True)


def test_metadata_counts_as_changed_only_where_it_did(mongo, follower, make_project, save, actor):
    project = make_project()
    for number in range(2):
        save(project, PAGE, f"{number}\n")
        follower.catch_up()
        mongo.projects.update_one(
            {"id": project["id"]}, {"$push": {"conversation_history": {"role": "user"}}}
        )
        follower.catch_up()
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"metadata": {"b": 1}}})
    follower.catch_up()
    mongo.projects.update_one(
        {"id": project["id"]}, {"$push": {"conversation_history": {"role": "user"}}}
    )
    follower.catch_up()
    assert [each.totals.metadata for each in history(project)] == [False, False, False, True]


def test_a_new_name_or_owner_is_no_version(mongo, follower, make_project):
    project = make_project()
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"name": "Other", "user_id": "u2"}})
    follower.catch_up()
    assert len(history(project)) == 1
    assert heads().find_one({})["user_id"] == "u2"


def test_a_transfer_takes_the_versions_along(mongo, follower, make_project, save):
    project = make_project()
    save(project, PAGE, "x")
    follower.catch_up()
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"user_id": "u2"}})
    follower.catch_up()
    assert {row["user_id"] for row in versions().find()} == {"u2"}


def test_a_deleted_project_is_noted(mongo, follower, make_project):
    project = make_project()
    follower.catch_up()
    mongo.projects.delete_one({"id": project["id"]})
    follower.catch_up()
    assert heads().find_one({})["deleted_at"]
    assert [each.is_open for each in history(project)] == [False]


def test_files_created_moved_and_deleted_are_told_apart(mongo, follower, make_project, actor):
    project = make_project()
    key = project["id"]
    tree.create_files(key, [tree.NewFile("a.ts", "1\n2\n3\n"), tree.NewFile("b.ts", "b\n")],
                      actor=actor)  # fmt: skip
    mongo.projects.update_one({"id": key}, {"$push": {"conversation_history": {"role": "user"}}})
    tree.move_files(key, [tree.Move("a.ts", "src/a.ts")], actor=actor)
    tree.delete_files(key, ["b.ts"], actor=actor)
    mongo.projects.update_one({"id": key}, {"$push": {"conversation_history": {"role": "user"}}})
    follower.catch_up()
    _, made, moved = history(project)
    assert {(each.path, each.status, each.added) for each in made.changes} == {
        ("a.ts", "added", 3), ("b.ts", "added", 1),
    }  # fmt: skip
    assert {(each.path, each.status, each.from_path) for each in moved.changes} == {
        ("src/a.ts", "renamed", "a.ts"), ("b.ts", "removed", ""),
    }  # fmt: skip


def stored_files(project: Any) -> list[bytes]:
    raw = core_mongo.database().projects.with_options(codec_options=raw_bson.RAW)
    document: Any = raw.find_one({"id": project["id"]}, {"files": 1})
    parts = {part.name: part for part in raw_bson.elements(bytes(document.raw))}
    if "files" not in parts:
        return []
    return [each.value for each in raw_bson.elements(parts["files"].data)]


def recorded_files(project: Any) -> list[bytes]:
    found = queries.latest(project["id"])
    assert found
    refs = manifest.refs_of(found.files, None)
    contents = queries.contents(refs, found)
    return [manifest.written(each, contents).value for each in found.files]


ODD = [
    "no file", None, 7, {"name": 5, "content": "x"}, {"content": "no name"}, {"name": "n"},
    {"name": "", "content": "x"}, {"name": "list", "content": ["x"]}, {"name": "e", "content": ""},
    {"content": "turned", "name": "round", "mode": 420, "language": "x"},
    {"name": "null", "content": None}, {"name": "lang", "content": "x", "language": ""},
    {"name": "deep", "content": "x", "language": "ts", "tags": [{"a": ObjectId()}]},
]  # fmt: skip


def _operations(random: Random) -> Iterator[Any]:
    name = f"f{random.randrange(6)}.ts"
    content = f"{random.randrange(1000)}\n" * random.randrange(4)
    plain = {"name": name, "content": content, "language": "typescript"}
    place = random.randrange(4)
    yield {"$set": {f"files.{place}.content": content}}
    yield {"$set": {f"files.{place}.name": name}}
    yield {"$set": {f"files.{place}.language": "python"}}
    yield {"$set": {f"files.{place}.extra": random.random()}}
    yield {"$unset": {f"files.{place}.language": 1}}
    yield {"$push": {"files": plain}}
    yield {"$push": {"files": random.choice(ODD)}}
    yield {"$push": {"files": {"$each": [plain, random.choice(ODD)], "$position": 0}}}
    yield {"$pull": {"files": {"name": name}}}
    yield {"$pop": {"files": random.choice((1, -1))}}
    yield {"$set": {"files": [plain, random.choice(ODD)]}}
    yield [{"$set": {"files": {"$slice": ["$files", 2]}}}]
    yield [{"$set": {"files": {"$reverseArray": "$files"}}}]
    yield {"$set": {f"metadata.k{place}": content, "metadata.a.0": 1}}
    yield {"$set": {f"files.{place}": plain}}
    yield {"$set": {"files.9": plain}}


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_to_the_files_the_version_is_what_is_stored(
    mongo, follower, make_project, seed: int
):
    """Byte for byte and in every batch size, malformed files included."""
    random = Random(seed)
    project = make_project(files=[*ODD[:3], {"name": "f1.ts", "content": "x", "language": "ts"}])
    for _ in range(40):
        operation = random.choice(list(_operations(random)))
        try:
            mongo.projects.update_one({"id": project["id"]}, operation)
        except core_mongo.OperationFailure:
            continue  # such as a path through a text
        if random.random() < 0.3:
            follower.catch_up()
            assert recorded_files(project) == stored_files(project), operation
    follower.catch_up()
    assert recorded_files(project) == stored_files(project)


def test_a_list_of_files_that_is_no_list_and_back(mongo, follower, make_project):
    project = make_project()
    for value in ({"a.ts": "x"}, "text", []):
        mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": value}})
        mongo.projects.update_one(
            {"id": project["id"]}, {"$push": {"conversation_history": {"role": "user"}}}
        )
    mongo.projects.update_one({"id": project["id"]}, {"$unset": {"files": 1}})
    follower.catch_up()
    found = queries.several(project["id"], range(1, 6))
    kinds = [[(each.path, each.kind) for each in found[number].files] for number in sorted(found)]
    assert kinds == [[("files", "raw")], [("files", "raw")], []]


def test_a_conversation_that_is_no_list_makes_no_fault(mongo, follower, make_project):
    project = make_project(conversation_history=[{"role": "user"}])
    for value in ({"role": "assistant"}, "text", None, [], [["odd"]], [{"role": 5}]):
        mongo.projects.update_one(
            {"id": project["id"]},
            {"$set": {"conversation_history": value, "files.0.content": repr(value)}},
        )
    follower.catch_up()
    assert recorded_files(project) == stored_files(project)
    assert heads().find_one({})["turns"] == 1


def test_a_mark_of_any_shape_is_kept_small(mongo, follower, make_project):
    project = make_project()
    big = {"kind": "customer", "at": clock.now(), "junk": "x" * 100_000, "id": {"deep": [1]}}
    for mark in ("text", 5, None, [], big):
        mongo.projects.update_one(
            {"id": project["id"]}, {"$set": {"edited_by": mark, "files.0.content": repr(mark)[:9]}}
        )
    follower.catch_up()
    assert authors(project)[-1] == ("customer", None, "")
    assert set(heads().find_one({})["marked"]) == {"kind", "at"}


def test_a_revision_the_platform_counts_itself_is_nobodys_of_staff(
    mongo, follower, make_project, save
):
    project = make_project()
    save(project, PAGE, "mine")
    mongo.projects.update_one(
        {"id": project["id"]},
        {
            "$set": {"files.0.content": "theirs", "updated_at": clock.now()},
            "$inc": {"revision": 1},
        },
    )
    follower.catch_up()
    assert [kind for kind, _, _ in authors(project)] == ["platform", "staff", "platform"]


def test_what_is_gone_does_not_come_back_from_the_stream(mongo, follower, make_project):
    project, other = make_project(), make_project()
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "secret"}})
    changes = follower.changes()
    mongo.projects.delete_one({"id": project["id"]})
    core_mongo.run_in_transaction(consumer.apply(changes))
    follower.catch_up()
    assert [row["project_id"] for row in heads().find()] == [other["id"]]
    assert versions().count_documents({"project_id": project["id"]}) == 0


def test_reconciling_finds_what_the_stream_did_not_tell(mongo, make_project):
    projects = [make_project() for _ in range(3)]
    assert reconcile_all() == 3
    [found] = history(projects[0])
    assert (found.why, found.is_open, found.author.kind) == ("found", False, "platform")
    assert reconcile_all() == 3
    assert versions().count_documents({}) == 3
    mongo.projects.update_one({"id": projects[1]["id"]}, {"$set": {"files.0.content": "changed"}})
    mongo.projects.delete_one({"id": projects[2]["id"]})
    reconcile_all()
    assert [each.why for each in history(projects[1])] == ["found", "reconciled"]
    assert texts(projects[1], 2)[PAGE] == "changed"
    assert heads().find_one({"project_id": projects[2]["id"]})["deleted_at"]


def test_reconciling_passes_nobody_over_where_a_piece_ended(mongo, make_project, monkeypatch):
    monkeypatch.setattr(consumer, "_AT_ONCE", 2)
    projects = [make_project() for _ in range(5)]
    first = consumer.reconcile(None)
    core_mongo.run_in_transaction(first.effect)
    # The last one of a piece goes before the next piece is read.
    mongo.projects.delete_one({"_id": first.position["after"]})
    position = first.position
    while position is not None:
        piece = consumer.reconcile(position)
        core_mongo.run_in_transaction(piece.effect)
        position = piece.position
    assert {row["project_id"] for row in heads().find()} == {each["id"] for each in projects}


def test_reconciling_notes_everyone_who_is_gone(mongo, make_project, monkeypatch):
    monkeypatch.setattr(consumer, "_AT_ONCE", 2)
    monkeypatch.setattr(consumer, "_HEADS_AT_ONCE", 2)
    for _ in range(5):
        make_project()
    reconcile_all()
    mongo.projects.delete_many({})
    reconcile_all()
    assert heads().count_documents({"deleted_at": None}) == 0


def test_what_was_read_whole_is_not_applied_again(mongo, follower, make_project):
    """Changes that came before the reading are in it already."""
    project = make_project()
    for number in range(3):
        mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": f"{number}"}})
    reconcile_all()
    follower.catch_up()
    assert [texts(project, number)[PAGE] for number in (1,)] == ["2"]
    assert len(history(project)) == 1


def test_a_second_document_with_the_same_id_is_left_aside(mongo, follower, make_project):
    mongo.projects.drop_index("id")
    try:
        project = make_project()
        twin = {**project, "_id": ObjectId(), "files": []}
        mongo.projects.insert_one(twin)
        follower.catch_up()
        mongo.projects.update_one({"_id": twin["_id"]}, {"$set": {"files": [{"name": "x"}]}})
        follower.catch_up()
        assert len(history(project)) == 1
        mongo.projects.delete_one({"_id": twin["_id"]})
    finally:
        core_mongo.ensure_indexes(only={"projects"})


def test_two_who_write_a_head_at_once_cannot_both(mongo, follower, make_project, save):
    from devora_admin.core.errors import Conflict

    project = make_project()
    follower.catch_up()
    save(project, PAGE, "x")
    changes = follower.changes()
    first, second = consumer.apply(changes), consumer.apply(changes)
    core_mongo.run_in_transaction(first)
    with pytest.raises(Conflict):
        core_mongo.run_in_transaction(second)
    assert texts(project, 2)[PAGE] == "x"
    assert history(project)[-1].saves == 1


def test_a_project_with_thousands_of_files_fits(mongo, follower, make_project):
    files = [{"name": f"f{number}.ts", "content": f"{number} " * 300} for number in range(4000)]
    project = make_project(files=files)
    mongo.projects.update_one(
        {"id": project["id"]}, {"$push": {"conversation_history": {"role": "user"}}}
    )
    follower.catch_up()
    assert len(texts(project, 1)) == 4000
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.7.content": "changed"}})
    follower.catch_up()
    assert texts(project, 2)["f7.ts"] == "changed"


def test_a_change_that_is_tried_again_reads_what_is_stored(mongo, follower, make_project):
    """Others of the same project may have been set aside before it."""
    project = make_project()
    follower.catch_up()
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "lost"}})
    mongo.projects.update_one(
        {"id": project["id"]}, {"$push": {"files": {"name": "b.ts", "content": "b"}}}
    )
    [_, later] = follower.changes()
    core_mongo.run_in_transaction(consumer.apply([replace(later, is_retry=True)]))
    assert recorded_files(project) == stored_files(project)


def test_moving_old_conversations_changes_no_turn(mongo, follower, make_project):
    """Messages that stood elsewhere come before those the project has, and are no news."""
    project = make_project(conversation_history=[{"role": "user", "content": "three"}])
    old = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    mongo.conversations.insert_one(
        {"project_id": project["id"], "user_id": project["user_id"], "messages": old}
    )
    reconcile_all()
    assert (heads().find_one({})["turns"], heads().find_one({})["offset"]) == (3, 2)
    call_command("migrate_conversations", stdout=StringIO())
    follower.catch_up()
    assert (heads().find_one({})["turns"], heads().find_one({})["offset"]) == (3, 0)
    mongo.projects.update_one(
        {"id": project["id"]},
        {
            "$push": {"conversation_history": {"role": "assistant", "content": "four"}},
            "$set": {"files.0.content": "answer"},
        },
    )
    follower.catch_up()
    assert authors(project) == [("platform", None, ""), ("ai", 3, "same write")]


def test_a_project_that_cannot_be_kept_is_set_aside_and_holds_nothing_up(
    mongo, make_project, monkeypatch
):
    monkeypatch.setattr(writing, "MOST_FILES", 3)
    many = [{"name": f"f{number}.ts", "content": ""} for number in range(4)]
    projects = [make_project(), make_project(files=many), make_project()]
    done = consumer.reconcile(None)
    core_mongo.run_in_transaction(done.effect)
    assert versions().distinct("project_id") == sorted(
        each["id"] for each in (projects[0], projects[2])
    )
    [(change, error)] = done.failed
    assert (change.key, change.is_retry) == (projects[1]["_id"], True)
    assert "4 files" in str(error)
    with pytest.raises(TooLarge):
        consumer.apply([change])
