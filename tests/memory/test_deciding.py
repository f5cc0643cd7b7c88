"""What staff decide about what is remembered: it holds, and is taken back."""

import time
from typing import Any

import pytest
from django.db import connections

from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.memory.documents import decisions, notes, queue
from devora_admin.memory.indexing import reading, work, writing
from devora_admin.memory.indexing.digest import digest
from devora_admin.memory.indexing.sources import origin
from devora_admin.memory.preferences.queries import for_project
from devora_admin.memory.services.deciding import decide_item, decide_preference
from devora_admin.memory.services.notes import store_conversation
from devora_admin.memory.store.models import Chunk
from devora_admin.staff import audit, undo
from tests import factories
from tests.memory.anew import forget_everything, read_what_waits
from tests.memory.learned import preferred, said

pytestmark = pytest.mark.usefixtures("memory")


def test_a_rejection_holds_whatever_is_said_later_and_through_a_rebuild(
    mongo, customer, remember, actor
):
    remember("Always use Tailwind", "I like Redux")
    done = decide_preference(
        customer["id"], topic="css", value="tailwind", standing="rejected", expected="", actor=actor
    )
    decide_preference(
        customer["id"], topic="state", value="redux", standing="corrected", correction="zustand",
        expected="", actor=actor,
    )  # fmt: skip
    remember("Always, always use Tailwind!")
    wanted = {
        "tailwind": ("rejected", "rejected"), "redux": ("rejected", "rejected"),
        "zustand": ("always", "corrected"),
    }  # fmt: skip
    assert preferred(customer["id"]).items() >= wanted.items()
    assert "tailwind" not in {each.value for each in for_project(customer["id"])}
    forget_everything()
    for project in mongo.projects.find():
        work.index_document("projects", project["_id"])
    assert preferred(customer["id"]).items() >= wanted.items()
    undo.perform(done.row_id, actor=actor)
    assert preferred(customer["id"])["tailwind"] == ("always", "")


def test_a_decision_somebody_else_took_meanwhile_is_a_conflict(customer, remember, actor):
    remember("Always use Tailwind")
    decide = {"topic": "css", "value": "tailwind", "actor": actor}
    decide_preference(customer["id"], standing="pinned", expected="", **decide)
    with pytest.raises(Conflict):
        decide_preference(customer["id"], standing="rejected", expected="", **decide)
    with pytest.raises(InvalidInput):
        decide_preference(
            customer["id"], standing="corrected", expected="pinned", correction="x", **decide
        )
    with pytest.raises(NotFound):
        decide_preference("nobody", standing="pinned", expected="", **decide)
    assert decisions().count_documents({}) == 1
    decide_preference(customer["id"], standing="", expected="pinned", **decide)
    assert decisions().count_documents({}) == 0


def test_a_correction_is_decided_on_as_it_is_shown_and_taken_back_from_either_value(
    customer, remember, actor
):
    remember("Always use Tailwind", files=[])
    shown = {value: standing for value, (_, standing) in preferred(customer["id"]).items()}

    def decide(value: str, standing: str, correction: str = "") -> dict[str, str]:
        decide_preference(
            customer["id"], topic="css", value=value, standing=standing, correction=correction,
            expected=shown.get(value, ""), actor=actor,
        )  # fmt: skip
        shown.clear()
        shown.update({name: is_now for name, (_, is_now) in preferred(customer["id"]).items()})
        return shown

    corrected = {"tailwind": "rejected", "bootstrap": "corrected"}
    for back in ("bootstrap", "tailwind"):
        assert decide("tailwind", "corrected", "bootstrap") == corrected
        assert decide(back, "") == {"tailwind": ""}
    decide("tailwind", "corrected", "bootstrap")
    assert decide("bootstrap", "pinned") == {"tailwind": "rejected", "bootstrap": "pinned"}
    assert decide("bootstrap", "") == corrected
    assert decide("bootstrap", "corrected", "sass") == {
        "tailwind": "rejected", "bootstrap": "rejected", "sass": "corrected"
    }  # fmt: skip


