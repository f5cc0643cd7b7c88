"""Events in: what is kept, what is set aside, what is refused; and that again is not twice."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from devora_admin.analytics.events import storing
from devora_admin.analytics.events.operations import MOST_BYTES
from devora_admin.analytics.events.schemas import EventIn
from devora_admin.analytics.events.tracking import track
from devora_admin.analytics.queries.quarantine import held_page
from devora_admin.analytics.rollups.counting import count
from devora_admin.api import clients, rates
from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.core.mongo import run_in_transaction
from devora_admin.users.holdings import marks_of, registered
from tests.live import Server
from tests.support.test_api import problem
from tests.support.test_api_fuzz import ANY, encoded

URL = "/api/events/"


@pytest.fixture
def token(actor) -> str:
    _, found = clients.create_client(
        "Platform", scopes=["events.write"], actor=actor, per_minute=rates.MOST_PER_MINUTE
    )
    return found


@pytest.fixture
def send(token):
    """send(events) → the answer. Bytes go as they are."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)

    def post(events: Any) -> Any:
        body = events if isinstance(events, bytes) else json.dumps({"events": events})
        headers = {"Authorization": f"Bearer {token}"}
        return client.post(URL, body, content_type="application/json", headers=headers)

    return post


@pytest.fixture
def server(mongo) -> Iterator[Server]:
    found = Server()
    found.start()
    yield found
    found.stop()


DEEP = json.loads('{"a":' * 60 + "1" + "}" * 60)


def event(**fields: Any) -> dict[str, Any]:
    """fields: None leaves one out."""
    whole = {
        "event_id": new_id(),
        "event_type": "generation",
        "user_id": "u1",
        "timestamp": clock.now().isoformat(),
        "properties": {"model": "m-1", "tokens": 12, "latency_ms": 800.5},
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def verdicts(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["verdict"] for each in answer.json()["events"]]


def test_events_are_kept_as_the_platform_writes_them_and_the_same_again_once(send, mongo):
    batch = [event(event_type="a.new.type", properties={"any": {"thing": [1, None]}}), event()]
    answer = send([*batch, batch[0]])
    assert verdicts(answer) == ["accepted", "accepted", "known"]
    assert {name: answer.json()[name] for name in ("accepted", "known")} == {
        "accepted": 2, "known": 1
    }  # fmt: skip
    assert verdicts(send([*batch, event()])) == ["known", "known", "accepted"]
    assert mongo.analytics_events.count_documents({}) == 3
    kept = mongo.analytics_events.find_one({"event_id": batch[0]["event_id"]})
    assert kept["timestamp"].isoformat()[:23] == batch[0]["timestamp"][:23]
    assert {name: kept[name] for name in ("event_type", "user_id", "properties")} == {
        name: batch[0][name] for name in ("event_type", "user_id", "properties")
    }


def test_bad_events_keep_no_good_one_out_and_staff_see_why(send, mongo, make_customer, admin):
    customer = make_customer(name="Zoe Quill")
    ahead = (clock.now() + timedelta(minutes=11)).isoformat()
    aside = {
        "future": event(timestamp=ahead, user_id=customer["id"]),
        "before 2015": event(timestamp="1970-01-01T00:00:00Z"),
        "no date": event(timestamp="yesterday"),
        "is no date": event(timestamp="2026-11-28T12:00:00"),
        "timestamp is": event(timestamp=None),
        "Event_type is empty": event(event_type=" "),
        "Event_type is no text": event(event_type=7),
        "more than 200": event(event_type="x" * 201),
        "is no object": event(properties=["a"]),
        "1,024 KB": event(properties={"text": "x" * 1024 * 1024}),
    }
    counted = [
        event(properties=None),
        event(properties={"tokens": "12"}),
        event(properties={"latency_ms": -5, "cost_usd": -1, "tokens": -1}),
        event(user_id=None),
    ]
    answer = send([*aside.values(), *counted])
    assert verdicts(answer) == ["quarantined"] * len(aside) + ["accepted"] * len(counted)
    for why, told in zip(aside, answer.json()["events"], strict=False):
        assert why.lower() in told["reason"].lower(), (why, told)
    assert mongo.analytics_events.count_documents({}) == len(counted)
    assert verdicts(send(list(aside.values()))) == ["quarantined"] * len(aside)
    assert mongo.analytics_quarantine.count_documents({}) == len(aside)
    text = admin.get("/analytics/quarantine/").content.decode()
    assert f"/customers/{customer['id']}/" in text or f"/users/{customer['id']}/" in text
    for why in ("in the future", "before 2015", "1,024 KB", "Left out"):
        assert why in text
    corrected = {**aside["future"], "timestamp": clock.now().isoformat()}
    assert verdicts(send([corrected])) == ["accepted"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("no object", "is an object"),
        (event(event_id=None), "event_id"),
        (event(event_id=7), "event_id"),
        (event(event_id=" "), "event_id"),
        (event(event_id="a\0b"), "event_id"),
        (event(user_id={"$ne": 1}), "user_id"),
        (event(project_id="x" * 201), "project_id"),
        (event(extra=1), "“extra”"),
        (event(properties={"n": 2**64}), "cannot be stored"),
        (event(properties={"a\0b": 1}), "cannot be stored"),
        (event(properties=DEEP), "properties has more than 50 levels"),
        (event(timestamp=DEEP), "timestamp has more than 50 levels"),
        (event(event_type=json.loads("[" * 150 + "]" * 150)), "event_type has more"),
        (event(timestamp="x" * 70_000), "64 KB"),
    ],
)
def test_what_cannot_be_kept_is_refused_alone(send, mongo, wrong, why):
    answer = send([event(), wrong, event()])
    assert verdicts(answer) == ["accepted", "refused", "accepted"]
    assert why in answer.json()["events"][1]["reason"]
    assert mongo.analytics_quarantine.count_documents({}) == 0


