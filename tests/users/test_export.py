"""A copy of all about a customer: whole, without credentials, for the one who asked, for a day."""

import hashlib
import io
import json
import resource
import zipfile
from datetime import timedelta
from typing import Any

import bson
import pytest
from bson import Decimal128, Int64, ObjectId, Regex
from bson.raw_bson import RawBSONDocument

from devora_admin.core import clock, job_runner, jobs
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.values import ejson
from devora_admin.projects.services import lifecycle
from devora_admin.staff import audit
from devora_admin.users import holdings
from devora_admin.users.exporting import requests
from tests import factories
from tests.users import traces
from tests.users.traces import Traced, approved, run_jobs


@pytest.fixture
def traced(mongo, actor) -> Traced:
    return Traced(mongo, actor)


def copy_of(customer_id: str, actor: audit.Actor) -> zipfile.ZipFile:
    requests.ask(customer_id, actor=actor)
    run_jobs()
    [copy, *_] = requests.mine(customer_id, actor_id=actor.id)
    assert copy.is_ready, copy.job
    _, pieces = requests.open_copy(customer_id, copy.id, actor=actor)
    data = b"".join(pieces)
    assert hashlib.sha256(data).hexdigest() == copy.sha256
    assert len(data) == copy.size_bytes
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    return archive


def lines_of(archive: zipfile.ZipFile, name: str) -> list[Any]:
    return [json.loads(line) for line in archive.read(name).splitlines()]