@pytest.mark.parametrize("standing", ["forgotten", "corrected", "pinned", "rejected"])
def test_what_is_decided_about_an_item_holds_wherever_it_is_said_and_outlives_a_rebuild(
    mongo, customer, remember, actor, standing
):
    def everywhere(**decided: str) -> list[tuple[str, str]]:
        return sorted(2 * [*decided.items(), ("Something else", "")])

    def now() -> list[tuple[str, str]]:
        return sorted(Chunk.objects.filter(kind="message").values_list("text", "standing"))

    def index_marked() -> None:
        for row in queue().find():
            work.index_document(row["_id"]["c"], row["_id"]["k"])
        queue().delete_many({})

    said_in = [remember("My bank is in Oslo", "Something else") for _ in range(2)]
    item = Chunk.objects.filter(text="My bank is in Oslo")[0]
    done = decide_item(
        customer["id"], chunk_id=item.pk, standing=standing, text="My bank is in Bergen",
        expected="", actor=actor,
    )  # fmt: skip
    wanted = {
        "forgotten": everywhere(), "corrected": everywhere(**{"My bank is in Bergen": ""}),
    }.get(standing, everywhere(**{"My bank is in Oslo": standing}))  # fmt: skip
    index_marked()
    assert now() == wanted
    grown = digest()
    forget_everything()
    for project in said_in:
        work.index_document("projects", project["_id"])
    assert (now(), digest()) == (wanted, grown)
    undo.perform(done.row_id, actor=actor)
    assert ("My bank is in Oslo", "") in now(), "at once, where it was decided"
    index_marked()
    assert now() == everywhere(**{"My bank is in Oslo": ""})
    assert mongo.audit_log.count_documents({"action": "memory.correct"}) == 1


def bank(mongo: Any, user_id: str) -> dict[str, Any]:
    """Not indexed yet."""
    history = said("My bank is in Oslo")
    made = factories.project(user_id=user_id, conversation_history=history)
    return factories.insert(mongo.projects, made)


def of_the_bank() -> list[str]:
    about = Chunk.objects.filter(text="My bank is in Oslo")
    return [standing or "there" for standing in about.values_list("standing", flat=True)]


@pytest.fixture
def decide_about_the_bank(customer, remember, actor):
    remember("My bank is in Oslo")
    item = Chunk.objects.get(text="My bank is in Oslo")

    def decide(standing: str) -> str:
        return decide_item(
            customer["id"], chunk_id=item.pk, standing=standing, expected="", actor=actor
        ).row_id

    return decide


EVERYWHERE = [("forgotten", []), ("pinned", ["pinned", "pinned"])]


@pytest.mark.parametrize(("standing", "wanted"), EVERYWHERE)
def test_what_is_decided_while_a_document_is_first_read_holds_for_it_as_well(
    mongo, customer, decide_about_the_bank, monkeypatch, standing, wanted
):
    late, read = bank(mongo, customer["id"]), reading.read

    def read_before(collection: str, key: Any) -> reading.Moment:
        monkeypatch.setattr(reading, "read", read)
        found = read(collection, key)
        decide_about_the_bank(standing)
        return found

    monkeypatch.setattr(reading, "read", read_before)
    work.index_document("projects", late["_id"])
    queue().delete_many({"_id.c": "memory_decisions"})
    read_what_waits()
    assert of_the_bank() == wanted


@pytest.mark.parametrize(("standing", "wanted"), EVERYWHERE)
def test_what_is_decided_before_a_document_is_stored_holds_for_it_as_well(
    mongo, customer, decide_about_the_bank, standing, wanted
):
    late = bank(mongo, customer["id"])
    older = reading.read("projects", late["_id"])
    decide_about_the_bank(standing)
    writing.write(older, origin=origin("projects", late["_id"]))
    read_what_waits()
    assert of_the_bank() == wanted


def test_a_rejection_is_not_undone_by_what_was_read_before_it(mongo, customer, remember, actor):
    remember("Always use Tailwind")
    late = factories.project(
        user_id=customer["id"], conversation_history=said("Always use Tailwind")
    )
    mongo.projects.insert_one(late)
    older = reading.read("projects", late["_id"])
    decide_preference(
        customer["id"], topic="css", value="tailwind", standing="rejected", expected="", actor=actor
    )
    writing.write(older, origin=origin("projects", late["_id"]))
    assert preferred(customer["id"])["tailwind"] == ("rejected", "rejected")


