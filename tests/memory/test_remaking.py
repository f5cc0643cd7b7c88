"""Memory and its vectors are made anew while they go on serving, and what differs is found."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.memory.documents import checks, queue
from devora_admin.memory.indexing import checking, models, vectors, work
from devora_admin.memory.indexing import queue as marks
from devora_admin.memory.indexing.digest import digest
from devora_admin.memory.indexing.sources import origin
from devora_admin.memory.preferences.queries import preferences_of
from devora_admin.memory.services import remaking, set_aside
from devora_admin.memory.services.deciding import decide_preference
from devora_admin.memory.store import reach
from devora_admin.memory.store.models import (
    Chunk,
    Embedding,
    EmbeddingCache,
    EmbeddingModel,
    EmbeddingTask,
    Source,
)
from tests import factories
from tests.memory.anew import read_what_waits
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


def meanwhile(monkeypatch: Any, name: str, happens: Callable[[], Any]) -> None:
    """When PostgreSQL is reached next by that way, something else happens just before."""
    way = getattr(reach, name)

    def reached(**how: Any) -> Any:
        monkeypatch.setattr(reach, name, way)
        happens()
        return way(**how)

    monkeypatch.setattr(reach, name, reached)


@pytest.mark.parametrize("pieces", range(4))
def test_a_rebuild_that_is_asked_for_while_a_check_is_at_work_reads_everything(
    mongo, actor, monkeypatch, pieces
):
    projects(mongo, 5)
    work.make_ready()
    before = digest()
    checking.ask_for_check()
    for _ in range(pieces):
        checking.check_some()
    meanwhile(monkeypatch, "reading", lambda: remaking.rebuild(actor=actor))
    checking.check_some()
    while remaking.under_way():
        checking.check_some()
        read_what_waits()
        checking.finish_rebuild()
    assert digest() == before


def test_a_check_after_an_outage_is_not_lost_to_the_one_that_is_at_its_end(mongo, monkeypatch):
    lost = projects(mongo, 3)[0]
    checking.ask_for_check()
    for _ in range(3):
        checking.check_some()

    def comes_back_older() -> None:
        Source.objects.filter(key=lost["id"]).delete()
        checking.begin_anew()

    meanwhile(monkeypatch, "reading", comes_back_older)
    while not checking.check_some():
        pass
    assert [row["_id"]["k"] for row in queue().find()] == [lost["_id"]]


def test_what_was_read_before_memory_was_empty_does_not_count(mongo, actor, monkeypatch):
    projects(mongo, 2)

    def read_it_all() -> None:
        while not checking.check_some():
            pass
        read_what_waits()
        checking.finish_rebuild()

    work.make_ready()
    meanwhile(monkeypatch, "patient", read_it_all)
    remaking.rebuild(actor=actor)
    assert remaking.under_way()
    read_it_all()
    assert not remaking.under_way()
    assert Source.objects.count() == 6


def test_a_clock_that_is_slow_ends_no_rebuild_too_soon(mongo, actor, monkeypatch):
    projects(mongo, 2)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() - timedelta(hours=1))
    remaking.rebuild(actor=actor)
    while not checking.check_some():
        pass
    checking.finish_rebuild()
    assert queue().count_documents({}) == 2
    assert remaking.under_way()


def test_what_was_being_read_when_memory_was_emptied_is_waited_for(mongo, actor):
    (project,) = projects(mongo, 1)
    marks.mark([("projects", project["_id"])], settle=timedelta())
    (item,) = marks.claim(1)
    remaking.rebuild(actor=actor)
    while not checking.check_some():
        pass
    time.sleep(0.01)
    marks.done(item)
    checking.finish_rebuild()
    assert remaking.under_way()


def test_what_staff_decided_about_a_customer_who_has_nothing_yet_is_there_after_a_rebuild(
    make_customer, actor
):
    user_id = make_customer()["id"]
    decide_preference(
        user_id, topic="css", value="tailwind", standing="pinned", expected="", actor=actor
    )
    read_what_waits()
    before = digest()
    call_command("memory_rebuild", verbosity=0)
    assert [row.value for row in preferences_of(user_id)] == ["tailwind"]
    assert digest() == before


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