def test_it_holds_everything_there_is(traced, actor):
    archive = copy_of(traced.id, actor)
    manifest = json.loads(archive.read("manifest.json"))
    listed = {row["path"]: row for row in manifest["files"]}
    assert set(archive.namelist()) == {*listed, "manifest.json"}
    for path, row in listed.items():
        data = archive.read(path)
        assert (row["size_bytes"], row["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert manifest["customer_id"] == traced.id
    assert listed["events.jsonl"]["documents"] == 31
    assert listed["conversations.jsonl"]["documents"] == 2
    assert listed["conversation_archive.jsonl"]["documents"] == 1
    assert lines_of(archive, "conversation_moves.jsonl")[0]["rest"] == {
        "title": traces.PROJECT_NAME
    }
    assert listed["notes.jsonl"]["documents"] == 1
    assert listed["audit.jsonl"]["documents"] > 5
    assert sum(path.endswith("/project.json") for path in listed) == 4
    exported = {each.name for each in holdings.registered() if each.export}
    assert set(manifest["holdings"]) == exported
    readme = archive.read("README.txt").decode()
    assert "as of 2" in readme
    assert "Projects" in readme


def test_a_projects_conversation_is_the_whole_thread(mongo, traced, actor):
    mongo.projects.update_one(
        {"id": traced.project_ids[0]}, {"$set": {"conversation_history": [{"content": "newest"}]}}
    )
    archive = copy_of(traced.id, actor)
    [name] = [each for each in archive.namelist() if each.endswith("conversation.jsonl")]
    assert [turn["content"] for turn in lines_of(archive, name)] == [
        f"It is {traces.NAME}", "newest", traces.EMAIL,
    ]  # fmt: skip


def test_it_holds_no_credentials_and_no_member_of_staff(mongo, traced, actor):
    mongo.users.update_one(
        {"id": traced.id}, {"$set": {"password_reset": {"token_sha256": "reset-planted"}}}
    )
    archive = copy_of(traced.id, actor)
    everything = b"\n".join(archive.read(name) for name in archive.namelist())
    for secret in (
        b"never-shown",
        b"reset-planted",
        b"planted-secret",
        b"plantedplanted",
        b"short",
    ):
        assert secret not in everything
    [settings] = lines_of(archive, "settings.jsonl")
    assert settings["api_keys"]["openai"].endswith("wxyz")
    assert actor.email.encode() not in everything
    assert actor.id.encode() not in everything
    assert b'"role":"admin"' in archive.read("audit.jsonl")


def test_files_come_as_files_under_safe_names(mongo, traced, actor):
    names = ["src/app.py", "../../evil.sh", "/etc/passwd", "C:\\x.txt", "SRC/APP.py", "a\0b"]
    files = [{"name": name, "content": name, "language": "text"} for name in names]
    factories.insert(
        mongo.projects, factories.project(user_id=traced.id, name="../up", files=[*files, 7])
    )
    archive = copy_of(traced.id, actor)
    for name in archive.namelist():
        assert not name.startswith("/")
        assert ".." not in name.split("/")
        assert "\\" not in name
    assert len({name.casefold() for name in archive.namelist()}) == len(archive.namelist())
    [plain] = [name for name in archive.namelist() if name.endswith("/files/src/app.py")]
    assert archive.read(plain) == b"src/app.py"
    assert [name for name in archive.namelist() if name.endswith("/files/MALFORMED.txt")]


def test_a_document_comes_to_the_byte_whatever_it_holds(mongo, traced, actor):
    odd = bson.encode(
        {
            "_id": ObjectId(), "id": "odd", "user_id": traced.id, "files": "none",
            "a": Int64(1), "b": Decimal128("1.10"), "c": Regex("x", "i"), "d": [{"e": 1.5}],
        }
    )  # fmt: skip
    broken_text = odd.replace(b"none\0", b"no\xff\xfe\0")
    mongo.projects.insert_one(RawBSONDocument(odd))
    mongo.projects.insert_one(
        RawBSONDocument(broken_text.replace(b"\x07_id\0" + odd[9:21], b"\x07_id\0" + b"z" * 12)
                        .replace(b"odd\0", b"od2\0"))
    )  # fmt: skip
    archive = copy_of(traced.id, actor)
    [whole] = [name for name in archive.namelist() if name.endswith("-odd/project.json")]
    tree = ejson.loads(archive.read(whole).decode())
    assert ejson.to_element(tree).data == odd
    [raw] = [name for name in archive.namelist() if name.endswith("-od2/project.bson")]
    assert b"no\xff\xfe\0" in archive.read(raw)


def test_malformed_documents_everywhere_are_exported_all_the_same(mongo, make_customer, actor):
    customer = make_customer(id="odd-one", name=7, email=["x"], subscription="none")
    mongo.settings.insert_one({"user_id": "odd-one", "api_keys": ["sk-in-a-list-000000"], "x": 1})
    mongo.conversations.insert_one({"user_id": "odd-one", "messages": 5})
    mongo.analytics_events.insert_one({"user_id": "odd-one", "timestamp": "then"})
    mongo.projects.insert_one({"_id": 5, "user_id": "odd-one", "conversation_history": {"a": 1}})
    archive = copy_of(customer["id"], actor)
    assert b"sk-in-a-list" not in archive.read("settings.jsonl")
    assert len(lines_of(archive, "events.jsonl")) == 1


def test_asking_and_each_download_are_on_record(mongo, traced, actor):
    copy_of(traced.id, actor)
    [copy] = requests.mine(traced.id, actor_id=actor.id)
    assert copy.downloads == 1
    actions = [row["action"] for row in mongo.audit_log.find({"action": {"$regex": "export"}})]
    assert sorted(actions) == ["users.export.ask", "users.export.download"]


def test_nobody_else_gets_it(traced, actor, staff):
    copy_of(traced.id, actor)
    [copy] = requests.mine(traced.id, actor_id=actor.id)
    other = audit.actor_for(staff("admin", email="other@devora.example"))
    assert requests.mine(traced.id, actor_id=other.id) == []
    with pytest.raises(NotFound):
        requests.open_copy(traced.id, copy.id, actor=other)
    with pytest.raises(NotFound):
        requests.open_copy("another", copy.id, actor=actor)


def test_it_is_gone_after_a_day(mongo, traced, actor):
    copy_of(traced.id, actor)
    [copy] = requests.mine(traced.id, actor_id=actor.id)
    mongo.customer_exports.update_one({"_id": copy.id}, {"$set": {"expires_at": clock.now()}})
    with pytest.raises(NotFound):
        requests.open_copy(traced.id, copy.id, actor=actor)
    assert requests.expire() == 1
    for name in ("customer_exports", "export_zips.files", "export_zips.chunks"):
        assert mongo[name].count_documents({}) == 0


def test_a_worker_that_died_is_followed_by_one_that_begins_anew(mongo, traced, actor):
    job_id = requests.ask(traced.id, actor=actor)
    dying = job_runner._handler(jobs.find(job_id))
    for _ in range(30):
        next(dying)
    run_jobs()
    [copy] = requests.mine(traced.id, actor_id=actor.id)
    assert copy.is_ready
    with pytest.raises(Conflict):
        list(dying)  # it was not dead, only slow
    assert mongo["export_zips.files"].count_documents({}) == 1
    assert mongo["export_zips.chunks"].distinct("files_id") == [copy.file_id]


def test_a_second_copy_is_not_begun_while_one_is_made(traced, actor):
    requests.ask(traced.id, actor=actor)
    with pytest.raises(Conflict):
        requests.ask(traced.id, actor=actor)


def test_copies_go_when_the_customer_is_erased(mongo, traced, actor, staff):
    copy_of(traced.id, actor)
    decider = audit.actor_for(staff("admin", email="decider@devora.example"))
    approved(traced.id, actor, decider)
    with pytest.raises(Conflict, match="erased"):
        requests.ask(traced.id, actor=actor)
    run_jobs()
    for name in ("customer_exports", "export_zips.files", "export_zips.chunks"):
        assert mongo[name].count_documents({}) == 0


def test_a_project_changed_meanwhile_is_in_one_of_its_states(mongo, traced, actor):
    job_id = requests.ask(traced.id, actor=actor)
    handler = job_runner._handler(jobs.find(job_id))
    for number, _ in enumerate(handler):
        if number < 50:
            lifecycle.rename(traced.project_ids[0], name=f"State {number}", actor=actor)
    [copy] = requests.mine(traced.id, actor_id=actor.id)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(requests._bytes_of(copy))))
    [path] = [name for name in archive.namelist()
              if name.endswith(f"{traced.project_ids[0]}/project.json")]  # fmt: skip
    name = json.loads(archive.read(path))["name"]
    assert name.startswith(("State ", traces.PROJECT_NAME))


