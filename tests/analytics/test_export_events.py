"""Events as Parquet files: exact whatever happens, and read by DuckDB as MongoDB has them."""

import json
import multiprocessing
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bson import Timestamp
from django.core.management import CommandError, call_command

from devora_admin.analytics.periods import Span
from devora_admin.analytics.queries.series import series
from devora_admin.analytics.rollups import consumer
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.core.consumers import Change
from tests.analytics import warehouse_queries as queries
from tests.analytics.amounts import dollars, whole
from tests.analytics.events import BEGAN, FLAWED, event, flawed

DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"]


def export(folder: Path, *words: str) -> None:
    call_command("export_events", "--to-dir", str(folder), *words)


def asked(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    files = f"read_parquet('{folder}/*/*.parquet', hive_partitioning = true)"
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        return db.execute(sql.replace("EVENTS", files)).fetchall()


def manifests(folder: Path) -> dict[str, Any]:
    return {
        path.parent.name.removeprefix("day="): json.loads(path.read_text())
        for path in folder.glob("day=*/_manifest.json")
    }


@pytest.fixture
def events(mongo: Any) -> Any:
    mongo.analytics_events.delete_many({})
    yield mongo.analytics_events
    mongo.analytics_events.delete_many({})


def test_duckdb_reads_each_event_once_in_its_day_and_whatever_is_wrong_is_told(events, tmp_path):
    chance = random.Random(7)
    well, bad = [event(chance) for _ in range(3000)], flawed(chance)
    events.insert_many([*well, *bad], ordered=False)
    export(tmp_path)

    keys = Counter(row[0] for row in asked(tmp_path, "SELECT id FROM EVENTS"))
    assert keys == Counter(str(each["_id"]) for each in [*well, *bad])
    of_no_day = {why for why in FLAWED if why.startswith("timestamp")}
    rows = dict(asked(tmp_path, "SELECT day, count(*) FROM EVENTS GROUP BY 1"))
    assert rows == {each["day"]: each["events"] for each in manifests(tmp_path).values()}
    assert rows["unknown"] == sum(len(FLAWED[why]) for why in of_no_day)
    told = Counter()
    for each in manifests(tmp_path).values():
        told.update(each["reasons"])
    assert told == {why: len(found) for why, found in FLAWED.items() if found}

    found = asked(
        tmp_path,
        """SELECT day, event_type, plan, count(*), count(DISTINCT user_id), sum(tokens),
                  sum(latency_ms), sum(cost_usd) FROM EVENTS WHERE reason IS NULL GROUP BY ALL""",
    )
    wanted: dict[Any, list[dict[str, Any]]] = {}
    for each in well:
        plan = each.get("dimensions", {}).get("plan")
        wanted.setdefault((f"{each['timestamp']:%Y-%m-%d}", each["event_type"], plan), []).append(
            each
        )
    assert {row[:3]: row[3:] for row in found} == {
        key: (
            len(of), len({each["user_id"] for each in of}),
            sum(whole(each["properties"]["tokens"]) for each in of),
            sum(whole(each["properties"]["latency_ms"]) for each in of),
            sum(dollars(each["properties"]["cost_usd"]) for each in of),
        )
        for key, of in wanted.items()
    }  # fmt: skip
    one = well[0]
    [(said, at)] = asked(
        tmp_path, f"SELECT properties, timestamp FROM EVENTS WHERE id = '{one['_id']}'"
    )
    assert at == one["timestamp"].replace(microsecond=at.microsecond)
    assert list(json.loads(said)) == sorted(one["properties"])
    assert json.loads(said)["b"] == one["properties"]["b"]

    counted = [each for each in well if "dimensions" in each]
    actives, by_model, funnel = (
        sql.replace("/srv/events", str(tmp_path)) for sql in queries.told("duckdb")
    )
    assert [(day, n) for day, n in asked(tmp_path, actives)] == queries.daily_actives(counted)
    assert asked(tmp_path, by_model) == queries.generations(counted)
    assert asked(tmp_path, funnel) == [queries.funnel(counted)]


def test_it_agrees_with_the_charts_to_the_unit(events, mongo, tmp_path):
    chance = random.Random(10)
    there = [event(chance) | {"dimensions": None} for _ in range(700)] + flawed(chance)
    mongo.projects.insert_many({"id": f"project-{n}", "project_type": "blog"} for n in range(20))
    events.insert_many([each | {"_id": n} for n, each in enumerate(there)])
    events.update_many({}, {"$unset": {"dimensions": 1}})
    for n in range(0, len(there), 250):
        keys = range(n, min(n + 250, len(there)))
        changes = [
            Change("analytics_events", k, "insert", clock.now(), Timestamp(1, 1)) for k in keys
        ]
        core_mongo.run_in_transaction(consumer.apply(changes), patience_s=30)
    export(tmp_path)

    span = Span(BEGAN.date(), BEGAN.date() + timedelta(days=2))
    sums = {
        "events": "count(*)", "customers": "count(DISTINCT user_id)", "tokens": "sum(tokens)",
        "cost": "sum(cost_usd)",
    }  # fmt: skip
    for by in ("event_type", "plan", "project_type", "model"):
        sql = f"SELECT {by}, day, {', '.join(sums.values())} FROM EVENTS WHERE plan IS NOT NULL"
        read = {row[:2]: row[2:] for row in asked(tmp_path, f"{sql} GROUP BY ALL")}
        for number, metric in enumerate(sums):
            table = series(metric, span=span, by=by)
            charted = {
                (row.label, f"{column:%Y-%m-%d}"): round(value * 1_000_000)
                for row in table.rows
                for column, value in zip(table.columns, row.values, strict=True)
                if value
            }
            wanted = {key: round((of[number] or 0) * 1_000_000) for key, of in read.items()}
            assert charted == {key: value for key, value in wanted.items() if value}, (by, metric)


def test_killed_and_run_again_late_and_erased_it_is_exact(events, tmp_path):
    chance = random.Random(8)
    there = [event(chance) for _ in range(3000)]
    events.insert_many([*there, *flawed(chance)], ordered=False)
    killed(tmp_path, when=lambda: (tmp_path / "day=2026-03-02/.part.tmp").exists())
    assert set(manifests(tmp_path)) == {DAYS[0]}
    late = event(chance, timestamp=BEGAN + timedelta(hours=1))
    events.insert_one(late)
    export(tmp_path)
    assert ids(tmp_path) == stored(events)
    assert not list(tmp_path.glob("**/.*"))

    before = files(tmp_path)
    export(tmp_path, "--from", DAYS[1], "--to", DAYS[2])
    assert files(tmp_path) == before, "nothing changed, and nothing was written"
    events.update_one({"_id": late["_id"]}, {"$set": {"user_id": "merged-into"}})
    events.delete_one({"_id": there[0]["_id"]})
    export(tmp_path)
    assert ids(tmp_path) == stored(events)
    assert asked(tmp_path, f"SELECT user_id FROM EVENTS WHERE id = '{late['_id']}'") == [
        ("merged-into",)
    ]
    changed = {day for day, was in before.items() if files(tmp_path)[day] != was}
    assert changed == {DAYS[0], f"{there[0]['timestamp']:%Y-%m-%d}"}

    with pytest.raises(CommandError, match="before it begins"):
        export(tmp_path, "--from", DAYS[1], "--to", DAYS[0])


def test_a_customer_is_taken_out_of_the_files_and_nobody_else(events, tmp_path, capsys):
    chance = random.Random(9)
    theirs = [event(chance, days=2, user_id="gone", project_id="their-project") for _ in range(20)]
    nobodys = event(chance, days=2, user_id=None, project_id="their-project")
    lost = event(chance, user_id="gone", timestamp=None)
    naming = event(chance, days=3, properties={"invited": "gone"})
    others = [event(chance) for _ in range(300)]
    events.insert_many([*theirs, nobodys, lost, naming, *others])
    export(tmp_path)
    before = files(tmp_path)
    export(tmp_path, "--erase", "gone")
    assert "22 events taken out of 3 files" in capsys.readouterr().out
    left = [naming, *others]
    assert ids(tmp_path) == sorted(str(each["_id"]) for each in left)
    assert sum(each["events"] for each in manifests(tmp_path).values()) == len(left)
    assert files(tmp_path)[DAYS[2]] == before[DAYS[2]]
    assert not any(b"their-project" in path.read_bytes() for path in tmp_path.glob("*/*"))

    events.delete_many({"_id": {"$nin": [each["_id"] for each in left]}})
    erased = files(tmp_path)
    export(tmp_path)
    assert files(tmp_path) == erased, "as an export without them would have been"


def killed(folder: Path, *, when: Callable[[], bool]) -> None:
    """Exports in a process of its own and kills that."""
    process = multiprocessing.get_context("fork").Process(target=export, args=(folder,))
    process.start()
    try:
        while not when():
            assert process.is_alive()
    finally:
        process.kill()
        process.join()


def ids(folder: Path) -> list[str]:
    return sorted(row[0] for row in asked(folder, "SELECT id FROM EVENTS"))


def stored(events: Any) -> list[str]:
    return sorted(str(each["_id"]) for each in events.find({}, {"_id": 1}))


def files(folder: Path) -> dict[str, bytes]:
    parts = folder.glob("day=*/part-*.parquet")
    return {path.parent.name.removeprefix("day="): path.read_bytes() for path in parts}
