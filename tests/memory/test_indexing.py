"""What changes in MongoDB is in memory, as it is now and no other way."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from devora_admin.core import clock
from devora_admin.memory.documents import queue as queue_of
from devora_admin.memory.indexing import models, queue, reading, vectors, work, writing
from devora_admin.memory.indexing.digest import digest
from devora_admin.memory.indexing.sources import origin
from devora_admin.memory.store import fence, reach
from devora_admin.memory.store.models import Chunk, Embedding, EmbeddingCache, EmbeddingTask, Source
from tests import factories
from tests.memory.anew import forget_everything

pytestmark = pytest.mark.usefixtures("memory")


PAY = "def pay():\n" + "    return getUserName() or call(every=1)\n" * 15
OTHER = "def other():\n" + "    return one() or another(number=2) + third\n" * 20


def index(document: dict[str, Any], collection: str = "projects") -> writing.Written:
    return work.index_document(collection, document["_id"])


def texts(**condition: Any) -> list[str]:
    return list(
        Chunk.objects.filter(**condition).order_by("kind", "ordinal").values_list("text", flat=True)
    )


def embed_everything() -> None:
    while vectors.embed_some():
        pass


@pytest.fixture
def project(mongo):
    return factories.insert(
        mongo.projects,
        factories.project(
            name="Shop",
            files=[{"name": "a.py", "content": PAY}],
            conversation_history=[{"role": "user", "content": "喜欢深色模式"}],
        ),
    )


def test_a_project_is_kept_as_what_it_is_its_code_and_its_talk(mongo, project):
    assert index(project).chunks == 3
    assert {(row.kind, row.text) for row in Chunk.objects.all()} == {
        ("project", "Shop\nKind: saas"),
        ("code", PAY.strip()),
        ("message", "喜欢深色模式"),
    }
    assert {row.user_id for row in Chunk.objects.all()} == {"user-1"}
    code = Chunk.objects.get(kind="code")
    assert (code.path, code.symbol, code.line_from, code.line_to) == ("a.py", "pay", 1, 16)
    assert "'getUserName'" in code.names
    mongo.projects.update_one({"_id": project["_id"]}, {"$set": {"updated_at": clock.now()}})
    assert index(project).chunks == 0
    mongo.projects.update_one({"_id": project["_id"]}, {"$set": {"last_opened_at": clock.now()}})
    assert index(project).outcome == "same"


def test_an_older_reading_never_replaces_a_newer_one_nor_brings_back_a_deleted(mongo, project):
    older = reading.read("projects", project["_id"])
    mongo.projects.update_one({"_id": project["_id"]}, {"$set": {"name": "Store"}})
    index(project)
    where = origin("projects", project["_id"])
    assert writing.write(older, origin=where).outcome == "older"
    assert texts(kind="project") == ["Store\nKind: saas"]
    mongo.projects.delete_one({"_id": project["_id"]})
    assert index(project).outcome == "removed"
    assert writing.write(older, origin=where).outcome == "older"
    assert Chunk.objects.count() == 0
    mongo.projects.insert_one(project)
    assert index(project).outcome == "written"
    assert Chunk.objects.count() == 3


def test_what_stays_the_same_keeps_its_row_and_vector_wherever_it_moves(mongo, project, hashing):
    models.ensure_active(hashing)
    index(project)
    embed_everything()
    before = Chunk.objects.get(kind="code").pk
    code = f"{OTHER}\n\n{PAY}"
    files = [{"name": "a.py", "content": code}]
    mongo.projects.update_one(
        {"_id": project["_id"]}, {"$set": {"files": files, "user_id": "next"}}
    )
    index(project)
    kept = Chunk.objects.get(pk=before)
    assert (kept.line_from, kept.user_id) == (24, "next")
    assert set(Embedding.objects.values_list("user_id", flat=True)) == {"next"}
    embed_everything()
    assert len(hashing.embedded) == 4


def test_the_same_text_is_embedded_once_for_everyone(mongo, hashing):
    models.ensure_active(hashing)
    for number in range(4):
        index(factories.insert(mongo.projects, factories.project(user_id=f"u{number}", name="A")))
    embed_everything()
    assert Embedding.objects.count() == Chunk.objects.count() == 8
    assert len(hashing.embedded) == len(set(hashing.embedded)) == 2
    assert EmbeddingCache.objects.count() == 2


def test_words_are_there_while_the_hashing_is_away_and_vectors_follow(mongo, project, hashing):
    models.ensure_active(hashing)
    hashing.is_away = True
    index(project)
    assert work.embed_some() > 1
    assert (Chunk.objects.count(), EmbeddingTask.objects.count()) == (3, 3)
    hashing.is_away = False
    embed_everything()
    assert (Embedding.objects.count(), EmbeddingTask.objects.count()) == (3, 0)


def test_a_text_that_cannot_be_embedded_is_tried_again_and_holds_no_other_up(
    mongo, project, hashing, monkeypatch
):
    models.ensure_active(hashing)
    index(project)
    make = hashing._values
    monkeypatch.setattr(
        hashing, "_values", lambda text: make(text) * 0 if "Shop" in text else make(text)
    )
    embed_everything()
    task = EmbeddingTask.objects.get()
    assert (task.tries, task.chunk.kind) == (1, "project")
    assert "zero" in task.error
    assert Embedding.objects.count() == 2


def test_who_is_fenced_is_not_written_about(mongo, project):
    with reach.writing() as cursor:
        fence.put_up(cursor, ["user-1"])
    queue.mark([("projects", project["_id"])], settle=timedelta())
    work.index_some()
    assert Source.objects.count() == 0
    assert queue_of().count_documents({}) == 0


def test_a_burst_is_one_row_and_a_mark_during_the_work_is_not_lost(mongo, project):
    for _ in range(30):
        queue.mark([("projects", project["_id"])], settle=timedelta())
    assert queue_of().count_documents({}) == 1
    (item,) = queue.claim(10)
    assert queue.claim(10) == []
    queue.mark([("projects", project["_id"])])
    queue.done(item)
    (again,) = queue.claim(10)
    queue.done(again)
    assert queue_of().count_documents({}) == 0


def test_what_cannot_be_indexed_is_set_aside_after_five_tries_and_stops_nobody(
    mongo, project, monkeypatch
):
    poison = factories.insert(mongo.projects, factories.project(name="poison"))
    read = reading.read

    def failing(collection: str, key: Any) -> reading.Moment:
        if key == poison["_id"]:
            raise ValueError("poison")
        return read(collection, key)

    monkeypatch.setattr(reading, "read", failing)
    queue.mark([("projects", each["_id"]) for each in (poison, project)], settle=timedelta())
    for _ in range(queue.MOST_TRIES):
        work.index_some()
        queue_of().update_many({"due_at": {"$exists": True}}, {"$set": {"due_at": factories.EPOCH}})
    row = queue_of().find_one({})
    assert (row["_id"]["k"], row["tries"], "due_at" in row) == (poison["_id"], 5, False)
    assert Source.objects.filter(key=project["id"]).count() == 3
    monkeypatch.undo()
    queue.mark([("projects", poison["_id"])], settle=timedelta())
    work.index_some()
    assert Source.objects.filter(key=poison["id"]).exists()


def test_parts_of_a_thread_lead_to_their_project(mongo, project):
    part = {
        "_id": ObjectId(),
        "project_id": project["id"],
        "messages": [{"role": "user", "content": "Old words"}],
    }
    mongo.conversations.insert_one(part)
    index(part, "conversations")
    assert sorted(texts(kind="message")) == ["Old words", "喜欢深色模式"]
    assert index({"_id": ObjectId()}, "conversations").outcome == "same"


def test_a_nul_in_any_field_keeps_nothing_out(mongo):
    said = [{"role": "us\0er", "content": "Hel\0lo"}]
    project = factories.project(name="Sh\0op", project_type="\0", conversation_history=said)
    issue = {
        "_id": ObjectId(), "id": "i", "user_id": "u", "status": "op\0en", "number": 7,
        "subject": "No\0t", "first": {"kind": "sup\0port", "text": "Thanks", "sequence": 2},
    }  # fmt: skip
    assert index(factories.insert(mongo.projects, project)).outcome == "written"
    assert index(factories.insert(mongo.support_issues, issue), "support_issues").chunks == 1
    assert texts(kind="issue")[0].endswith("Thanks")
    assert Source.objects.get(kind="issue").facts == {"number": 7, "status": "op\ufffden"}


MALFORMED = st.one_of(st.none(), st.integers(-5, 5), st.text(max_size=5), st.just([1, None]),
                      st.just({"a": "b"}), st.just(b"bytes"))  # fmt: skip
SAID = st.sampled_from(["Always use Tailwind", "I prefer Postgres", "don't use Redux"])
CONTENTS = st.one_of(
    st.tuples(
        st.sampled_from(["name", "description", "files", "conversation_history", "metadata",
                         "user_id", "project_type", "id"]),
        st.one_of(
            MALFORMED,
            st.just([{"name": "package.json", "content": '{"dependencies": {"next": "1"}}'}]),
            st.lists(st.fixed_dictionaries({"name": st.sampled_from(["a.py", "b.md"]),
                                            "content": st.text(max_size=40)}), max_size=2),
            st.lists(st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "\0"]),
                                            "content": st.one_of(st.text(max_size=40), SAID)}),
                     max_size=3),
        ),
    ),
    st.tuples(
        st.sampled_from(["updated_at", "created_at"]),
        st.one_of(st.none(), st.text(max_size=5),
                  st.datetimes().map(lambda each: each.replace(microsecond=0))),
    ),
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.integers(0, 3), CONTENTS), max_size=12)


@given(changes=CHANGES)
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_built_anew_is_what_grew_change_by_change(mongo, changes):
    mongo.projects.delete_many({})
    forget_everything()
    projects = [factories.insert(mongo.projects, factories.project()) for _ in range(4)]
    for which, (field, value) in changes:
        chosen = projects[which]
        if value is None and field == "name":
            mongo.projects.delete_one({"_id": chosen["_id"]})
        else:
            value = value if field != "id" else f"id-{which}-{next(_numbers)}"
            mongo.projects.update_one({"_id": chosen["_id"]}, {"$set": {field: value}})
        index(chosen)
    for each in projects:
        index(each)
    live = digest()
    forget_everything()
    for each in mongo.projects.find():
        index(each)
    assert digest() == live


_numbers = itertools.count()
