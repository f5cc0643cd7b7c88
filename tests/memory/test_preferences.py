"""What is learned of a customer, why, and what staff say to it."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.memory.documents import decisions, notes, queue
from devora_admin.memory.indexing import reading, work, writing
from devora_admin.memory.indexing.digest import digest
from devora_admin.memory.indexing.sources import origin
from devora_admin.memory.preferences.queries import for_project, preferences_of
from devora_admin.memory.preferences.scoring import HALF_LIFE, Weighed, scores
from devora_admin.memory.services.deciding import decide_item, decide_preference
from devora_admin.memory.services.notes import store_conversation
from devora_admin.memory.store.models import Chunk, Preference, PreferenceEvidence, Source
from devora_admin.staff import audit, undo
from devora_admin.versions.authors import PLATFORM
from devora_admin.versions.documents import versions
from tests import factories
from tests.memory.anew import forget_everything, read_what_waits
from tests.versions.factory import CUSTOMER, STAFF, by_turn, make_version

pytestmark = pytest.mark.usefixtures("memory")
PACKAGE = {"name": "package.json", "content": '{"dependencies": {"next": "15", "bootstrap": "5"}}'}


def said(*texts: str, ago: timedelta = timedelta()) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text, "timestamp": clock.now() - ago} for text in texts]


@pytest.fixture
def customer(mongo):
    return factories.insert(mongo.users, factories.customer())


@pytest.fixture
def remember(mongo, customer):
    def make(*texts: str, **fields: Any) -> dict[str, Any]:
        document = factories.project(
            user_id=customer["id"], conversation_history=said(*texts), **fields
        )
        mongo.projects.insert_one(document)
        work.index_document("projects", document["_id"])
        return document

    return make


def preferred(user_id: str) -> dict[str, tuple[str, str]]:
    return {row.value: (row.strength, row.standing) for row in preferences_of(user_id)}


def test_a_word_outweighs_what_projects_are_built_with_and_each_has_its_reason(customer, remember):
    for _ in range(4):
        remember(files=[PACKAGE])
    talked = remember("Always use Tailwind.", "don't use Bootstrap")
    found = {row.value: row for row in preferences_of(customer["id"])}
    assert found["tailwind"].strength in ("always", "usually")
    assert found["bootstrap"].score < 0
    assert found["next.js"].strength == "sometimes"
    (reason,) = found["tailwind"].evidence
    assert (reason.quote, reason.project_id, reason.turn) == (
        "Always use Tailwind.",
        talked["id"],
        0,
    )
    assert found["bootstrap"].evidence_count == 5
    assert found["bootstrap"].evidence[0].quote == "don't use Bootstrap"


def test_what_a_project_shows_goes_before_what_the_customer_does_and_that_before_everyone(
    mongo, customer, remember
):
    remember("Always use Tailwind", "I prefer Postgres")
    other = remember("Use Bootstrap in this project", "we should always use Bootstrap")
    for number in range(4):
        stranger = factories.project(
            user_id=f"u{number}", conversation_history=said("always use Stripe")
        )
        mongo.projects.insert_one(stranger)
        work.index_document("projects", stranger["_id"])
    there = {each.topic: each for each in for_project(customer["id"], other["id"])}
    assert (there["css"].value, there["css"].basis) == ("bootstrap", "project")
    assert (there["database"].value, there["database"].basis) == ("postgresql", "customer")
    assert (there["payments"].value, there["payments"].basis) == ("stripe", "everyone")


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


def scored(user_id: str) -> dict[str, float]:
    return {row.value: round(row.score, 6) for row in preferences_of(user_id)}


@pytest.mark.parametrize("missing", [(), ("created_at", "updated_at")])
def test_what_has_no_date_is_as_old_as_its_project_also_in_a_memory_made_anew(
    mongo, customer, remember, missing
):
    dates = dict.fromkeys(("created_at", "updated_at"), factories.EPOCH)
    project = remember(files=[PACKAGE], **({} if missing else dates), missing=missing)
    if not missing:
        mongo.projects.update_one({"id": project["id"]}, {"$set": {"updated_at": clock.now()}})
        assert work.index_document("projects", project["_id"]).chunks == 0
    grown = digest(), scored(customer["id"])
    assert scored(customer["id"])["next.js"] > 0.1
    forget_everything()
    work.index_document("projects", project["_id"])
    assert (digest(), scored(customer["id"])) == grown


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (PreferenceEvidence, {"at": factories.EPOCH}),
        (PreferenceEvidence, {"quote": "another"}),
        (PreferenceEvidence, {"user_id": "another"}),
        (Source, {"facts": {"left_out": 7}}),
        (Source, {"changed_at": factories.EPOCH}),
        (Preference, {"standing": "pinned"}),
        (Preference, {"evidence_count": 7}),
    ],
)
def test_the_digest_is_of_all_that_is_remembered(remember, model, change):
    remember("Always use Tailwind", updated_at=clock.now())
    before = digest()
    model.objects.update(**change)
    assert digest() != before


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


WEIGHED = st.builds(
    Weighed,
    st.just("css"),
    st.sampled_from(["tailwind", "bootstrap", "sass"]),
    st.floats(-1, 1),
    st.booleans(),
    st.integers(0, 400).map(lambda days: factories.EPOCH - timedelta(days=days)),
)


@settings(deadline=None)
@given(evidence=st.lists(WEIGHED, max_size=12), seed=st.integers())
def test_scores_stay_in_their_range_and_do_not_depend_on_the_order(evidence, seed):
    shuffled = [*evidence]
    random.Random(seed).shuffle(shuffled)
    found = scores(evidence, now=factories.EPOCH)
    assert found == scores(shuffled, now=factories.EPOCH)
    assert all(-1 <= each.score <= 1 and 0 <= each.confidence <= 1 for each in found)


@settings(deadline=None)
@given(weight=st.floats(0.05, 1), is_said=st.booleans(), ages=st.integers(0, 900))
def test_what_was_said_long_ago_counts_less(weight, is_said, ages):
    at = factories.EPOCH
    (fresh,) = scores([Weighed("css", "sass", weight, is_said, at)], now=at)
    (old,) = scores([Weighed("css", "sass", weight, is_said, at)], now=at + timedelta(days=ages))
    assert old.score <= fresh.score
    assert old.confidence <= fresh.confidence
    (twice,) = scores([Weighed("css", "sass", weight, is_said, at - HALF_LIFE)], now=at)
    (half,) = scores([Weighed("css", "sass", weight / 2, is_said, at)], now=at)
    assert twice.score == pytest.approx(half.score)


def test_two_projects_of_one_customer_are_learned_from_at_once(mongo, customer):
    made = [
        factories.insert(
            mongo.projects,
            factories.project(
                user_id=customer["id"], files=[PACKAGE], conversation_history=said("Use Stripe")
            ),
        )
        for _ in range(12)
    ]

    def index(project: dict[str, Any]) -> None:
        try:
            work.index_document("projects", project["_id"])
        finally:
            connections["memory"].close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(index, made))
    found = {row.value: row.evidence_count for row in preferences_of(customer["id"])}
    assert (found["next.js"], found["stripe"]) == (12, 12)


def test_what_becomes_of_the_ais_choices_tells_as_well(mongo, customer, remember):
    project = remember()

    def of(*packages: str) -> dict[str, str]:
        needed = ", ".join(f'"{each}": "1"' for each in packages)
        return {"package.json": f'{{"dependencies": {{{needed}}}}}'}

    changed = [{"p": "package.json", "st": "changed", "a": 1, "r": 1}]
    history = [
        (1, PLATFORM, ["next"]),
        (2, by_turn(3), ["next", "bootstrap", "stripe"]),
        (3, CUSTOMER, ["next", "tailwindcss", "stripe"]),
        (400, STAFF, ["next", "tailwindcss", "stripe", "redux"]),
    ]
    for number, author, packages in history:
        make_version(project, number, of(*packages), author=author, changes=changed)
    work.index_document("project_versions", versions().find_one({})["_id"])
    found = {
        row.value: [(each.kind, each.turn, each.path) for each in row.evidence]
        for row in preferences_of(customer["id"])
        if row.evidence[0].kind != "manifest"
    }
    assert found == {
        "bootstrap": [("reverted", 3, "package.json")],
        "tailwind": [("chosen", None, "package.json")],
        "stripe": [("kept", 3, "package.json")],
    }
    assert preferred(customer["id"])["bootstrap"][0] in ("rarely", "rather not")


def test_what_a_project_said_goes_with_it(mongo, customer, remember):
    project = remember("Always use Tailwind", files=[PACKAGE])
    assert "tailwind" in preferred(customer["id"])
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"user_id": "next"}})
    work.index_document("projects", project["_id"])
    assert preferred(customer["id"]) == {}
    assert "tailwind" in preferred("next")
    mongo.projects.delete_one({"id": project["id"]})
    work.index_document("projects", project["_id"])
    assert preferred("next") == {}


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
