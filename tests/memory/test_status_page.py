"""How memory stands, and what is done about it."""

from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.memory.documents import queue
from devora_admin.memory.indexing import checking, models, vectors, work
from devora_admin.memory.queries import status
from devora_admin.memory.services import remaking
from devora_admin.memory.store.models import Chunk
from tests.memory import rows

pytestmark = pytest.mark.usefixtures("memory")


def facts(html: str) -> str:
    return " ".join(html.split())


def test_it_tells_what_is_there_what_waits_and_what_failed(admin, hashing, make_project, mongo):
    project = make_project(user_id="someone")
    models.ensure_active(hashing)
    work.index_document("projects", project["_id"])
    html = facts(admin.get("/memory/").content.decode())
    assert "<dt>Without a vector yet</dt><dd>2</dd>" in html
    assert "hashing is ready" in html
    assert "In use" in html
    assert "Index (HNSW)" in html
    while vectors.embed_some():
        pass
    dead = {"c": "projects", "k": project["_id"]}
    now = clock.now()
    queue().insert_one({"_id": dead, "marks": 1, "since": now, "tries": 5, "dead_at": now,
                        "error": "ValueError: odd"})  # fmt: skip
    html = facts(admin.get("/memory/").content.decode())
    assert "Up to date" in html
    assert "ValueError: odd" in html
    assert f"/projects/{project['id']}/" in html
    where = f'projects:{{"$oid": "{project["_id"]}"}}'
    assert admin.post("/memory/set-aside/retry/", {"origin": where}).status_code == 302
    assert queue().count_documents({"due_at": {"$exists": True}, "tries": 0}) == 1
    queue().update_one({"_id": dead}, {"$set": {"dead_at": now}, "$unset": {"due_at": ""}})
    assert admin.post("/memory/set-aside/discard/", {"origin": where}).status_code == 302
    assert queue().count_documents({}) == 0
    for wrong in (where, "x", "projects:{", ""):
        assert admin.post("/memory/set-aside/retry/", {"origin": wrong}).status_code in (404, 422)
    assert mongo.audit_log.count_documents({"action": {"$regex": "^memory"}}) == 2


def test_vectors_and_all_of_memory_are_made_anew_with_their_progress(
    client_for, hashing, make_project
):
    editor = client_for("editor")
    for _ in range(3):
        work.index_document("projects", make_project()["_id"])
    assert editor.post("/memory/rebuild/").status_code == 302
    assert not Chunk.objects.exists()
    assert editor.post("/memory/rebuild/").status_code == 409
    html = facts(editor.get("/memory/", headers={"HX-Request": "true"}).content.decode())
    assert "Memory is being made anew" in html
    while checking.check_some() == 0:
        pass
    html = facts(editor.get("/memory/").content.decode())
    assert "<strong>0</strong> of about 3 documents" in html
    queue().update_many({}, {"$set": {"due_at": clock.now()}})
    while work.index_some() == 0:
        pass
    work.keep_true()
    assert remaking.under_way() is None
    html = facts(editor.get("/memory/").content.decode())
    assert "made anew" not in html.partition('<div class="memory-columns">')[0].split("<main")[1]
    assert "All 3 documents were marked to be read again" in html
    assert editor.post("/memory/reembed/").status_code == 302
    assert client_for("support").post("/memory/reembed/").status_code == 403


def test_of_much_the_statistics_tell_about(admin, monkeypatch, make_customer):
    customer = make_customer(name="Ada")
    rows.chunks([{"text": f"no. {n}", "user_id": customer["id"]} for n in range(30)])
    rows.chunks([{"text": "of another", "user_id": "x", "kind": "message"} for _ in range(10)])
    from django.db import connections

    with connections["memory"].cursor() as cursor:
        cursor.execute("ANALYZE memory_chunk")
    monkeypatch.setattr(status, "COUNTED", 20)
    stored: Any = status.stored()
    assert stored.is_about
    assert {each.name: each.chunks for each in stored.kinds} == {"code": 30, "message": 10}
    assert stored.customers[0].name == customer["id"]
    html = facts(admin.get("/memory/").content.decode())
    assert "about 40 pieces" in html
    assert ">Ada</a>" in html
