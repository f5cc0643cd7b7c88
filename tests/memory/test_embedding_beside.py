"""What is being embedded changes, moves or goes meanwhile, and nobody waits for it."""

from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.memory.indexing import models, vectors, work
from devora_admin.memory.store.models import (
    Chunk,
    Embedding,
    EmbeddingCache,
    EmbeddingModel,
    EmbeddingTask,
)
from tests.memory.beside import another, held_after, in_thread, until_locked
from tests.memory.embedded import by_endpoint, embed_everything, remembered, without_a_vector
from tests.memory.embedding_endpoint import Endpoint
from tests.memory.test_away import until, working

pytestmark = pytest.mark.usefixtures("memory")


def test_nobody_waits_for_an_embedder_that_is_at_work(mongo, hashing, actor):
    """Memory is even emptied meanwhile."""
    models.ensure_active(hashing)
    remembered(mongo, "One", "Two")

    def empty() -> None:
        with another() as other:
            other.execute("SET lock_timeout = '200ms'; TRUNCATE memory_source CASCADE")

    hashing.meanwhile = empty
    assert vectors.embed_some() == 2
    counts = [each.objects.count() for each in (Chunk, Embedding, EmbeddingTask, EmbeddingCache)]
    assert counts == [0, 0, 0, 0]


def test_what_changes_while_it_is_embedded_gets_no_vector_of_what_it_was(mongo, hashing):
    models.ensure_active(hashing)
    changed, gone, _ = remembered(mongo, "One", "Two", "Three")

    def change() -> None:
        hashing.meanwhile = lambda: None
        mongo.projects.update_one({"_id": changed["_id"]}, {"$set": {"name": "Four"}})
        mongo.projects.delete_one({"_id": gone["_id"]})
        with in_thread(lambda: [work.index_document("projects", each["_id"])
                                for each in (changed, gone)]) as done:  # fmt: skip
            done.result(20)

    hashing.meanwhile = change
    embed_everything()
    made = Embedding.objects.values_list("chunk__text", flat=True)
    assert sorted(made) == ["Four\nKind: saas", "Three\nKind: saas"]
    assert set(EmbeddingCache.objects.values_list("sha256", flat=True)) == set(
        Chunk.objects.values_list("sha256", flat=True)
    )
    for row in Embedding.objects.select_related("chunk"):
        [wanted] = hashing.embed([row.chunk.text])
        assert row.vector == pytest.approx(wanted.values.tolist(), abs=1e-3)


def test_a_model_that_is_given_up_while_it_embeds_leaves_nothing(mongo, hashing):
    models.ensure_active(hashing)
    remembered(mongo, "One")
    hashing.meanwhile = lambda: EmbeddingModel.objects.update(state="retired")
    vectors.embed_some()
    assert not Embedding.objects.exists()
    assert not EmbeddingCache.objects.exists()
    while models.exchange_some():
        pass
    assert models.every() == []


def test_what_moves_to_another_customer_meanwhile_moves_with_its_vector(mongo, hashing):
    models.ensure_active(hashing)
    remembered(mongo, "One")
    with another() as moving:
        moving.execute("UPDATE memory_chunk SET user_id = 'next'")
        moving.execute("UPDATE memory_embedding SET user_id = 'next'")
        with in_thread(vectors.embed_some) as embedding:
            until_locked()
            moving.commit()
            assert embedding.result(20) == 1
    assert Embedding.objects.get().user_id == "next"


def test_what_is_dropped_while_its_vector_is_stored_leaves_none(mongo, hashing, at_once):
    models.ensure_active(hashing)
    project, _ = remembered(mongo, "One", "Two")
    mongo.projects.update_one({"_id": project["_id"]}, {"$set": {"name": "Three"}})
    storing = held_after("INSERT INTO memory_embedding ", vectors.embed_some)
    writing = in_thread(lambda: work.index_document("projects", project["_id"]))
    with storing as (stored, let_go), writing as written:
        until_locked()
        let_go.set()
        assert stored.result(20) == 2
        assert written.result(20).outcome == "written"
    assert without_a_vector() == {"Three\nKind: saas"}
    assert Embedding.objects.count() == 1
    embed_everything()
    assert Embedding.objects.count() == Chunk.objects.count() == 2


def test_a_worker_killed_while_it_embeds_loses_no_text(mongo, settings, remote):
    by_endpoint(settings, remote.url)
    remembered(mongo, "One", "Two")

    def hang(request: dict[str, Any]) -> tuple[int, Any]:
        remote.closing.wait(20)
        return 500, {}

    remote.always = hang
    told = {name: str(getattr(settings, name)) for name in (
        "EMBEDDING_PROVIDER", "EMBEDDING_URL", "EMBEDDING_MODEL", "EMBEDDING_DIMS",
        "EMBEDDING_API_KEY")}  # fmt: skip
    worker = working(**told)
    try:
        until(lambda: len(remote.requests) > 0)
    finally:
        worker.kill()
        worker.wait()
    assert set(EmbeddingTask.objects.values_list("tries", flat=True)) == {0}
    assert EmbeddingTask.objects.count() == 2
    remote.always = Endpoint().always
    assert vectors.embed_some() == 0
    # As three minutes later.
    for task in EmbeddingTask.objects.all():
        assert task.next_try_at <= clock.now() + vectors.CLAIM
        EmbeddingTask.objects.filter(pk=task.pk).update(
            next_try_at=task.next_try_at - vectors.CLAIM
        )
    assert vectors.embed_some() == 2
    assert without_a_vector() == set()