def test_a_request_that_cannot_be_read_keeps_nothing(send, mongo, token, actor):
    for body, status in (
        (b"{", 400), (b"", 400), (b"[]", 422), (b'{"events": []}', 422), (b'{"events": 1}', 422),
        (b'{"events": [{}], "x": 1}', 422), (b'{"events": [' + b"1," * 1000 + b"1]}", 422),
        (b" " * (MOST_BYTES + 1), 413),
    ):  # fmt: skip
        problem(send(body), status)
    _, other = clients.create_client("Other", scopes=["issues.write"], actor=actor)
    headers = {"Authorization": f"Bearer {other}"}
    problem(Client().post(URL, {}, content_type="application/json", headers=headers), 403)
    assert mongo.analytics_events.count_documents({}) == 0


def test_events_of_who_is_being_erased_are_not_kept_and_of_who_was_merged_are_the_others(
    send, mongo, make_customer
):
    customer = make_customer()
    gone = make_customer(merged_into=customer["id"])
    erased = make_customer()
    into_erased = make_customer(merged_into=erased["id"])
    sent = [event(user_id=each["id"]) for each in (gone, erased, customer, into_erased)]
    for state in ("running", "done"):
        mongo.erasures.delete_many({})
        mongo.erasures.insert_one({"customer_ids": [erased["id"]], "state": state})
        assert not track("x", user_id=erased["id"])
        track("x", user_id=gone["id"])
        told = verdicts(send(sent))
        assert (told[1], told[3]) == ("refused", "refused")
        assert {row["user_id"] for row in mongo.analytics_events.find()} == {customer["id"]}


def test_events_of_whose_erasure_begins_as_they_come_are_taken_back(send, mongo, monkeypatch):
    kept = storing._kept

    def meanwhile(good: Any) -> Any:
        told = kept(good)
        keys = [each["_id"] for each in mongo.analytics_events.find()]
        run_in_transaction(lambda session: count(keys, session))
        mongo.erasures.insert_one({"customer_ids": ["u1"], "state": "done"})
        return told

    monkeypatch.setattr(storing, "_kept", meanwhile)
    answer = send([event(), event(timestamp=None), event(user_id="u2")])
    assert verdicts(answer) == ["refused", "refused", "accepted"]
    for rows in (mongo.analytics_events.find(), mongo.user_days.find()):
        assert "u1" not in str(list(rows))
    assert mongo.analytics_quarantine.count_documents({}) == 0
    cells = mongo.analytics_series.find_one({"_id.grain": "day", "_id.dimension": "all"})["cells"]
    assert [(each["n"], each["users"]) for each in cells.values()] == [(1, 1)]


def test_what_was_set_aside_goes_into_a_copy_and_away_with_its_customer(
    send, mongo, make_customer, make_project
):
    customer, other = make_customer(), make_customer()
    project = make_project(user_id=customer["id"])
    bad = {"timestamp": "1970-01-01T00:00:00Z"}
    send([event(user_id=customer["id"], **bad), event(user_id=other["id"], **bad),
          event(user_id=None, project_id=project["id"], **bad)])  # fmt: skip
    marks = marks_of(customer["id"])
    holding = {each.name: each for each in registered()}
    [copied] = [
        b"".join(entry.chunks).splitlines() for entry in holding["events"].export(marks)
        if entry.path == "events-not-counted.jsonl"
    ]  # fmt: skip
    assert len(copied) == 2
    for step in holding["events-activity"].erase(marks):
        run_in_transaction(step)
    assert [row["user_id"] for row in mongo.analytics_quarantine.find()] == [other["id"]]


