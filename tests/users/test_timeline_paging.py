"""Paging the timeline visits every row of every source exactly once, there and back."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Binary, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from devora_admin.core.errors import InvalidInput
from devora_admin.users.queries.timeline import timeline_page

WHO = "customer-1"
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
TYPES = ("login", "error", "generation_failed", "message_sent", "unheard_of", "", "no:such", None)
# Few of them, so that many rows have the same time.
TIMES = st.integers(0, 4).map(lambda seconds: MOMENT + timedelta(seconds=seconds))
ANYTHING = st.sampled_from([
    "missing", None, "2026-03-01", "", 5, Int64(7), 1.5, math.nan, True, {}, {"a": MOMENT}, [],
    ["x"], [MOMENT], [MOMENT, MOMENT + timedelta(seconds=2)], [MOMENT, "x"], [MOMENT, MaxKey()],
    [None, MOMENT], ObjectId("0" * 24), Decimal128("1"), Binary(b"x"), Regex("^a"),
    Timestamp(1, 1), MinKey(), MaxKey(), DatetimeMS(2**55), DatetimeMS(-(2**55)),
])  # fmt: skip
IDS = st.one_of(
    st.builds(ObjectId), st.integers(-(2**40), 2**40), st.text("ab", min_size=1, max_size=4)
)


def event(row_id: Any, kind: Any, at: Any) -> dict[str, Any]:
    made = {"_id": row_id, "user_id": WHO, "event_type": kind, "timestamp": at,
            "properties": {"mark": repr(row_id)}}  # fmt: skip
    if isinstance(at, str) and at == "missing":
        del made["timestamp"]
    return made


EVENTS = st.lists(
    st.builds(event, IDS, st.sampled_from(TYPES), st.one_of(TIMES, TIMES, ANYTHING)),
    max_size=25, unique_by=lambda each: repr(each["_id"]),
)  # fmt: skip
CHOSEN = st.sampled_from([(), (), ("failures",), ("staff", "events:unheard_of"), ("note",)])
AUDIT = st.lists(TIMES, max_size=10)
NOTES = st.lists(TIMES, max_size=6)


def fill(mongo: Any, events: Any, audit: Any, notes: Any) -> None:
    for name in ("analytics_events", "audit_log", "customer_notes"):
        mongo[name].delete_many({})
    if events:
        mongo.analytics_events.insert_many(events)
    for number, at in enumerate(audit):
        mongo.audit_log.insert_one(
            {"_id": f"row-{number}", "customer_id": WHO, "at": at, "action": "users.plan",
             "actor": {"email": "a@x.example"}, "subject": {"kind": "customer", "id": WHO},
             "reason": f"audit {number}"}
        )  # fmt: skip
    for number, at in enumerate(notes):
        mongo.customer_notes.insert_one(
            {"_id": f"note-{number}", "user_id": WHO, "created_at": at, "text": f"note {number}",
             "author": {"id": "1", "name": "Ann"}}
        )  # fmt: skip


def mark(row: Any) -> str:
    """Tells rows apart as a reader could."""
    found = [detail.value for detail in row.entry.details if detail.key == "mark"]
    return found[0] if found else row.entry.text


def walk(kinds: Any, size: int) -> tuple[list[Any], list[Any]]:
    """Every row by the links to what is older, then by those to what is newer."""
    forth, back, cursor = [], [], ""
    while True:
        page = timeline_page(WHO, can=lambda _: True, kinds=kinds, cursor=cursor, size=size)
        forth.append(page.rows)
        if not page.older:
            break
        cursor = page.older
        assert len(page.rows) == size
    back.append(page.rows)
    while page.newer:
        page = timeline_page(WHO, can=lambda _: True, kinds=kinds, cursor=page.newer, size=size)
        back.append(page.rows)
    return [row for rows in forth for row in rows], [row for rows in back[::-1] for row in rows]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=EVENTS, audit=AUDIT, notes=NOTES, size=st.integers(1, 7),
       kinds=CHOSEN)  # fmt: skip
@example(events=[event(n, "login", [MOMENT, MOMENT + timedelta(seconds=2)]) for n in range(3)]
         + [event(n, "login", MOMENT + timedelta(seconds=1)) for n in (3, 4)]
         + [event(5, "login", MOMENT - timedelta(seconds=1))],
         audit=[], notes=[], size=1, kinds=())  # fmt: skip
def test_every_row_is_met_once_in_order_there_and_back(mongo, events, audit, notes, size, kinds):
    fill(mongo, events, audit, notes)
    forth, back = walk(kinds, size)
    wanted = {
        (): [*(repr(each["_id"]) for each in events),
             *(f"audit {n}" for n in range(len(audit))), *(f"note {n}" for n in range(len(notes)))],
        ("failures",): [repr(each["_id"]) for each in events
                        if each["event_type"] in ("error", "generation_failed")],
        ("staff", "events:unheard_of"): [
            *(repr(each["_id"]) for each in events if each["event_type"] == "unheard_of"),
            *(f"audit {n}" for n in range(len(audit))),
        ],
        ("note",): [f"note {n}" for n in range(len(notes))],
    }[kinds]  # fmt: skip
    assert sorted(map(mark, forth)) == sorted(wanted)
    assert [mark(row) for row in back] == [mark(row) for row in forth]
    times = [row.at for row in forth if row.at]
    assert times == sorted(times, reverse=True)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=st.lists(st.builds(event, st.builds(ObjectId), st.just("login"), TIMES), max_size=30),
       audit=AUDIT, notes=NOTES, size=st.integers(1, 9))  # fmt: skip
def test_rows_stand_as_a_merge_by_hand_has_them(mongo, events, audit, notes, size):
    fill(mongo, events, audit, notes)
    by_hand = [
        *(("events", each["timestamp"], each["_id"], repr(each["_id"])) for each in events),
        *(("audit", at, f"row-{n}", f"audit {n}") for n, at in enumerate(audit)),
        *(("notes", at, f"note-{n}", f"note {n}") for n, at in enumerate(notes)),
    ]
    ordered = []
    for at in sorted({each[1] for each in by_hand}, reverse=True):
        for source in ("audit", "events", "notes"):
            same = [each for each in by_hand if each[:2] == (source, at)]
            ordered += sorted(same, key=lambda each: each[2], reverse=True)
    forth, _ = walk((), size)
    assert [mark(row) for row in forth] == [each[3] for each in ordered]


def test_a_cursor_of_another_customer_or_filter_is_refused(mongo):
    fill(mongo, [event(ObjectId(), "login", MOMENT) for _ in range(3)], [], [])
    cursor = timeline_page(WHO, can=lambda _: True, size=1).older
    for customer_id, kinds, given_cursor in (
        ("another", (), cursor), (WHO, ("failures",), cursor), (WHO, (), "x"),
        (WHO, (), cursor + "x"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            timeline_page(customer_id, can=lambda _: True, kinds=kinds, cursor=given_cursor)


def test_another_customers_rows_are_not_met(mongo):
    fill(mongo, [event(ObjectId(), "login", MOMENT)], [MOMENT], [MOMENT])
    assert len(timeline_page(WHO, can=lambda _: True).rows) == 3
    assert not timeline_page("customer-2", can=lambda _: True).rows
