"""Memory as the platform uses it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from devora_admin.config.env import BASE_DIR
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.memory.api import get_memory_instance
from devora_admin.memory.documents import notes
from devora_admin.memory.indexing import work
from devora_admin.memory.store.router import ALIAS
from devora_admin.projects.queries import thread
from tests import factories

pytestmark = pytest.mark.usefixtures("memory")
memory = get_memory_instance()
T = TypeVar("T")


def awaited(asked: Coroutine[Any, Any, T]) -> T:
    """On a thread of its own: a browser test of this process may hold this one's event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def index_notes() -> None:
    for row in notes().find():
        work.index_document("memory_notes", row["_id"])


def test_what_was_stored_is_found_by_its_customer_and_by_nobody_else(mongo):
    history = [
        {"role": "user", "content": "Always use Tailwind"},
        {"role": "assistant", "content": "Payments go through chargeCard."},
        {"role": "user", "content": "喜欢深色模式"},
    ]

    async def store_twice() -> list[int]:
        wanted = {"user_id": "u1", "project_id": "p1", "messages": history}
        return [(await memory.store_conversation(**wanted)).messages for _ in range(2)]

    assert awaited(store_twice()) == [3, 0]
    index_notes()
    found = awaited(memory.search("chargeCard", user_id="u1"))
    assert found.items[0].text == "Payments go through chargeCard."
    assert found.items[0].why
    assert memory.search_now("深色模式", user_id="u1").items[0].text == "喜欢深色模式"
    assert memory.search_now("chargeCard", user_id="u2").items == ()
    liked = awaited(memory.preferences(user_id="u1", project_id="p1")).items
    assert {(each.topic, each.value) for each in liked} == {("css", "tailwind"), ("theme", "dark")}


def test_what_the_projects_own_thread_holds_is_not_kept_twice(mongo):
    history = [{"role": "user", "content": "Make it blue"}]
    project = factories.insert(mongo.projects, factories.project(conversation_history=history))
    wanted = [*history, {"role": "user", "content": "elsewhere"}]
    stored = memory.store_conversation_now(
        user_id="user-1", project_id=project["id"], messages=wanted
    )
    assert stored.messages == 1
    assert notes().find_one({})["content"] == "elsewhere"


def test_similar_projects_are_told_with_their_reasons(mongo):
    package = {"name": "package.json", "content": '{"dependencies": {"next": "15", "stripe": "1"}}'}
    for number in range(3):
        project = factories.project(id=f"p{number}", files=[package] if number < 2 else [])
        mongo.projects.insert_one(project)
        work.index_document("projects", project["_id"])
    found = awaited(memory.similar_projects(project_id="p0"))
    assert found.items[0].project_id == "p1"
    assert found.items[0].why


@pytest.mark.parametrize(
    "wanted",
    [
        {"user_id": "", "project_id": "", "messages": []},
        {"user_id": 7, "project_id": "", "messages": []},
        {"user_id": "u", "project_id": "p" * 300, "messages": []},
        {"user_id": "u\ud800", "project_id": "", "messages": []},
        {"user_id": "u", "project_id": "\udfff", "messages": []},
        {"user_id": "u", "project_id": "", "messages": ["no message"]},
        {"user_id": "u", "project_id": "", "messages": [{"role": "user"}]},
        {
            "user_id": "u",
            "project_id": "",
            "messages": [{"role": "user", "content": "x" * 300_000}],
        },
        {"user_id": "u", "project_id": "", "messages": [{"role": "u", "content": "x"}] * 6000},
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_reason(wanted):
    with pytest.raises(InvalidInput, match=r"\w+ .+\."):
        memory.store_conversation_now(**wanted)


def test_nobody_has_half_a_character_in_their_id():
    factories.insert(notes(), {"_id": "n", "id": "n", "user_id": "u?", "content": "Use Tailwind"})
    index_notes()
    for ask in (lambda of: memory.search_now("Tailwind", user_id=of),
                lambda of: memory.preferences_now(user_id=of)):  # fmt: skip
        with pytest.raises(InvalidInput):
            ask("u\ud800")
    assert memory.search_now("Tailwind", user_id="u?", project_id="\ud800").items == ()
    assert memory.similar_projects_now(project_id="\ud800").items == ()


def test_what_is_being_stored_when_an_erasure_begins_is_not_kept(mongo, monkeypatch):
    project = factories.insert(mongo.projects, factories.project(user_id="gone"))
    every = thread.every

    def begins(project_id: str) -> Any:
        mongo.erasures.insert_one({"customer_ids": ["gone"], "state": "running"})
        return every(project_id)

    monkeypatch.setattr(thread, "every", begins)
    said = [{"role": "user", "content": "I live in Oslo"}]
    with pytest.raises(Conflict):
        memory.store_conversation_now(user_id="gone", project_id=project["id"], messages=said)
    assert notes().count_documents({}) == 0


def test_nothing_is_stored_of_who_was_erased(mongo):
    mongo.erasures.insert_one({"customer_ids": ["gone"], "state": "done", "customer_id": "gone"})
    with pytest.raises(Conflict):
        memory.store_conversation_now(user_id="gone", project_id="", messages=[])


def test_while_postgresql_is_away_storing_goes_on_and_searching_says_why_not(monkeypatch):
    from django.db import connections

    connections[ALIAS].close()
    connections[ALIAS].close_pool()
    monkeypatch.setitem(connections[ALIAS].settings_dict, "HOST", "/nowhere")
    said = [{"role": "user", "content": "kept for later"}]
    assert memory.store_conversation_now(user_id="u", project_id="", messages=said).messages == 1
    assert memory.search_now("later", user_id="u").why_not == "memory is not answering"
    connections[ALIAS].close_pool()
    monkeypatch.undo()
    from devora_admin.memory.store import reach

    reach.breaker.reset()
    index_notes()
    assert memory.search_now("later", user_id="u").items[0].text == "kept for later"


def test_off_it_answers_harmlessly_without_the_driver():
    code = """
import asyncio, sys, django
django.setup()
from devora_admin.memory.api import get_memory_instance
memory = get_memory_instance()
assert not memory.is_on
async def ask():
    return [
        await memory.store_conversation(user_id="u", project_id="p", messages=[{"role": "user"}]),
        await memory.search("x", user_id="u"),
        await memory.preferences(user_id="u"),
        await memory.similar_projects(project_id="p"),
    ]
assert {each.why_not for each in asyncio.run(ask())} == {"memory is off"}
assert not [name for name in sys.modules if name.startswith("psycopg")]
"""
    env = {
        **os.environ,
        "MEMORY_ENABLED": "0",
        "DJANGO_SETTINGS_MODULE": "devora_admin.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