def test_the_list_goes_on_where_it_ended_whatever_the_ids_are(mongo):
    at, other_at = clock.now(), clock.now() - timedelta(days=1)
    ids = [*range(40), *(f"api:{n}" for n in range(40)), *(ObjectId() for _ in range(40))]
    rest = {"reason": "x", "is_counted": False, "event_type": "a", "user_id": ""}
    mongo.analytics_quarantine.insert_many(
        [{"_id": each, "at": at if n % 3 else other_at, **rest} for n, each in enumerate(ids)]
    )
    seen, cursor = [], ""
    for _ in range(3):
        page = held_page(cursor)
        seen += [row.key for row in page.rows]
        cursor = page.next
    assert (len(seen), cursor, page.count) == (120, "", 120)
    assert set(seen) == {str(each).removeprefix("api:") for each in ids}


def test_over_http_of_many_of_the_same_at_once_each_event_is_kept_once(server, token, mongo):
    batch = [event() for _ in range(200)]
    body = json.dumps({"events": batch})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(turn: int) -> Counter[str]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        rotated = json.dumps({"events": batch[turn * 20 :] + batch[: turn * 20]})
        connection.request("POST", URL, rotated, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, text
        return Counter(each["verdict"] for each in json.loads(text)["events"])

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(post, range(8)))
    assert sum(each["accepted"] for each in counts) == 200
    assert sum(each["known"] for each in counts) == 7 * 200
    assert mongo.analytics_events.count_documents({}) == 200
    assert len(body) < MOST_BYTES


def test_our_own_code_tracks_and_twice_is_once(mongo):
    assert track("staff.exported", user_id="u1", properties={"rows": 3}, event_id="e1")
    assert not track("staff.exported", user_id="u1", event_id="e1")
    assert track("nobody.in.particular")
    assert mongo.analytics_events.count_documents({}) == 2
    for wrong in ({"at": clock.now() + timedelta(days=1)}, {"user_id": "x" * 201}):
        with pytest.raises(InvalidInput):
            track("x", **wrong)  # type: ignore[arg-type]


GOOD = st.fixed_dictionaries(
    {"event_id": st.uuids().map(str), "event_type": st.text("abc. ü💥", min_size=1, max_size=30),
     "timestamp": st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())
     | st.just("2026-01-31T12:00:00Z")},
    optional={"user_id": st.text("u1", min_size=1, max_size=3), "project_id": st.just("p"),
              "properties": st.dictionaries(st.text(max_size=8), ANY, max_size=4)},
)  # fmt: skip


@pytest.mark.timeout(300)
def test_whatever_comes_has_a_verdict_and_what_the_schema_allows_is_kept(send, mongo):
    names = st.sampled_from([*EventIn.model_fields, "extra", "$ne"])
    spoiled = GOOD.flatmap(
        lambda good: st.dictionaries(names, ANY, max_size=2).map(lambda wrong: {**good, **wrong})
    )
    rows = st.lists(GOOD, min_size=1, max_size=6) | st.lists(GOOD | spoiled | ANY, max_size=6)
    batches = rows.map(lambda each: {"events": each})
    seen: Counter[str] = Counter()

    @given(batches.map(encoded) | ANY.map(encoded) | st.binary(max_size=60))
    @settings(
        max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    def check(data: bytes) -> None:
        answer = send(data)
        assert answer.status_code in (200, 400, 422), (data, answer.content)
        if answer.status_code != 200:
            assert answer["Content-Type"] == "application/problem+json"
            return
        for sent, told in zip(json.loads(data)["events"], answer.json()["events"], strict=True):
            seen[told["verdict"]] += 1
            assert (told["verdict"] == "accepted") == ("reason" not in told)
            # Beyond what a schema can say: numbers of over 64 bits, NUL in a name, depth.
            is_odd = "stored" in told.get("reason", "") or "levels" in told.get("reason", "")
            if told["verdict"] == "refused" and not is_odd:
                with pytest.raises(ValidationError):
                    EventIn.model_validate_json(json.dumps(sent))

    check()
    assert min(seen[each] for each in ("accepted", "quarantined", "refused")) > 10, seen
    assert mongo.analytics_events.count_documents({}) == seen["accepted"]
