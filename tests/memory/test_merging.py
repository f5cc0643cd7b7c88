"""Two customers who become one have what was decided about either of them."""

from typing import Any

import pytest

from devora_admin.memory.indexing import work
from devora_admin.memory.preferences.queries import preferences_of
from devora_admin.memory.services.deciding import decide_item, decide_preference
from devora_admin.memory.store.models import Chunk
from devora_admin.staff import undo
from devora_admin.users.merging.preview import preview
from devora_admin.users.merging.switch import Choices, merge_customers
from tests import factories
from tests.memory.anew import read_what_waits
from tests.users.traces import run_jobs

pytestmark = pytest.mark.usefixtures("memory")
SAID = "My bank is in Oslo"


@pytest.fixture
def said_by_both(mongo, make_customer):
    for user_id in ("kept", "gone"):
        make_customer(id=user_id)
        history = [{"role": "user", "content": SAID}]
        project = factories.project(user_id=user_id, conversation_history=history)
        work.index_document("projects", factories.insert(mongo.projects, project)["_id"])


@pytest.fixture
def rows(said_by_both, actor) -> list[str]:
    """Of the audit log: what was decided about the one who is to be absorbed."""
    item = Chunk.objects.get(user_id="gone", text=SAID)
    forgotten = decide_item(
        "gone", chunk_id=item.pk, standing="forgotten", expected="", actor=actor
    )
    pinned = decide_preference(
        "gone", topic="css", value="tailwind", standing="pinned", expected="", actor=actor
    )
    read_what_waits()
    return [forgotten.row_id, pinned.row_id]


@pytest.fixture
def merged(rows, actor) -> str:
    started = merge_customers(
        "kept", "gone", choices=Choices(), mark=preview("kept", "gone").mark, reason="One person",
        actor=actor,
    )  # fmt: skip
    follow()
    return started.row_id


def follow() -> None:
    run_jobs()
    read_what_waits()


def known() -> tuple[set[str], dict[str, list[str]]]:
    """Whose item is there, and what each prefers."""
    items = set(Chunk.objects.filter(text=SAID).values_list("user_id", flat=True))
    found: dict[str, list[str]] = {
        user_id: [row.value for row in preferences_of(user_id) if row.standing]
        for user_id in ("kept", "gone")
    }
    return items, found


def test_what_was_decided_about_one_holds_for_all_that_they_have(merged):
    assert known() == (set(), {"kept": ["tailwind"], "gone": []})


def test_when_they_part_again_each_has_their_own(merged: str, actor: Any):
    undo.perform(merged, actor=actor)
    follow()
    assert known() == ({"kept"}, {"kept": [], "gone": ["tailwind"]})


def test_what_was_decided_before_can_be_undone_after(merged, rows, actor):
    for row_id in rows:
        undo.perform(row_id, actor=actor)
    follow()
    assert known() == ({"kept"}, {"kept": [], "gone": []})
    assert Chunk.objects.filter(text=SAID).count() == 2
