"""Events on their way to ClickHouse: its own engine, behind HTTP as its client speaks it."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import bson
import pytest
from bson import ObjectId, Timestamp
from bson.raw_bson import RawBSONDocument

from devora_admin.analytics.warehouse import clickhouse, consumer
from devora_admin.analytics.warehouse.rows import row_of
from devora_admin.core import clock, consumers
from devora_admin.core.consumers import Change
from devora_admin.core.raw_bson import RAW
from devora_admin.worker.following.follower import Follower
from devora_admin.worker.queries import following
from tests.analytics import clickhouse_server
from tests.analytics import warehouse_queries as queries
from tests.analytics.clickhouse_server import ClickHouse
from tests.analytics.events import event, flawed
from tests.worker.following import until

pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture
def server(tmp_path: Any, settings: Any, mongo: Any) -> Iterator[ClickHouse]:
    with clickhouse_server.running(tmp_path / "clickhouse") as found:
        settings.CLICKHOUSE_URL = found.url
        consumer.register()
        yield found
        clickhouse.close()
        consumers._CONSUMERS.pop(consumer.NAME)


def stands(server: ClickHouse, where: str = "1") -> dict[str, list[str]]:
    sql = f"SELECT id, user_id, plan, tokens, reason FROM analytics_events FINAL WHERE {where}"
    return {row[0]: row[1:] for row in server.ask(sql)}


def wanted(mongo: Any) -> set[str]:
    return {str(each["_id"]) for each in mongo.analytics_events.find({}, {"_id": 1})}


def standing() -> Any:
    return next(each for each in following.standings() if each.name == consumer.NAME)


def answers(server: ClickHouse, sql: str) -> list[list[str]]:
    return server.ask(sql.rstrip(";"))


def test_each_event_is_there_once_whatever_happens_to_clickhouse_and_the_worker(server, mongo):
    chance, stop = random.Random(3), threading.Event()
    events = mongo.analytics_events
    first, bad = [event(chance) for _ in range(1500)], flawed(chance)
    events.insert_many([*first, *bad])
    gone = event(chance)
    raw = RawBSONDocument(bson.encode(gone), codec_options=RAW)
    clickhouse.insert([(row_of(raw, now=clock.now()), 1)])
    worker = threading.Thread(
        target=Follower(consumers.find(consumer.NAME), owner="test", stop=stop).run
    )
    worker.start()
    try:
        until(lambda: standing().caught_up_at)
        assert set(stands(server)) == wanted(mongo), "all there were, and none that is gone"

        uncounted = next(each for each in first[1:] if "dimensions" not in each)
        more = [event(chance, _id=ObjectId()) for _ in range(300)]
        events.insert_many(more)
        told = {"plan": "team", "project_type": "blog", "model": "opus"}
        events.update_one({"_id": uncounted["_id"]}, {"$set": {"dimensions": told}})
        events.update_many({"user_id": "customer-1"}, {"$set": {"user_id": "customer-2"}})
        events.delete_many({"_id": {"$in": [first[0]["_id"], more[0]["_id"]]}})
        until(lambda: set(stands(server)) == wanted(mongo))
        until(lambda: stands(server)[str(uncounted["_id"])][1] == "team")
        until(lambda: not stands(server, "user_id = 'customer-1'"))

        server.kill()
        events.insert_many([event(chance, _id=ObjectId()) for _ in range(300)])
        until(lambda: standing().condition == "failing" and standing().lag_s > 1)
        assert "ClickHouse" in standing().last_error
        server.start()
        until(lambda: set(stands(server)) == wanted(mongo))
        until(lambda: standing().condition == "live")
        assert not mongo.dead_letters.count_documents({"consumer": consumer.NAME})
    finally:
        stop.set()
        worker.join()

    again = event(chance, _id=ObjectId())
    events.insert_one(again)
    moment = Timestamp(2_000_000_000, 1)
    change = Change("analytics_events", again["_id"], "insert", clock.now(), moment)
    for _ in range(2):  # as after a worker that died before it noted the first
        consumer.apply([change])
    its_rows = f"SELECT count() FROM analytics_events WHERE id = '{again['_id']}'"
    assert server.ask(its_rows) == [["1"]]

    counted = list(events.find({"dimensions": {"$exists": True}}))
    actives, by_model, funnel = (answers(server, sql) for sql in queries.told("clickhouse"))
    assert [(day, int(n)) for day, n in actives] == queries.daily_actives(counted)
    assert [
        (model, int(n), float(success), int(p95), int(tokens), queries.Decimal(cost))
        for model, n, success, p95, tokens, cost in by_model
    ] == queries.generations(counted)
    assert [tuple(map(int, row)) for row in funnel] == [queries.funnel(counted)]
    [table] = queries.told("clickhouse table")
    assert table.rstrip(";") == clickhouse.TABLE_SQL

    theirs = events.count_documents({"user_id": "customer-2"})
    events.delete_many({"user_id": "customer-2"})
    assert clickhouse.erase("customer-2") == theirs
    of_any_version = server.ask("SELECT DISTINCT id FROM analytics_events")
    assert {row[0] for row in of_any_version} == wanted(mongo), "theirs alone, and on no disk"
