"""Versions name turns by their number in the thread, wherever its messages are kept."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from devora_admin.projects.moving import plan
from devora_admin.projects.queries import thread
from devora_admin.projects.services import lifecycle
from devora_admin.versions.documents import versions
from devora_admin.versions.queries import versions as queries
from tests.versions.following import Follower, following, reconcile_all


@pytest.fixture
def follower() -> Iterator[Follower]:
    with following() as started:
        yield started


def said(number: int) -> dict[str, Any]:
    return {"role": ("user", "assistant")[number % 2], "content": f"m{number}"}


def migrate() -> None:
    call_command("migrate_conversations", stdout=io.StringIO())


@pytest.mark.parametrize("full_bytes", [plan.FULL_BYTES, 900, 0])
def test_a_move_is_no_turn_and_makes_no_version(
    mongo, make_project, follower, monkeypatch, full_bytes
):
    monkeypatch.setattr(plan, "FULL_BYTES", full_bytes)
    project = make_project(conversation_history=[said(at) for at in range(6, 8)])
    old = {"project_id": project["id"], "messages": [said(at) for at in range(6)]}
    mongo.conversations.insert_one(old)
    follower.changes()
    reconcile_all()
    before = list(versions().find())
    migrate()
    follower.catch_up()
    assert list(versions().find()) == before
    change = {
        "$push": {"conversation_history": said(8)},
        "$set": {"files": [{"name": "a", "content": "by the answer"}]},
    }
    mongo.projects.update_one({"id": project["id"]}, change)
    mongo.projects.update_one(
        {"id": project["id"]},
        {"$push": {"conversation_history": said(9)}, "$set": {"files.0.content": "by turn 9"}},
    )
    follower.catch_up()
    newest = queries.latest(project["id"])
    assert newest
    assert newest.head.author.turn == 9
    assert newest.head.turns == thread.length(project["id"]) == 10


def test_a_copy_with_an_archive_counts_its_whole_thread(mongo, make_project, follower, actor):
    project = make_project(conversation_history=[said(at) for at in range(4, 6)])
    mongo.conversation_archive.insert_one(
        {"project_id": project["id"], "part": 0, "first": 0, "count": 4,
         "messages": [said(at) for at in range(4)]}
    )  # fmt: skip
    copy_id = lifecycle.duplicate(project["id"], actor=actor)
    follower.catch_up()
    newest = queries.latest(copy_id)
    assert newest
    assert newest.head.turns == thread.length(copy_id) == 6
