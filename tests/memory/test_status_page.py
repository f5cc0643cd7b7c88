"""How memory stands, and what is done about it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.memory.documents import checks, queue
from devora_admin.memory.indexing import checking, models, vectors, work
from devora_admin.memory.indexing import queue as marked
from devora_admin.memory.queries import status
from devora_admin.memory.services import remaking
from devora_admin.memory.store.models import Chunk, Source
from tests.memory import rows
from tests.memory.embedders import Hashing, use

pytestmark = pytest.mark.usefixtures("memory")


def badge(html: str) -> str:
    """Of how memory keeps up."""
    head = html.partition('id="work-title"')[2].partition("<dl")[0]
    return " ".join(re.sub("<[^>]+>", " ", head.partition("</h2>")[2]).split())


def checked() -> None:
    checking.ask_for_check()
    while checking.check_some() == 0:
        pass


def facts(html: str) -> str:
    return " ".join(html.split())


def test_it_tells_what_is_there_what_waits_and_what_failed(admin, hashing, make_project, mongo):
    project = make_project(user_id="someone")
    models.ensure_active(hashing)
    work.index_document("projects", project["_id"])
    html = facts(admin.get("/memory/").content.decode())
    assert "<dt>Without a vector yet</dt><dd>2</dd>" in html
    named = f'hashing, revision <span class="mono">{hashing.revision}</span>'
    assert html.count(named) == 2
    assert f"{named}, is ready" in html
    assert "Reading changes" not in html
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
    assert "estimating…. Begun just now." in html
    assert badge(html) == "Being made anew"
    while checking.check_some() == 0:
        pass
    html = facts(editor.get("/memory/").content.decode())
    assert "<strong>0</strong> of about 3 documents" in html
    queue().update_many({}, {"$set": {"due_at": clock.now()}})
    while work.index_some() == 0:
        pass
    work.keep_true()
    assert remaking.under_way() is None
    del editor.cookies["toast"]  # read by now
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
    assert f'<a href="/memory/customers/{customer["id"]}/" dir="auto">Ada</a>' in html


def test_what_waits_is_not_up_to_date_whoever_marked_it(admin, make_project):
    assert badge(admin.get("/memory/").content.decode()) == "Up to date"
    marked.mark([("projects", make_project()["_id"])])
    assert badge(admin.get("/memory/").content.decode()) == "Reading changes"


@pytest.mark.parametrize(
    ("began_s", "waiting", "said"),
    [
        (4, 9, "<strong>1</strong> of about 10 documents, estimating…. Begun just now."),
        (28, 9, "<strong>1</strong> of about 10 documents, about 4 min left. Begun 28 s ago."),
        (28, 0, "<strong>10</strong> of about 10 documents, a few seconds left. Begun 28 s ago."),
    ],
)
def test_how_long_making_anew_takes_is_estimated(
    admin, make_project, monkeypatch, began_s, waiting, said
):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    marked.mark([("projects", make_project()["_id"]) for _ in range(10)][:waiting])
    began = now - timedelta(seconds=began_s)
    checks().insert_one({"_id": checking.REBUILD, "started_at": began, "marked_at": began,
                         "finished_at": None})  # fmt: skip
    assert said in facts(admin.get("/memory/").content.decode())


def test_the_first_filling_is_no_warning_and_what_differs_later_is(admin, make_project):
    made = [make_project()["_id"] for _ in range(3)]
    work.index_document("projects", made[0])
    checked()
    html = facts(admin.get("/memory/").content.decode())
    assert "Memory was being filled: 2 of 3 documents were not in it yet" in html
    assert "is-troubled" not in html.partition('id="check-title"')[2]
    work.index_document("projects", made[1])
    checked()
    html = facts(admin.get("/memory/").content.decode())
    assert "1 of 3 documents differed" in html
    assert "is-troubled" in html.partition('id="check-title"')[2]
    Chunk.objects.all().delete()
    Source.objects.all().delete()
    checked()
    assert "3 of 3 documents were not in it yet" in facts(admin.get("/memory/").content.decode())


def test_the_model_that_is_in_use_is_said_to_make_only_what_is_missing(
    client_for, monkeypatch, settings, hashing, make_project
):
    editor = client_for("editor")
    assert "Make vectors anew?" in editor.get("/memory/").content.decode()
    models.ensure_active(hashing)
    work.index_document("projects", make_project()["_id"])
    html = facts(editor.get("/memory/").content.decode())
    assert "Make missing vectors?" in html
    assert "so they stay. What has none gets one, and what failed is tried again; 2 wait" in html
    assert "Make vectors anew" not in html
    use(monkeypatch, settings, Hashing("new"), hashing)
    assert "Make vectors anew?" in editor.get("/memory/").content.decode()
