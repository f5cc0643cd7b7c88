"""Moving the deprecated collection: nothing lost, nothing twice, in order, to the byte."""

import io
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import bson
import pytest
from bson import ObjectId
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.projects.moving import drop as dropping
from devora_admin.projects.moving import plan
from devora_admin.projects.queries import thread, thread_bytes
from tests import factories
from tests.projects import bson_values

KB, MB = 1024, 1024 * 1024


def said(number: int, size: int = 0) -> dict[str, Any]:
    return {"role": "user", "content": f"m{number}." + "x" * size, "timestamp": factories.EPOCH}


def run(start: int, end: int) -> list[dict[str, Any]]:
    return [said(number) for number in range(start, end)]


def migrate(**options: Any) -> str:
    out = io.StringIO()
    call_command("migrate_conversations", stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def old(mongo: Any, project_id: Any, messages: Any, **fields: Any) -> Any:
    document = {"user_id": "user-1", "project_id": project_id, "messages": messages, **fields}
    return mongo.conversations.insert_one(document).inserted_id


def whole(project: dict[str, Any]) -> list[bytes]:
    return [message.value for message in thread_bytes.every(project["id"])]


def snapshot(mongo: Any, *names: str) -> dict[str, list[bytes]]:
    names = names or ("projects", "conversations", "conversation_archive", "conversation_moves",
                      "audit_log")  # fmt: skip
    return {
        name: [bytes(row.raw) for row in mongo[name].with_options(codec_options=raw_bson.RAW)
               .find().sort("_id")]
        for name in names
    }  # fmt: skip


def stored(mongo: Any, project: dict[str, Any]) -> dict[str, Any]:
    return dict(mongo.projects.find_one({"id": project["id"]}))


def test_old_messages_come_before_what_is_there_and_no_number_changes(mongo, make_project):
    project = make_project(conversation_history=run(5, 8), revision=3)
    old(mongo, project["id"], run(0, 2))
    old(mongo, project["id"], [])
    old(mongo, project["id"], run(2, 5))
    before = whole(project)
    text = migrate()
    assert "3 old conversations with 5 messages" in text
    assert "3 moves verified" in text
    assert whole(project) == before
    assert thread.offset_of(project["id"]) == 0
    now = stored(mongo, project)
    assert [each["content"] for each in now["conversation_history"]] == [
        f"m{number}." for number in range(8)
    ]
    # A move is no edit by the customer, and revision counts files and metadata alone.
    assert now == {**stored(mongo, project), "updated_at": project["updated_at"], "revision": 3}


@pytest.mark.parametrize("history", [{"missing": ("conversation_history",)},
                                     {"conversation_history": None}])  # fmt: skip
def test_a_project_without_a_history_gets_one(mongo, make_project, history):
    project = make_project(**history)
    old(mongo, project["id"], run(0, 3))
    migrate()
    assert stored(mongo, project)["conversation_history"] == run(0, 3)


def test_a_dry_run_tells_and_writes_nothing(mongo, make_project):
    project = make_project(conversation_history=run(3, 4))
    old(mongo, project["id"], run(0, 3))
    old(mongo, "nowhere", run(0, 1))
    old(mongo, project["id"], {"0": "x"})
    before = snapshot(mongo)
    text = migrate(dry_run=True)
    assert "1 old conversations with 3 messages" in text
    assert "would be moved into 1 projects" in text
    assert "There is no such project." in text
    assert "no list" in text
    assert snapshot(mongo) == before


def test_twice_moves_nothing_twice(mongo, make_project):
    project = make_project(conversation_history=run(3, 4))
    old(mongo, project["id"], run(0, 3))
    migrate()
    before = snapshot(mongo)
    text = migrate()
    assert "0 old conversations" in text
    assert snapshot(mongo) == before


def test_what_cannot_be_moved_is_reported_and_left(mongo, make_project):
    project, twin = make_project(), make_project()
    mongo.projects.drop_index("id")
    try:
        make_project(id=twin["id"])
        malformed = make_project(conversation_history={"a": 1})
        keys = [
            old(mongo, "nowhere", run(0, 1)),
            mongo.conversations.insert_one({"messages": run(0, 1)}).inserted_id,
            old(mongo, None, run(0, 1)),
            old(mongo, ObjectId(), run(0, 1)),
            old(mongo, [project["id"]], run(0, 1)),
            old(mongo, project["id"], "text"),
            mongo.conversations.insert_one({"project_id": project["id"]}).inserted_id,
            old(mongo, twin["id"], run(0, 1)),
            old(mongo, malformed["id"], run(0, 1)),
            old(mongo, project["id"], run(0, 1), user_id="another"),
        ]
        before = snapshot(mongo)
        text = migrate()
    finally:
        mongo.projects.delete_many({})
        mongo.projects.create_index("id", name="id", unique=True)
    after = snapshot(mongo, "conversations", "conversation_moves", "conversation_archive")
    assert after == {name: before[name] for name in after}
    assert "0 old conversations" in text
    for reason, number in (("no such project", 1), ("names no project", 4), ("are no list", 2),
                           ("Several projects", 1), ("conversation_history is no list", 1),
                           ("another customer", 1)):  # fmt: skip
        [line] = [each for each in text.splitlines() if reason in each]
        assert line.startswith(f"Left as they are, {number}:"), line
    assert str(keys[0]) in text


def test_what_the_platform_pushes_to_a_moved_document_is_moved_too_and_comes_last(
    mongo, make_project
):
    project = make_project(conversation_history=run(2, 4))
    key = old(mongo, project["id"], run(0, 2))
    migrate()
    mongo.conversations.update_one({"_id": key}, {"$push": {"messages": said(4)}})
    old(mongo, project["id"], [said(5)])
    before = whole(project)
    assert thread.messages(project["id"], 0, 9) == run(0, 6)
    text = migrate()
    assert "2 old conversations with 2 messages" in text
    assert whole(project) == before
    assert stored(mongo, project)["conversation_history"] == run(0, 6)
    note = mongo.conversation_moves.find_one({"_id": key})
    assert [(piece["first"], piece["count"]) for piece in note["pieces"]] == [(0, 2), (4, 1)]
    migrate(drop=True)
    assert mongo.conversations.count_documents({}) == 0
    old(mongo, project["id"], [said(6)])
    migrate()
    assert stored(mongo, project)["conversation_history"] == run(0, 7)


def test_pushes_while_it_runs_are_all_kept_once_and_in_order(mongo, make_project):
    projects = [make_project(conversation_history=[]) for _ in range(60)]
    keys = [[old(mongo, each["id"], run(0, 3)) for _ in range(2)] for each in projects]
    pushed: dict[str, list[str]] = {each["id"]: [] for each in projects}
    ended = threading.Event()

    def platform() -> None:
        for number in itertools.count():
            if ended.is_set():
                return
            at = number % len(projects)
            project_id = projects[at]["id"]
            if number % 3:
                name, message = "p", {"content": f"p{number}"}
                change = {"$push": {"conversation_history": message}}
                done = mongo.projects.update_one({"id": project_id}, change)
            else:
                name, message = "o", {"content": f"o{number}"}
                key = keys[at][number % 2]
                done = mongo.conversations.update_one(
                    {"_id": key}, {"$push": {"messages": message}}
                )
            if done.matched_count:  # an old document may have been dropped
                pushed[project_id].append(f"{name}{number}")

    writer = threading.Thread(target=platform)
    writer.start()
    try:
        for drops in (False, False, True, False):
            migrate(drop=drops)
    finally:
        ended.set()
        writer.join()
    migrate()
    for project in projects:
        found = [each["content"] for each in stored(mongo, project)["conversation_history"]]
        assert sorted(found) == sorted([*pushed[project["id"]], *["m0.", "m1.", "m2."] * 2])
        ours = [each for each in found if each.startswith("p")]
        assert ours == [each for each in pushed[project["id"]] if each.startswith("p")]
    migrate(drop=True)
    assert mongo.conversations.count_documents({}) == 0


def test_two_that_run_at_once_move_everything_once(mongo, make_project):
    projects = [make_project(conversation_history=run(3, 4)) for _ in range(250)]
    for each in projects:
        old(mongo, each["id"], run(0, 3))
    both = [threading.Thread(target=migrate) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert mongo.projects.count_documents({"conversation_history": run(0, 4)}) == 250
    assert "250 old documents" in migrate(drop=True)


def test_killed_at_any_moment_it_is_taken_up_by_the_next_run(mongo, make_project):
    mongo.projects.insert_many(
        factories.project(id=f"p{number:05}", conversation_history=run(4, 6))
        for number in range(3000)
    )
    mongo.conversations.insert_many(
        {"user_id": "user-1", "project_id": f"p{number:05}", "messages": run(0, 4)}
        for number in range(3000)
    )
    moved = 0
    for _ in range(3):
        moved = killed_after_some(mongo, moved)
        complete = mongo.projects.count_documents({"conversation_history": run(0, 6)})
        assert mongo.conversation_moves.count_documents({}) == complete == moved
    assert 0 < moved < 3000
    text = migrate()
    assert f"{3000 - moved:,} old conversations" in text
    assert "3,000 moves verified" in text
    assert mongo.projects.count_documents({"conversation_history": run(0, 6)}) == 3000
    assert "3,000 old documents" in migrate(drop=True)


def killed_after_some(mongo: Any, before: int) -> int:
    """Runs the command as a process, and kills it when it has moved something."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "migrate_conversations"],
        cwd=settings.BASE_DIR, env={**os.environ}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while mongo.conversation_moves.count_documents({}) <= before:
            assert process.poll() is None, "it ended by itself"
            assert time.monotonic() < deadline
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    time.sleep(0.2)  # a commit that was on its way
    return int(mongo.conversation_moves.count_documents({}))


def test_what_does_not_fit_overflows_into_the_archive_earliest_first(mongo, make_project, admin):
    content = "f" * (9 * MB)
    project = make_project(
        files=[{"name": "a", "content": content}], conversation_history=run(90, 92)
    )
    for start in range(0, 90, 30):
        old(mongo, project["id"], [said(at, 120_000) for at in range(start, start + 30)])
    before = whole(project)
    assert len(before) == 92
    assert "would go into" in migrate(dry_run=True)
    text = migrate()
    assert "do not fit and went into" in text
    assert whole(project) == before
    parts = list(mongo.conversation_archive.find({"project_id": project["id"]}).sort("part"))
    assert len(parts) > 1
    assert [part["part"] for part in parts] == list(range(len(parts)))
    first = 0
    for part in parts:
        assert (part["first"], part["count"]) == (first, len(part["messages"]))
        assert part["user_id"] == "user-1"
        assert len(bson.encode(part)) < 5 * MB
        first += part["count"]
    [size] = mongo.projects.aggregate([{"$project": {"size": {"$bsonSize": "$$ROOT"}}}])
    assert plan.FULL_BYTES - 130_000 < size["size"] <= plan.FULL_BYTES
    assert thread.offset_of(project["id"]) == first
    html = admin.get(f"/projects/{project['id']}/conversation/?turn={first}").content.decode()
    assert f'id="turn-{first}"' in html
    assert f'id="turn-{first + 1}"' in html
    assert "3 old documents" in migrate(drop=True)
    assert whole(project) == before


def test_a_full_project_makes_room_for_what_comes_later(mongo, make_project, monkeypatch):
    monkeypatch.setattr(plan, "FULL_BYTES", 12 * KB)
    project = make_project(conversation_history=[said(at, KB) for at in range(2, 12)])
    key = old(mongo, project["id"], run(0, 2))
    migrate()
    mongo.conversations.update_one({"_id": key}, {"$push": {"messages": said(12, 2 * KB)}})
    before = whole(project)
    migrate()
    assert whole(project) == before
    assert thread.offset_of(project["id"]) == 3
    assert len(stored(mongo, project)["conversation_history"]) == 10
    # And once more: the archive goes on where it ended.
    mongo.conversations.update_one({"_id": key}, {"$push": {"messages": said(13, 2 * KB)}})
    before = whole(project)
    migrate()
    assert whole(project) == before
    assert "1 old documents" in migrate(drop=True)


def test_a_project_that_is_full_of_files_keeps_its_history_as_it_is(mongo, make_project):
    files = [{"name": "a", "content": "f" * (14 * MB)}]
    project = make_project(files=files, conversation_history=run(3, 5))
    old(mongo, project["id"], run(0, 3))
    before, document = whole(project), stored(mongo, project)
    migrate()
    assert whole(project) == before
    assert stored(mongo, project) == document
    assert thread.offset_of(project["id"]) == 3


def test_an_old_document_of_16_mb_is_moved(mongo, make_project):
    project = make_project()
    key = old(mongo, project["id"], [said(0, 10 * MB), said(1, 6 * MB - 2000)])
    before = whole(project)
    migrate()
    assert whole(project) == before
    assert "1 old documents" in migrate(drop=True)
    assert mongo.conversations.find_one({"_id": key}) is None


def test_one_message_that_fits_nowhere_else_stays_where_it_is_and_is_read(mongo, make_project):
    project = make_project(conversation_history=run(1, 2))
    shape = {"_id": ObjectId(), "user_id": "user-1", "project_id": project["id"]}
    size = len(bson.encode({**shape, "messages": [said(0)]}))
    old(mongo, project["id"], [said(0, 16 * MB - size)])
    before = snapshot(mongo)
    assert "too close to 16 MB" in migrate()
    assert snapshot(mongo) == before
    assert thread.length(project["id"]) == 2


@hypothesis_settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_every_value_survives_to_the_byte_wherever_it_goes(mongo, data):
    full_bytes = data.draw(st.sampled_from([0, 400, plan.FULL_BYTES]))
    leaves = list(bson_values.every_leaf(data).values())
    drawn = data.draw(st.lists(bson_values.VALUES, max_size=6))
    history = data.draw(st.lists(bson_values.VALUES, max_size=3))
    others = st.dictionaries(bson_values.WORD, bson_values.VALUES, max_size=2)
    rests = [data.draw(others), data.draw(others)]
    named = Element(0x02, "", bson_values.string("raw"))
    before = [each.value for each in (*leaves, *drawn, *history)]
    try:
        put(mongo.projects, {"id": named, "conversation_history": array(history)})
        for messages, rest in zip((leaves, drawn), rests, strict=True):
            own = {"project_id": named, "messages": array(messages)}
            rest = {name: each for name, each in rest.items() if name not in ("_id", "user_id")}
            put(mongo.conversations, {**rest, **own})
        assert [each.value for each in thread_bytes.every("raw")] == before
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plan, "FULL_BYTES", full_bytes)
            migrate()
        assert [each.value for each in thread_bytes.every("raw")] == before
        assert thread.length("raw") == len(before)
        assert "2 old documents" in migrate(drop=True)
        assert mongo.conversations.count_documents({}) == 0
        assert [each.value for each in thread_bytes.every("raw")] == before
    finally:
        for name in ("projects", "conversations", "conversation_archive", "conversation_moves"):
            mongo[name].delete_many({})


def array(values: list[Element]) -> Element:
    return Element(ARRAY, "", raw_bson.build_array(values))


def put(collection: Any, parts: dict[str, Element]) -> None:
    whole = {"_id": bson_values.new_object_id(), **parts}
    collection.with_options(codec_options=raw_bson.RAW).insert_one(raw_bson.document(**whole))


def test_a_message_altered_after_the_move_fails_verification_and_keeps_the_old_document(
    mongo, make_project
):
    project, sound = make_project(), make_project()
    for each in (project, sound):
        old(mongo, each["id"], run(0, 3))
    migrate()
    mongo.projects.update_one(
        {"id": project["id"]}, {"$set": {"conversation_history.1.content": "tampered"}}
    )
    with pytest.raises(CommandError, match="1 moves failed verification"):
        migrate(drop=True)
    assert [row["project_id"] for row in mongo.conversations.find()] == [project["id"]]
    # Looked at again, as the note says that nobody is sure of it.
    mongo.conversation_moves.update_many({}, {"$unset": {"verified_at": ""}})
    with pytest.raises(CommandError, match="failed verification"):
        migrate()
    note = mongo.conversation_moves.find_one({"project_id": project["id"]})
    assert "not as they were" in note["fault"]
    assert "verified_at" not in note


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"$push": {"messages": {}}}, dropping.ADDED_TO),
        ({"$set": {"messages.0.content": "other"}}, dropping.ALTERED),
        ({"$pop": {"messages": 1}}, dropping.ALTERED),
        ({"$set": {"messages": "gone"}}, dropping.ALTERED),
        ({"$set": {"title": "New"}}, dropping.MORE_FIELDS),
    ],
)
def test_an_old_document_that_was_changed_since_is_left_and_the_reason_told(
    mongo, make_project, change, reason
):
    project = make_project()
    key = old(mongo, project["id"], run(0, 3), title="Old", model={"name": "m"})
    migrate()
    mongo.conversations.update_one({"_id": key}, change)
    text = migrate(drop=True)
    assert f"Left, 1: {reason}." in text
    assert mongo.conversations.count_documents({}) == 1


def test_dropping_deletes_only_what_was_moved_and_says_what_it_leaves(mongo, make_project):
    project = make_project()
    old(mongo, project["id"], run(0, 3), title="Kept with the note of the move")
    migrate()
    fresh = make_project()
    old(mongo, fresh["id"], run(0, 1))
    old(mongo, None, run(0, 1))
    before = snapshot(mongo)
    assert "1 old documents with 3 messages" in migrate(drop=True, dry_run=True)
    assert snapshot(mongo) == before
    text = migrate(drop=True)
    assert f"Left, 1: {dropping.NOT_MOVED}." in text
    assert "Left, 1: names no project." in text
    assert [row["project_id"] for row in mongo.conversations.find()] == [fresh["id"], None]
    note = mongo.conversation_moves.find_one({"project_id": project["id"]})
    assert note["rest"] == {"title": "Kept with the note of the move"}
    assert "dropped_at" in note


def test_a_move_to_a_project_that_is_gone_is_no_failure_and_drops_nothing(mongo, make_project):
    project = make_project()
    old(mongo, project["id"], run(0, 3))
    migrate()
    mongo.projects.delete_one({"id": project["id"]})
    mongo.conversation_moves.update_many({}, {"$unset": {"verified_at": ""}})
    assert "their projects are gone" in migrate()
    assert "its project is gone" in migrate(drop=True)
    assert mongo.conversations.count_documents({}) == 1


def test_a_run_is_on_record_and_each_move_leads_to_it(mongo, make_project):
    for _ in range(3):
        old(mongo, make_project()["id"], run(0, 2))
    migrate()
    migrate()
    migrate(drop=True)
    rows = list(mongo.audit_log.find().sort("at", 1))
    assert [row["action"] for row in rows] == [
        "conversations.migrate", "conversations.migrate.end", "conversations.drop",
    ]  # fmt: skip
    assert rows[0]["actor"]["id"] == "system"
    assert rows[1]["after"]["conversations"] == 3
    [run_id] = mongo.conversation_moves.distinct("pieces.run")
    assert rows[0]["subject"]["id"] == rows[1]["subject"]["id"] == run_id