def test_memory_stays_small_however_much_there_is(mongo, make_customer, actor):
    customer = make_customer()
    content = "x = 1\n" * 20_000  # 120 KB

    def project(number: int) -> dict[str, Any]:
        files = [{"name": f"{number}.py", "content": content, "language": "python"}] * 1
        return factories.project(user_id=customer["id"], name=f"P{number}", files=files)

    mongo.projects.insert_many([project(number) for number in range(100)])
    copy_of(customer["id"], actor)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for start in range(100, 500, 50):
        mongo.projects.insert_many([project(number) for number in range(start, start + 50)])
    requests.ask(customer["id"], actor=actor)
    run_jobs()
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert requests.mine(customer["id"], actor_id=actor.id)[0].is_ready
    assert grown_kb < 40_000, f"{grown_kb} KB for 60 MB of projects"


def test_the_page_asks_for_proof_and_hands_out_the_zip(client_for, traced, staff):
    client = client_for("admin")
    page = f"/users/{traced.id}/export/"
    assert client.get(page).status_code == 200
    assert client.post(f"{page}start/").status_code == 302
    assert "every 1s" in client.get(page).content.decode()
    run_jobs()
    [copy] = requests.mine(traced.id, actor_id=str(staff("admin").pk))
    download = f"{page}{copy.id}/download/"
    assert client.get(download).status_code == 405
    refused = client.post(download)
    assert refused.status_code == 422
    response = client.post(download, {"proof": "correct horse battery staple"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    assert "no-store" in response["Cache-Control"]
    data = b"".join(response.streaming_content)
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    assert client_for("editor").get(page).status_code == 403


def test_an_expired_row_lasts_no_longer_than_a_day_and_a_bit(mongo, traced, actor):
    requests.ask(traced.id, actor=actor)
    row = mongo.customer_exports.find_one({})
    assert row["expires_at"] - row["asked_at"] == timedelta(hours=24)
