"""MongoDB stopped or hung: a branded answer in time, and normal service once it is back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest

from devora_admin.embedded import mongo
from tests import live
from tests.conftest import PASSWORD

EMAIL = "editor@devora.example"
PAGES = ("/", "/projects/", "/projects/some-id/", "/jobs/")
SETUP = f"""
import django; django.setup()
from django.core.management import call_command
from devora_admin.core import mongo
from devora_admin.staff.models import StaffUser
call_command("migrate", verbosity=0); mongo.ensure_indexes()
StaffUser.objects.create_staff({EMAIL!r}, role="editor", password={PASSWORD!r})
"""


class Deployment:
    def __init__(self, store: mongo.EmbeddedMongo, folder: Path, server: live.Server) -> None:
        self.store, self.folder, self.server = store, folder, server
        self.headers = server.sign_in(EMAIL, PASSWORD)

    def get(self, path: str) -> tuple[int, str, float]:
        start = time.monotonic()
        response = self.server.request("GET", path, headers=self.headers)
        return response.status, response.text, time.monotonic() - start  # type: ignore[attr-defined]

    def wait_until_well(self) -> None:
        until = time.monotonic() + 15
        while self.get("/")[0] != 200:
            assert time.monotonic() < until, "no normal service after the store came back"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("outage")
    with mongo.start(folder, cache_gb=0.25) as store:
        environment = {"MONGO_URL": store.url, "DB_NAME": "test_outage"}
        subprocess.run(
            [sys.executable, "-c", SETUP],
            check=True,
            env={
                **os.environ,
                **environment,
                "DJANGO_SETTINGS_MODULE": "devora_admin.config.settings",
            },
        )
        with live.running(**environment) as server:
            yield Deployment(store, folder, server)


def assert_branded_503s(answers: list[tuple[int, str, float]]) -> None:
    """The usual answer comes within 2.5 s; one slow turn of a busy machine does not count."""
    for status, text, _ in answers:
        assert status == 503
        assert "Devora Admin" in text
        assert "not answering" in text
    assert median(took_s for *_, took_s in answers) < 2.5


@pytest.mark.xdist_group("processes")
def test_a_hung_store_is_told_in_time_and_service_resumes(deployment: Deployment):
    os.kill(deployment.store.pid, signal.SIGSTOP)
    try:
        assert_branded_503s([deployment.get(path) for path in PAGES])
        with ThreadPoolExecutor(32) as crowd:
            assert_branded_503s(list(crowd.map(deployment.get, ["/projects/"] * 64)))
        assert deployment.get("/healthz")[0] == 200
        assert deployment.get("/readyz")[0] == 503
    finally:
        os.kill(deployment.store.pid, signal.SIGCONT)
    deployment.wait_until_well()


@pytest.mark.xdist_group("processes")
def test_a_stopped_store_is_told_in_time_and_service_resumes(deployment: Deployment):
    deployment.store.stop()
    assert_branded_503s([deployment.get(path) for path in PAGES])
    deployment.store.start()
    deployment.wait_until_well()


@pytest.mark.xdist_group("processes")
def test_a_sign_in_during_an_outage_is_no_fault(deployment: Deployment):
    os.kill(deployment.store.pid, signal.SIGSTOP)
    try:
        headers = {**deployment.headers, "Content-Type": "application/x-www-form-urlencoded"}
        body = f"email={EMAIL}&password=x"
        assert deployment.server.request("POST", "/login/", body, headers).status == 503
    finally:
        os.kill(deployment.store.pid, signal.SIGCONT)
    deployment.wait_until_well()
