"""/metrics: what it says, in Prometheus's format, and whom it tells."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from devora_admin.config import env
from devora_admin.core import clock, consumers
from devora_admin.worker.following import lease as leases
from tests.worker import recording

TOKEN = "a token of a collector"


@pytest.fixture(autouse=True)
def recorder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "_CONSUMERS", {recording.NAME: recording.consumer()})


@pytest.fixture
def collector(settings: Any) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


def samples(client: Client) -> dict[tuple[str, str], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, sample.labels.get("state", "")): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_it_tells_how_the_worker_keeps_up(collector, mongo):
    lease = leases.take(recording.NAME, owner="host:1:x")
    assert lease
    since = clock.now() - timedelta(seconds=30)
    lease.store({"token": {"_data": "x"}, "behind_since": since, "rate": 4.5}, handled=12)
    mongo.jobs.insert_many([{"_id": n, "state": "waiting"} for n in range(3)])
    mongo.dead_letters.insert_one({"consumer": recording.NAME, "due_at": None})
    found = samples(collector)
    assert found["devora_worker_up", ""] == 1
    assert 29 < found["devora_worker_lag_seconds", ""] < 60
    assert found["devora_worker_changes_per_second", ""] == 4.5
    assert found["devora_worker_changes_total", ""] == 12
    assert found["devora_worker_dead_letters", "set_aside"] == 1
    assert found["devora_jobs", "waiting"] == 3
    assert found["devora_jobs", "running"] == 0


def test_it_tells_what_memory_waits_for(collector, mongo):
    row = {"marks": 1, "since": clock.now() - timedelta(seconds=30), "tries": 0}
    mongo.memory_queue.insert_many(
        [
            {"_id": {"c": "projects", "k": 1}, **row, "due_at": clock.now()},
            {"_id": {"c": "projects", "k": 2}, **row, "dead_at": clock.now()},
        ]
    )
    found = samples(collector)
    assert found["devora_memory_documents", "waiting"] == 1
    assert found["devora_memory_documents", "set_aside"] == 1
    assert 29 < found["devora_memory_lag_seconds", ""] < 60


def test_it_tells_what_e_mails_wait_and_which_failed(collector, mongo):
    since = clock.now() - timedelta(seconds=30)
    rows = [{"_id": n, "mail_id": n, "state": "waiting", "waiting_since": since} for n in range(2)]
    mongo.support_outbox.insert_many([*rows, {"_id": 3, "mail_id": 3, "state": "failed"}])
    found = samples(collector)
    assert found["devora_mails", "waiting"] == 2
    assert found["devora_mails", "failed"] == 1
    assert 29 < found["devora_mail_oldest_seconds", ""] < 60


def test_without_a_worker_the_lag_is_unknown_rather_than_nothing(collector):
    found = samples(collector)
    assert found["devora_worker_up", ""] == 0
    assert ("devora_worker_lag_seconds", "") not in found


@pytest.mark.parametrize(
    "header", ["Bearer wrong", f"Basic {TOKEN}", "Bearer", "Bearer ", "", "Bearer \udcff", TOKEN]
)
def test_a_wrong_token_is_refused(collector, client_for, header: str):
    for client in (Client(), client_for("viewer")):
        answer = client.get("/metrics", HTTP_AUTHORIZATION=header)
        assert answer.status_code == 401
        assert b"devora_" not in answer.content


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x"])
def test_without_a_token_set_none_is_right(settings, header: str):
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", HTTP_AUTHORIZATION=header).status_code == 401


def test_staff_may_look_and_a_look_keeps_no_session(client_for):
    assert samples(client_for("viewer"))
    assert Client().get("/metrics")["Location"].startswith("/login/")


def test_the_token_opens_nothing_else(collector):
    assert collector.get("/worker/").status_code == 302
    assert collector.post("/metrics").status_code == 405


def test_the_token_comes_from_the_environment(tmp_path):
    values = {"DEVORA_DATA_DIR": str(tmp_path), "METRICS_TOKEN": " x "}
    assert env.read(values).metrics_token == "x"