def test_what_was_forgotten_comes_back_everywhere_also_in_what_was_said_since(
    mongo, customer, decide_about_the_bank, actor
):
    row_id = decide_about_the_bank("forgotten")
    read_what_waits()
    store_conversation(customer["id"], "", [{"role": "user", "content": "My bank is in Oslo"}])
    work.index_document("memory_notes", notes().find_one({})["_id"])
    assert of_the_bank() == []
    undo.perform(row_id, actor=actor)
    read_what_waits()
    assert of_the_bank() == ["there", "there"]


def test_a_decision_is_told_within_seconds_however_long_memory_takes(customer, remember, actor):
    remember("Always use Tailwind")
    other = connections["memory"].copy()
    with other.cursor() as cursor:
        # As whoever learns of the same customer from a large project.
        lock = "SELECT pg_advisory_lock(hashtextextended('learn ' || %s, 0))"
        cursor.execute(lock, [customer["id"]])
        try:
            started = time.monotonic()
            pin = {"topic": "css", "value": "tailwind", "standing": "pinned"}
            decide_preference(customer["id"], **pin, expected="", actor=actor)
            assert time.monotonic() - started < 4
        finally:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    end = time.monotonic() + 10
    while preferred(customer["id"])["tailwind"] != ("always", "pinned"):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_decision_stands_whatever_fails_after_it_and_is_carried_out_later(
    customer, remember, actor, caplog
):
    remember("Always use Tailwind")
    with connections["memory"].cursor() as cursor:
        cursor.execute("ALTER TABLE memory_preference ADD CONSTRAINT none CHECK (false) NOT VALID")
        try:
            pin = {"topic": "css", "value": "tailwind", "standing": "pinned"}
            decide_preference(customer["id"], **pin, expected="", actor=actor)
        finally:
            cursor.execute("ALTER TABLE memory_preference DROP CONSTRAINT none")
    assert "left to the queue" in caplog.text
    assert preferred(customer["id"])["tailwind"] == ("always", "")
    read_what_waits()
    assert preferred(customer["id"])["tailwind"] == ("always", "pinned")


def test_an_item_is_corrected_again_and_never_back_to_what_was_corrected(customer, remember, actor):
    remember("No. 0\nof many")

    def correct(text: str, expected: str = "") -> str:
        item = Chunk.objects.get(kind="message")
        decide_item(
            customer["id"], chunk_id=item.pk, standing="corrected", text=text, expected=expected,
            actor=actor,
        )  # fmt: skip
        return Chunk.objects.get(kind="message").text

    for number in range(1, 8):
        assert correct(f"No. {number}\r\nof many") == f"No. {number}\nof many"
    for odd in ("No. 7\nof many", "No. 3\nof many", " ", "x" * 4001):
        with pytest.raises(InvalidInput):
            correct(odd)
    with pytest.raises(Conflict):
        correct("Another", expected="pinned")


def test_nobody_decides_about_an_item_of_somebody_else(mongo, customer, remember, actor):
    other = factories.insert(mongo.users, factories.customer())
    remember("My bank is in Oslo")
    item = Chunk.objects.get(text="My bank is in Oslo")
    with pytest.raises(NotFound):
        decide_item(other["id"], chunk_id=item.pk, standing="forgotten", expected="", actor=actor)


def test_the_record_says_who_decided_what(customer, remember, actor, mongo):
    remember("Always use Tailwind")
    decide_preference(
        customer["id"], topic="css", value="tailwind", standing="pinned", expected="", actor=actor
    )
    row = mongo.audit_log.find_one({"action": "memory.correct"})
    assert row["subject"]["id"] == customer["id"]
    assert row["after"] == {
        "about": "preference", "topic": "css", "value": "tailwind", "standing": "pinned"
    }  # fmt: skip
    assert audit.find(row["_id"])
