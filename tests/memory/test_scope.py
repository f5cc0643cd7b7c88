"""Never another customer's row, and as many as there are, however an answer is found."""

from datetime import timedelta

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devora_admin.memory.indexing import models
from devora_admin.memory.queries import by_meaning
from devora_admin.memory.queries.search import Asked, search
from devora_admin.memory.store.models import EmbeddingModel
from tests.memory import rows
from tests.memory.searched import KINDS, LANGUAGES, WORDS, filled

pytestmark = pytest.mark.usefixtures("memory", "fresh")

days = st.none() | st.integers(0, 10).map(lambda day: rows.NOW + timedelta(days=day))
questions = st.builds(
    Asked,
    text=st.lists(st.sampled_from([*WORDS, "common"]), min_size=1, max_size=4).map(" ".join),
    user_id=st.sampled_from(["", "user-0", "user-1", "user-3", "nobody"]),
    project_id=st.sampled_from(["", "", "project-0-1", "project-3-0"]),
    kinds=st.sets(st.sampled_from(KINDS), max_size=2).map(tuple),
    languages=st.sets(st.sampled_from(LANGUAGES), max_size=2).map(tuple),
    since=days,
    until=st.none(),
    limit=st.integers(1, 130),
) | st.builds(Asked, text=st.just(WORDS[3]), until=days, limit=st.just(50))


def within(chunk, asked):
    return (
        chunk.standing != "rejected"
        and asked.user_id in ("", chunk.user_id)
        and asked.project_id in ("", chunk.project_id)
        and (not asked.kinds or chunk.kind in asked.kinds)
        and (not asked.languages or chunk.language in asked.languages)
        and (asked.since is None or (chunk.at is not None and chunk.at >= asked.since))
        and (asked.until is None or (chunk.at is not None and chunk.at < asked.until))
    )


def index_scans(model):
    """How often PostgreSQL itself took the model's index."""
    with connections["memory"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        name = models.index_name(model.pk)
        cursor.execute(
            "SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE indexrelname = %s", [name]
        )
        return cursor.fetchone()[0] or 0


@pytest.mark.parametrize("how", ["exact", "index", "bits", "words", "at once"])
def test_an_answer_stays_in_its_scope_and_has_as_many_as_there_are(
    embedder, model, how, monkeypatch, request
):
    world = filled(embedder, model)
    if how == "index":
        models.make_index(model.pk, model.dims)
        monkeypatch.setattr(by_meaning, "EXACT_UP_TO", 0)
    if how == "bits":
        monkeypatch.setattr(by_meaning, "BITS_FROM", 0)
    if how == "at once":
        beside_ = request.getfixturevalue("asked_beside")
    if how == "words":
        EmbeddingModel.objects.update(state="building")

    def hold(asked):
        answer = search(asked)
        scope = {chunk.pk: chunk for chunk in world if within(chunk, asked)}
        assert {hit.chunk_id for hit in answer.hits} <= scope.keys()
        if how == "words":
            wanted = set(asked.text.split())
            scope = {key: each for key, each in scope.items() if wanted & set(each.text.split())}
        assert len(answer.hits) == min(asked.limit, len(scope))
        assert len({hit.chunk_id for hit in answer.hits}) == len(answer.hits)
        return {leg.leg: leg.how for leg in answer.legs}.get("meaning", "words")

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(questions)
    def holds(asked):
        hold(asked)

    holds()
    # Most scopes above have fewer than a leg is to find, and are compared as a whole after all.
    before = index_scans(model)
    user_id = "user-3" if how == "bits" else ""
    ran = hold(Asked(WORDS[3], user_id=user_id, limit=50))
    assert ran == ("exact" if how == "at once" else how)
    assert how != "at once" or (any(beside_) and len(beside_) > 20)
    assert (index_scans(model) > before) == (how == "index")
