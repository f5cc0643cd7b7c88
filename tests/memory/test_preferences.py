"""What is learned of a customer, why, and what staff say to it."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st

from devora_admin.core import clock
from devora_admin.memory.indexing import work
from devora_admin.memory.indexing.digest import digest
from devora_admin.memory.preferences.queries import for_project, preferences_of
from devora_admin.memory.preferences.scoring import HALF_LIFE, Weighed, scores
from devora_admin.memory.store.models import Preference, PreferenceEvidence, Source
from devora_admin.versions.authors import PLATFORM
from devora_admin.versions.documents import versions
from tests import factories
from tests.memory.anew import forget_everything
from tests.memory.learned import PACKAGE, preferred, said
from tests.versions.factory import CUSTOMER, STAFF, by_turn, make_version

pytestmark = pytest.mark.usefixtures("memory")


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
