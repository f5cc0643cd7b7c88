"""One thread of archive, old collection and project: numbers, windows, offsets, round trips."""

from typing import Any

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.core.errors import NotFound
from devora_admin.projects.queries import thread, thread_bytes
from devora_admin.projects.services import lifecycle


def said(number: int) -> dict[str, Any]:
    return {"role": "user", "content": f"message-{number}."}


def run(start: int, end: int) -> list[dict[str, Any]]:
    return [said(number) for number in range(start, end)]


@pytest.fixture
def spread(mongo, make_project):
    """Messages 0 to 39: archived to 9 in two parts, old ones to 24 in three documents."""

    def make(*, is_moved: bool = False) -> str:
        history, old = (run(10, 25), run(25, 40)) if is_moved else (run(25, 40), run(10, 25))
        project = make_project(conversation_history=history)
        theirs = {"project_id": project["id"], "user_id": "user-1"}
        mongo.conversation_archive.insert_many(
            [{**theirs, "part": 1, "first": 4, "count": 6, "messages": run(4, 10)},
             {**theirs, "part": 0, "first": 0, "count": 4, "messages": run(0, 4)}]
        )  # fmt: skip
        mongo.conversations.insert_many(
            [{**theirs, "messages": old[:5]}, {**theirs, "messages": "none"},
             {**theirs, "messages": old[5:6]}, {**theirs}, {**theirs, "messages": old[6:]}]
        )  # fmt: skip
        if is_moved:
            first = mongo.conversations.insert_one({**theirs, "messages": [*run(10, 12)]})
            mongo.conversation_moves.insert_one(
                {"_id": first.inserted_id, "project_id": project["id"], "count": 2}
            )
        return str(project["id"])

    return make


@pytest.mark.parametrize("is_moved", [False, True])
def test_every_window_of_the_thread_holds_its_messages(spread, is_moved):
    project_id = spread(is_moved=is_moved)
    assert thread.length(project_id) == 40
    for start in range(42):
        for count in (1, 2, 7, 41):
            assert thread.messages(project_id, start, count) == run(start, min(40, start + count))
    assert list(thread.every(project_id)) == run(0, 40)
    assert [part.decoded() for part in thread_bytes.every(project_id)] == run(0, 40)


def test_an_offset_is_what_comes_before_the_projects_own_history(mongo, spread, make_project):
    spread_id, moved_id = spread(), spread(is_moved=True)
    plain_id = make_project(conversation_history=run(0, 3))["id"]
    assert thread.offset_of(spread_id) == 25
    assert thread.offset_of(moved_id) == 10
    core_mongo.round_trips.reset()
    found = thread.offsets([spread_id, moved_id, plain_id, "unknown"])
    assert found == {spread_id: 25, moved_id: 10, plain_id: 0, "unknown": 0}
    assert core_mongo.round_trips.count == 1
    assert thread.offsets([]) == {}


def test_a_window_takes_two_round_trips_wherever_it_lies(spread):
    project_id = spread()
    for start in (0, 8, 20, 35):
        core_mongo.round_trips.reset()
        assert len(thread.messages(project_id, start, 5)) == 5
        assert core_mongo.round_trips.count == 2


def test_an_unknown_project_has_no_thread():
    for read in (thread.length, lambda key: thread.messages(key, 0, 1)):
        with pytest.raises(NotFound):
            read("unknown")


@pytest.mark.parametrize("start", [2**31, 2**63, 10**30])
def test_nothing_is_beyond_the_end(spread, start):
    assert thread.messages(spread(), start, 1) == []


@pytest.mark.parametrize("history", [None, 5, "text", {"a": 1}])
def test_a_history_that_is_no_list_hides_nothing_else(mongo, make_project, admin, history):
    project = make_project(conversation_history=history)
    mongo.conversations.insert_one({"project_id": project["id"], "messages": run(0, 3)})
    assert thread.messages(project["id"], 0, 9) == run(0, 3)
    html = admin.get(f"/projects/{project['id']}/conversation/").content.decode()
    assert "message-2." in html


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_copy_has_the_whole_thread_and_nothing_in_the_old_collection(
    mongo, spread, actor, is_moved
):
    copy_id = lifecycle.duplicate(spread(is_moved=is_moved), actor=actor)
    assert list(thread.every(copy_id)) == run(0, 40)
    assert mongo.conversations.count_documents({"project_id": copy_id}) == 0
    assert thread.length(copy_id) == 40


def test_a_transfer_takes_all_parts_along(mongo, spread, make_customer, actor):
    project_id, receiver = spread(), make_customer()["id"]
    lifecycle.transfer(project_id, user_id=receiver, actor=actor)
    for name in ("conversations", "conversation_archive"):
        assert mongo[name].distinct("user_id", {"project_id": project_id}) == [receiver]
