"""What the benchmark prints and leaves behind. Never how fast anything was."""

import json
import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings

from devora_admin.core import mongo as core_mongo
from devora_admin.ops.benchmarks.measure import Sample, interleave
from devora_admin.ops.benchmarks.report import Figure, Ratio, Section, Target, show
from tests.memory.conftest import place_model
from tests.stores import WORKER

DATABASE = f"bench_test_{WORKER}"
SMALL = ("--projects", "30", "--rounds", "2", "--seconds", "0.2", "--database", DATABASE)


@pytest.fixture
def benchmark():
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", "benchmark", *arguments],
            env=os.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )

    yield run
    core_mongo.client().drop_database(DATABASE)


def names(told):
    return [figure["name"] for section in told["sections"] for figure in section["figures"]]


def test_storage_is_measured_side_by_side_and_stops_by_itself(benchmark):
    done = benchmark("storage", "--json", *SMALL)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["data"]["projects"] >= 30
    assert {"cpu", "cores", "python", "mongodb"} <= told["machine"].keys()
    for name in ("save_file, project of 10 KB", "bare update_one, project of 10 KB"):
        assert name in names(told)
    for side in ("MongoDB document", "PostgreSQL JSONB", "PostgreSQL joined tables"):
        assert f"save whole: {side}" in names(told)
    assert core_mongo.client()[DATABASE].projects.count_documents({}) == 30


def test_the_customers_list_is_measured_in_a_database_of_its_own(benchmark):
    done = benchmark("customers", "--json", "--customers", "70", *SMALL)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["data"]["customers"] >= 70
    assert {"list, page 1", "search: id", "whole"} <= set(names(told))


def test_the_database_goes_when_asked(benchmark):
    done = benchmark("pages", "--drop", *SMALL)
    assert done.returncode == 0, done.stderr
    assert "list, page 1" in done.stdout
    assert DATABASE not in core_mongo.client().list_database_names()


def test_a_rotation_of_secrets_is_measured_with_readers_and_has_no_failure(benchmark):
    done = benchmark("secrets", "--secrets", "200", "--json", "--database", DATABASE)
    assert done.returncode == 0, done.stderr
    [section] = json.loads(done.stdout)["sections"]
    assert "0 failures in all" in " ".join(section["notes"])
    assert all(figure["count"] for figure in section["figures"])


def test_the_worker_is_measured_and_loses_nothing(benchmark):
    small = ("--projects", "30", "--seconds", "1", "--saves", "300", "--database", DATABASE)
    done = benchmark("worker", "--json", *small)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "500 saves a second wanted" in names(told)
    assert any("300 saves counted" in note for each in told["sections"] for note in each["notes"])


def test_moving_conversations_is_measured(benchmark):
    done = benchmark("conversations", "--conversations", "200", "--database", DATABASE)
    assert done.returncode == 0, done.stderr
    assert "200 old conversations moved and verified" in done.stdout


def test_memory_is_measured_and_leaves_no_database_when_asked(benchmark):
    place_model(settings.DATA_DIR / "models")
    small = ("--chunks", "600", "--functions", "80", "--questions", "10", "--drop")
    done = benchmark("memory", "--json", "--database", DATABASE, *small)
    assert done.returncode == 0, done.stderr
    sections = json.loads(done.stdout)["sections"]
    amounts = {each["name"]: each for section in sections for each in section["amounts"]}
    assert {"meaning alone", "words alone", "fused", "MongoDB $text"} <= amounts.keys()
    assert amounts["text, without vectors"]["value"] > 0
    [recall] = [each for name, each in amounts.items() if name.startswith("customers of 50 ")]
    assert recall["value"] == 1.0
    assert {"customers of 50", "everyone", "everyone, embedding included"} <= {
        figure["name"] for section in sections for figure in section["figures"]
    }
    assert any(", 0 embedded anew" in note for section in sections for note in section["notes"])
    with psycopg.connect(os.environ["DEVORA_TEST_MEMORY"]) as server:
        left = server.execute("SELECT 1 FROM pg_database WHERE datname LIKE 'bench%'").fetchall()
    assert not left


def test_a_database_that_is_no_benchmark_is_never_touched(benchmark):
    done = benchmark("pages", "--database", "devora")
    assert done.returncode != 0
    assert "bench_" in done.stderr


def test_tasks_take_turns():
    order = []
    found = interleave(
        {"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=10, warm_up=0
    )
    pairs = [set(order[place : place + 2]) for place in range(0, 20, 2)]
    assert pairs == [{"a", "b"}] * 10
    assert len(found["a"].times_ms) == len(found["b"].times_ms) == 10


def test_a_percentile_is_a_time_that_was_measured():
    sample = Sample.of([float(number) for number in range(100, 0, -1)])
    assert (sample.p50, sample.p95, sample.p99) == (50, 95, 99)
    assert Sample.of([7.0]).p95 == 7.0


def test_a_missed_target_is_named():
    sample = Sample.of([1.0, 2.0, 30.0])
    figure = Figure("page", sample, Target(p50_ms=5, p95_ms=25, round_trips=4), round_trips=6)
    assert figure.verdict == "short: p95, round trips"
    assert Figure("page", sample, Target(p50_ms=5)).verdict == "ok"
    assert Ratio("growth", 1.4, 1.3).verdict == "short"


def test_a_section_is_shown_with_targets_beside_the_figures():
    lines = []
    figure = Figure("list", Sample.of([1.0]), Target(p95_ms=25))
    show(Section("Pages", [figure], [Ratio("growth", 1.1, 1.3)], ["a note"]), lines.append)
    text = "\n".join(lines)
    assert "p95 ≤ 25 ms: ok" in text
    assert "1.10 x" in text
    assert text.endswith("a note")
