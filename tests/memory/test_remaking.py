"""Memory and its vectors are made anew while they go on serving, and what differs is found."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.memory.documents import checks, queue
from devora_admin.memory.indexing import checking, models, vectors, work
from devora_admin.memory.indexing.digest import digest
from devora_admin.memory.indexing.sources import origin
from devora_admin.memory.services import remaking, set_aside
from devora_admin.memory.store.models import (
    Chunk,
    Embedding,
    EmbeddingCache,
    EmbeddingModel,
    EmbeddingTask,
    Source,
)
from tests import factories
from tests.memory.embedders import Hashing, use

pytestmark = pytest.mark.usefixtures("memory")


def projects(mongo: Any, count: int) -> list[dict[str, Any]]:
    found = [
        factories.insert(mongo.projects, factories.project(name=f"Number {n}"))
        for n in range(count)
    ]
    for each in found:
        work.index_document("projects", each["_id"])
    return found


def check() -> dict[str, int]:
    checking.ask_for_check()
    while not checking.check_some():
        pass
    found: dict[str, int] = checks().find_one({"_id": "check"})["found"]
    return found


def test_another_models_vectors_are_made_while_the_old_ones_serve(
    mongo, monkeypatch, settings, actor
):
    old, new = Hashing("old"), Hashing("new", dims=32)
    use(monkeypatch, settings, old)
    models.ensure_active(old)
    projects(mongo, 5)
    while vectors.embed_some():
        pass
    use(monkeypatch, settings, new, old)
    remaking.reembed(actor=actor)
    with pytest.raises(Conflict):
        remaking.reembed(actor=actor)
    assert models.active().name == "old"
    vectors.embed_some(3)
    assert not models.exchange_some()
    late = projects(mongo, 1)
    assert models.active().name == "old"
    while vectors.embed_some() or models.exchange_some():
        pass
    assert [(model.name, model.state) for model in models.every()] == [("new", "active")]
    assert Embedding.objects.count() == Chunk.objects.count()
    assert {len(row.vector) for row in Embedding.objects.all()} == {32}
    assert Chunk.objects.filter(project_id=late[0]["id"]).exists()
    assert EmbeddingCache.objects.filter(model__name="old").count() == 0
    assert mongo.audit_log.find_one({"action": "memory.reembed"})["before"] == {"model": "old 1"}


def test_with_the_same_model_what_failed_is_tried_again(mongo, hashing, actor):
    models.ensure_active(hashing)
    projects(mongo, 1)
    EmbeddingTask.objects.update(tries=5)
    assert not vectors.embed_some()
    call_command("reembed", verbosity=0)
    assert Embedding.objects.count() == Chunk.objects.count() == 2


def test_a_first_model_whose_making_was_broken_off_is_completed(mongo, hashing):
    projects(mongo, 1)
    model_id = models.add(hashing, "active")
    models.ensure_active(hashing)
    assert EmbeddingTask.objects.count() == 2
    with connections["memory"].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [models.index_name(model_id)])
        assert cursor.fetchone()[0]


def test_without_an_embedder_it_says_what_to_set():
    with pytest.raises(CommandError, match="EMBEDDING_PROVIDER"):
        call_command("reembed")


def test_memory_made_anew_is_what_it_was_and_each_text_is_embedded_once(mongo, hashing, capsys):
    models.ensure_active(hashing)
    projects(mongo, 5)
    while vectors.embed_some():
        pass
    before, ids = digest(), set(Chunk.objects.values_list("pk", flat=True))
    embedded = len(hashing.embedded)
    call_command("memory_rebuild")
    assert capsys.readouterr().out.strip().endswith(before)
    assert not ids & set(Chunk.objects.values_list("pk", flat=True))
    assert Embedding.objects.count() == Chunk.objects.count()
    assert len(hashing.embedded) == embedded
    assert remaking.under_way() is None
    assert EmbeddingModel.objects.count() == 1


def test_a_rebuild_under_way_is_not_begun_twice(mongo, actor):
    remaking.rebuild(actor=actor)
    with pytest.raises(Conflict):
        remaking.rebuild(actor=actor)


def test_the_check_finds_what_is_missing_older_and_left_over(mongo, monkeypatch):
    monkeypatch.setattr(checking, "AT_ONCE", 3)
    found = projects(mongo, 8)
    assert check() == {"documents": 8, "missing": 0, "older": 0, "left_over": 0}
    Source.objects.filter(key=found[0]["id"]).delete()
    mongo.projects.update_one(
        {"_id": found[4]["_id"]}, {"$set": {"name": "Changed", "updated_at": clock.now()}}
    )
    mongo.projects.delete_one({"_id": found[7]["_id"]})
    mongo.projects.insert_one({"_id": 7, "name": "nameless"})
    assert check() == {"documents": 7, "missing": 1, "older": 1, "left_over": 1}
    assert queue().count_documents({}) == 3
    queue().update_many({}, {"$set": {"due_at": factories.EPOCH}})
    while not work.index_some():
        pass
    assert check() == {"documents": 7, "missing": 0, "older": 0, "left_over": 0}
    assert Chunk.objects.filter(text__startswith="Changed").exists()
    assert not Chunk.objects.filter(project_id=found[7]["id"]).exists()


def test_the_check_leaves_nothing_of_what_was_deleted_long_ago(mongo, hashing):
    models.ensure_active(hashing)
    gone, kept = projects(mongo, 2)
    while vectors.embed_some():
        pass
    mongo.projects.delete_one({"_id": gone["_id"]})
    work.index_document("projects", gone["_id"])
    assert Source.objects.filter(key=gone["id"], deleted_at__isnull=False).count() == 3
    check()
    assert Source.objects.filter(key=gone["id"]).count() == 3
    Source.objects.filter(key=gone["id"]).update(deleted_at=factories.EPOCH)
    check()
    assert set(Source.objects.values_list("key", flat=True)) == {kept["id"]}
    assert EmbeddingCache.objects.count() == len(set(Chunk.objects.values_list("text", flat=True)))


def test_staff_retry_and_discard_what_was_set_aside(mongo, actor):
    dead = {"marks": 1, "since": factories.EPOCH, "tries": 5, "error": "x", "dead_at": clock.now()}
    for key in ("one", "two"):
        queue().insert_one({"_id": {"c": "projects", "k": key}, **dead})
    set_aside.retry_document(origin("projects", "one"), actor=actor)
    set_aside.discard_document(origin("projects", "two"), actor=actor)
    (row,) = queue().find()
    assert (row["_id"]["k"], row["tries"], "dead_at" in row) == ("one", 0, False)
    for unknown in (origin("projects", "one"), "projects:{", "", "nothing:1"):
        with pytest.raises(NotFound):
            set_aside.retry_document(unknown, actor=actor)
    actions = {each["action"] for each in mongo.audit_log.find()}
    assert actions == {"memory.retry", "memory.discard"}


def test_a_reembed_needs_an_embedder(actor):
    with pytest.raises(InvalidInput):
        remaking.reembed(actor=actor)
