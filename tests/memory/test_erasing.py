"""Erasing a customer leaves nothing in PostgreSQL, and keeps everyone else's."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connections

from devora_admin.core import jobs
from devora_admin.memory import erasing, exporting
from devora_admin.memory.documents import notes
from devora_admin.memory.indexing import models, vectors
from devora_admin.memory.services.notes import store_conversation
from devora_admin.memory.store import fence, reach
from devora_admin.memory.store.models import (
    Chunk,
    Embedding,
    EmbeddingCache,
    EmbeddingModel,
    EmbeddingTask,
    ErasureReceipt,
    Preference,
    PreferenceEvidence,
    Source,
)
from devora_admin.staff import audit
from devora_admin.users import holdings
from devora_admin.users.erasing import requests
from devora_admin.users.exporting import requests as copies
from devora_admin.users.exporting.documents import EXPORT_CHUNKS
from tests import factories
from tests.memory import rows as rows_of
from tests.memory.beside import another, held_after, in_thread, until_locked
from tests.users.traces import approved, run_jobs

pytestmark = pytest.mark.usefixtures("memory")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def remember(user_id: str, project_id: str, texts: list[str]) -> None:
    """A row about them in every table."""
    model, _ = EmbeddingModel.objects.get_or_create(
        name="m", revision="1", dims=2, defaults={"state": "active", "created_at": NOW}
    )
    scope = {"user_id": user_id, "project_id": project_id}
    source = Source.objects.create(
        kind="code", key=project_id, title="", version=1, digest=b"", indexed_at=NOW, **scope
    )
    for number, text in enumerate(texts):
        sha = hashlib.sha256(text.encode()).digest()
        chunk = Chunk.objects.create(
            source=source, kind="code", ordinal=number, text=text, sha256=sha, names="", **scope
        )
        Embedding.objects.create(chunk=chunk, model=model, dims=2, vector=[1, 0], **scope)
        EmbeddingTask.objects.create(chunk=chunk, model=model, next_try_at=NOW)
        EmbeddingCache.objects.get_or_create(
            model=model, sha256=sha, defaults={"dims": 2, "vector": [1, 0]}
        )
    said = {"topic": "css", "value": "tailwind", **scope}
    Preference.objects.create(score=1, confidence=1, evidence_count=1, reckoned_at=NOW, **said)
    PreferenceEvidence.objects.create(
        source=source, weight=1, kind="statement", quote="use it", at=NOW, **said
    )


def rows() -> dict[str, int]:
    with connections["memory"].cursor() as cursor:
        found = {}
        for table in ("source", "chunk", "embedding", "embeddingtask", "embeddingcache",
                      "preference", "preferenceevidence"):  # fmt: skip
            cursor.execute(f"SELECT count(*) FROM memory_{table}")
            found[table] = cursor.fetchone()[0]
        return found


@pytest.fixture
def people(staff):
    return [audit.actor_for(staff("admin", email=f"{name}@devora.example")) for name in "ab"]


def test_everything_of_the_customer_goes_and_everything_of_others_stays(mongo, people, monkeypatch):
    monkeypatch.setattr(erasing, "AT_ONCE", 3)
    customer, other = (factories.insert(mongo.users, factories.customer()) for _ in range(2))
    mine, theirs = (
        factories.insert(mongo.projects, factories.project(user_id=each["id"]))
        for each in (customer, other)
    )
    remember(other["id"], theirs["id"], ["shared", "their own"])
    before = rows()
    remember(customer["id"], mine["id"], ["shared", *map(str, range(8))])
    store_conversation(customer["id"], "", [{"role": "user", "content": "I like red"}])

    erasure_id = approved(customer["id"], *people)
    run_jobs()

    assert mongo.erasures.find_one({"_id": erasure_id})["state"] == "done"
    assert mongo.erasures.find_one({"_id": erasure_id})["counts"]["memory"] >= 12
    assert rows() == before
    assert notes().count_documents({}) == 0
    receipt = ErasureReceipt.objects.get()
    assert receipt.user_id == customer["id"]
    assert receipt.verified_at
    assert receipt.counts["chunks"] == 9
    with reach.writing() as cursor:
        assert not fence.may_write(cursor, customer["id"])
        assert fence.may_write(cursor, other["id"])


def test_a_vector_that_is_just_being_stored_is_erased_as_well(hashing, at_once):
    models.ensure_active(hashing)
    found = [rows_of.a_chunk(f"text {number}", user_id="theirs") for number in range(5)]
    kept = rows_of.a_chunk("of another", user_id="another")
    models.ensure_active(hashing)
    erasing.fence_off(["theirs"])
    storing = held_after("INSERT INTO memory_embedding ", vectors.embed_some)
    erase = in_thread(lambda: erasing.erase_some(["theirs"], []))
    with storing as (stored, let_go), erase as erased:
        until_locked()
        let_go.set()
        assert stored.result(20) == len(found) + 1
        assert erased.result(20) == len(found)
    while erasing.erase_some(["theirs"], []):
        pass
    assert erasing.close(["theirs"], [])
    assert [row.chunk_id for row in Embedding.objects.all()] == [kept.pk]
    assert (EmbeddingTask.objects.count(), EmbeddingCache.objects.count()) == (0, 1)


def test_an_erasure_that_another_transaction_locks_out_is_gone_on_with(hashing):
    models.ensure_active(hashing)
    chunk = rows_of.a_chunk("text", user_id="theirs")
    models.ensure_active(hashing)
    with another() as other:
        other.execute("UPDATE memory_chunk SET role = 'user'")
        with in_thread(lambda: erasing.erase_some(["theirs"], [])) as erased:
            until_locked()
            # Now each waits for the other, and who began to wait first is sent away.
            other.execute("SELECT 1 FROM memory_embeddingtask FOR UPDATE")
            other.commit()
            assert erased.result(20) == 1
    assert not Chunk.objects.filter(pk=chunk.pk).exists()


def test_while_memory_is_away_the_rest_is_erased_and_other_jobs_have_their_turn(
    mongo, people, monkeypatch, admin
):
    customer = factories.insert(mongo.users, factories.customer())
    remember(customer["id"], "p", ["remembered"])
    with away(monkeypatch):
        erasure_id = approved(customer["id"], *people)
        for _ in range(requests.MOST_PASSES + 2):
            run_jobs()  # comes back, although nothing answers
            assert mongo.users.count_documents({"id": customer["id"]}) == 0
            page = admin.get(f"/jobs/{mongo.jobs.find_one({})['_id']}/").content.decode()
            assert "Memory is not answering" in page
            mongo.jobs.update_many({}, {"$set": {"due_at": NOW}})
        assert mongo.erasures.find_one({"_id": erasure_id})["state"] == "running"
    assert Chunk.objects.count() == 1
    run_jobs()
    assert mongo.erasures.find_one({"_id": erasure_id})["state"] == "done"
    assert set(rows().values()) == {0}
    assert ErasureReceipt.objects.get().verified_at


def test_who_was_erased_while_memory_was_off_is_caught_up(mongo, people):
    customer = factories.insert(mongo.users, factories.customer())
    approved(customer["id"], *people)
    run_jobs()
    ErasureReceipt.objects.all().delete()
    remember(customer["id"], "p", ["left behind"])
    assert erasing.catch_up() == 1
    assert Chunk.objects.count() == 0
    assert erasing.catch_up() == 0


def exported(customer_id: str) -> Iterator[holdings.Entry]:
    holding = next(each for each in holdings.registered() if each.name == "memory")
    assert holding.export
    return holding.export(holdings.Marks((customer_id,)))


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """PostgreSQL, until the end."""
    connections["memory"].close()
    connections["memory"].close_pool()
    with monkeypatch.context() as changed:
        changed.setitem(connections["memory"].settings_dict, "HOST", "/nowhere")
        yield
        connections["memory"].close_pool()
    reach.breaker.reset()


def test_an_export_holds_what_is_remembered(mongo, actor):
    customer = factories.insert(mongo.users, factories.customer())
    remember(customer["id"], "p", ["喜欢深色模式"])
    store_conversation(customer["id"], "", [{"role": "user", "content": "I like red"}])
    found = {
        entry.path: [json.loads(line) for line in b"".join(entry.chunks).splitlines()]
        for entry in exported(customer["id"])
    }
    assert [row["content"] for row in found["memory/notes.jsonl"]] == ["I like red"]
    assert [row["text"] for row in found["memory/remembered.jsonl"]] == ["喜欢深色模式"]
    assert [row["value"] for row in found["memory/preferences.jsonl"]] == ["tailwind"]
    assert [row["quote"] for row in found["memory/evidence.jsonl"]] == ["use it"]


def test_a_copy_waits_for_memory_that_is_away_and_is_whole_then(mongo, actor, admin, monkeypatch):
    customer = factories.insert(mongo.users, factories.customer())
    remember(customer["id"], "p", ["remembered"])
    with away(monkeypatch):
        copies.ask(customer["id"], actor=actor)
        run_jobs()
        assert mongo[EXPORT_CHUNKS].count_documents({}) == 0
        page = admin.get(f"/jobs/{mongo.jobs.find_one({})['_id']}/").content.decode()
        assert "Memory is not answering" in page
    mongo.jobs.update_many({}, {"$set": {"due_at": NOW}})
    run_jobs()
    [copy] = copies.mine(customer["id"], actor_id=actor.id)
    assert copy.is_ready
    _, pieces = copies.open_copy(customer["id"], copy.id, actor=actor)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    [path] = [name for name in archive.namelist() if name.endswith("memory/remembered.jsonl")]
    assert [json.loads(line)["text"] for line in archive.read(path).splitlines()] == ["remembered"]


def test_memory_that_goes_away_midway_ends_no_file_of_a_copy(monkeypatch):
    monkeypatch.setattr(exporting, "_AT_ONCE", 2)
    remember("theirs", "p", ["one", "two", "three"])
    [entry] = [each for each in exported("theirs") if each.path == "memory/remembered.jsonl"]
    lines = iter(entry.chunks)
    assert [json.loads(next(lines))["text"] for _ in range(2)] == ["one", "two"]
    with away(monkeypatch), pytest.raises(jobs.NotNow, match="Memory is not answering"):
        next(lines)
