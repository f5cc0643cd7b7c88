"""Chunks get their vectors, whoever is away and whatever cannot be embedded."""

import math

import pytest

from devora_admin.core import clock
from devora_admin.memory.embedding import EmbedderUnavailable
from devora_admin.memory.indexing import models, vectors, work
from devora_admin.memory.services import remaking
from devora_admin.memory.store.models import (
    Embedding,
    EmbeddingTask,
)
from tests.memory.embedded import by_endpoint, embed_everything, remembered, without_a_vector
from tests.memory.embedding_endpoint import DIMS, Endpoint, spoiled

pytestmark = pytest.mark.usefixtures("memory")


@pytest.mark.parametrize(
    "by", [(400, {}), (500, b"oops"), [0.0] * DIMS, [math.nan] * DIMS, [1.0]], ids=str
)
def test_a_text_that_an_endpoint_cannot_embed_holds_no_other_up(mongo, settings, remote, by):
    by_endpoint(settings, remote.url)
    remembered(mongo, "Poison", *(f"Number {number}" for number in range(40)))
    remote.always = spoiled("Poison", by)
    while work.embed_some() == 0:
        pass
    task = EmbeddingTask.objects.get()
    assert (task.tries, task.chunk.text) == (1, "Poison\nKind: saas")
    assert task.error.startswith("BadVector: the embedding endpoint ")
    assert Embedding.objects.count() == 40
    remote.always = Endpoint().always
    EmbeddingTask.objects.update(next_try_at=clock.now())
    embed_everything()
    assert without_a_vector() == set()


@pytest.mark.parametrize("status", [401, 429, 503])
def test_an_endpoint_that_is_away_is_no_fault_of_the_texts(mongo, settings, remote, status):
    by_endpoint(settings, remote.url)
    remembered(mongo, "One", "Two")
    remote.always = lambda request: (status, {})
    for _ in range(models.MOST_TRIES + 1):
        with pytest.raises(EmbedderUnavailable):
            vectors.embed_some()
    assert set(EmbeddingTask.objects.values_list("tries", "error")) == {(0, "")}
    remote.always = Endpoint().always
    embed_everything()
    assert without_a_vector() == set()


def test_vectors_are_made_anew_although_the_old_embedder_is_gone(from_old_to_new, actor):
    remaking.reembed(actor=actor)
    models.exchange_some()
    assert work.embed_some() == 0
    assert Embedding.objects.filter(model__name="new").count() == 6
    while models.exchange_some():
        pass
    assert [(model.name, model.state) for model in models.every()] == [("new", "active")]


def test_an_embedder_that_is_away_is_not_waited_for_while_another_has_work(from_old_to_new, actor):
    old, new = from_old_to_new
    remaking.reembed(actor=actor)
    models.exchange_some()
    for _ in range(6):
        assert vectors.embed_some(1) == 1
    assert (old.asked, new.asked) == (1, 6)
    with pytest.raises(EmbedderUnavailable):
        vectors.embed_some(1)
    old.is_away = False
    assert vectors.embed_some() == 6
