"""Every number of a report against the same number reckoned one issue at a time."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from devora_admin.core import clock
from devora_admin.core.ids import new_id
from devora_admin.support.queries.happened import About
from devora_admin.support.reports import gathering
from devora_admin.support.reports.report import report
from devora_admin.support.reports.span import Span
from devora_admin.support.reports.tables import Order, table
from tests.support.test_inbox import issue_row

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)
PEOPLE, TAGS, TYPES = ("", "a", "b"), ("x", "y", "z"), ("", "saas", "shop")
OVER = ("resolved", "closed")


@pytest.fixture
def berlin(settings, monkeypatch):
    """Clocks are put forward there on 29 March 2026: that day has 23 hours."""
    settings.TIME_ZONE = "Europe/Berlin"
    monkeypatch.setattr(clock, "now", lambda: NOW)


def random_issue(pick, number):
    """Some of them to the millisecond where a day begins."""
    day = datetime(2026, 3, pick.randrange(10, 32), tzinfo=ZONE)
    edge = timedelta(milliseconds=pick.choice([-1, 0, 1]))
    within = timedelta(milliseconds=pick.randrange(86_400_000))
    at = (day + (edge if pick.random() < 0.3 else within)).astimezone(UTC)
    row = issue_row(
        number, updated_at=at, created_at=at, assignee_id=pick.choice(PEOPLE),
        tags=pick.sample(TAGS, pick.randrange(4)),
    )  # fmt: skip
    if kind := pick.choice(TYPES):
        row["project_type"] = kind
    sla = {"pauses": [], "told": {}}
    if pick.random() < 0.7:
        row["first_replied_at"] = at + timedelta(milliseconds=pick.randrange(400_000_000))
    for name in ("first_reply", "resolution"):
        if pick.random() < 0.8:
            is_met = name == "resolution" or "first_replied_at" in row
            state = "met" if is_met else pick.choice(["running", "ended"])
            sla[name] = {"state": state, "took_s": pick.random() * 90_000}
    for name in ("first_breached_at", "resolution_breached_at"):
        if pick.random() < 0.3:
            sla[name] = at + timedelta(hours=pick.randrange(100))
    if pick.random() < 0.7:
        row["status"] = pick.choice(OVER)
        row["resolved_at"] = at + timedelta(milliseconds=pick.randrange(900_000_000))
    elif "resolution" in sla:
        sla["resolution"]["state"] = pick.choice(["running", "paused"])
    if pick.random() < 0.2:
        row["reopened"] = pick.randrange(1, 4)
    return row | {"sla": sla}


def random_question(pick, row):
    found = {
        "_id": new_id(), "issue_id": row["_id"], "number": row["number"], "token_sha256": new_id(),
        "assignee_id": row["assignee_id"], "tags": row["tags"], "resolved_by": "a",
        "project_type": row.get("project_type", ""),
        "asked_at": row.get("resolved_at", row["created_at"]),
    }  # fmt: skip
    return found | ({"rating": rating} if (rating := pick.choice(["", "good", "bad"])) else {})


@pytest.fixture
def stored(berlin, mongo, request):
    pick = random.Random(getattr(request, "param", 1))
    rows = [random_issue(pick, number) for number in range(1, 401)]
    asks = [random_question(pick, row) for row in rows if pick.random() < 0.6]
    mongo.support_issues.insert_many(rows)
    mongo.support_csat.insert_many(asks)
    return rows, asks


def percentile(values, percent):
    """In a line between the two it lies between."""
    if not values:
        return None
    values = sorted(values)
    place = (len(values) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return pytest.approx(values[low] + (values[high] - values[low]) * (place - low))


def local_day(at):
    return at.astimezone(ZONE).date()


def expected(rows, asks, first, last):
    """All numbers, from the days on which things happened by the wall clock in Berlin."""

    def inside(at):
        return at is not None and first <= local_day(at) <= last

    opened = [row for row in rows if inside(row["created_at"])]
    resolved = [row for row in rows if inside(row.get("resolved_at"))]
    asked = [each for each in asks if inside(each["asked_at"])]
    answered = [each for each in asked if "rating" in each]
    replied = [row for row in opened if "first_replied_at" in row]

    def business(of, name):
        met = [row["sla"][name] for row in of if name in row["sla"]]
        return [each["took_s"] for each in met if each["state"] == "met"]

    first_wall = [(row["first_replied_at"] - row["created_at"]).total_seconds() for row in replied]
    wall = [(row["resolved_at"] - row["created_at"]).total_seconds() for row in resolved]
    return {
        "opened": len(opened),
        "resolved": len(resolved),
        "first_response": spread(business(opened, "first_reply")),
        "first_response_wall": spread(first_wall),
        "resolution": spread(business(resolved, "resolution")),
        "resolution_wall": spread(wall),
        "late_first": sum(inside(row["sla"].get("first_breached_at")) for row in rows),
        "late_resolution": sum(inside(row["sla"].get("resolution_breached_at")) for row in rows),
        "late_of_opened": (sum("first_breached_at" in row["sla"] for row in opened), len(opened)),
        "late_of_resolved": (
            sum("resolution_breached_at" in row["sla"] for row in resolved), len(resolved),
        ),
        "reopened": (
            sum("reopened" in row for row in opened),
            sum("reopened" in row or row["status"] in OVER for row in opened),
        ),
        "satisfied": (sum(each["rating"] == "good" for each in answered), len(answered)),
        "answered": (len(answered), len(asked)),
    }  # fmt: skip


def spread(values):
    return percentile(values, 50), percentile(values, 90)


def told(figures):
    found = {}
    for name in figures.__slots__:
        value = getattr(figures, name)
        if hasattr(value, "median_s"):
            value = value.median_s, value.p90_s
        elif hasattr(value, "part"):
            value = value.part, value.whole
        found[name] = value
    return found


def open_after(rows, day):
    return sum(
        local_day(row["created_at"]) <= day
        and ("resolved_at" not in row or local_day(row["resolved_at"]) > day)
        for row in rows
    )


SPANS = [
    Span(date(2026, 3, 29), date(2026, 3, 29)),
    Span(date(2026, 3, 23), date(2026, 3, 31)),
    Span(date(2026, 3, 1), date(2026, 4, 20)),
    Span(date(2026, 1, 1), date(2026, 1, 3)),
]


@pytest.mark.parametrize("span", SPANS, ids=str)
@pytest.mark.parametrize("stored", [1, 2, 3], indirect=True)
def test_every_number_is_the_one_found_issue_by_issue(stored, span):
    rows, asks = stored
    found = report(span, About())
    assert told(found.now) == expected(rows, asks, span.first, span.last)
    before = span.earlier
    assert told(found.before) == expected(rows, asks, before.first, before.last)
    assert found.backlog == open_after(rows, span.last)
    assert found.backlog_before == open_after(rows, before.last)
    assert [each.day for each in found.days] == list(span.days())
    for each in found.days:
        of_day = expected(rows, asks, each.day, each.day)
        assert (each.opened, each.resolved) == (of_day["opened"], of_day["resolved"])
        assert each.backlog == open_after(rows, each.day)


KEYS = {
    "who": lambda each: [each["assignee_id"]],
    "tag": lambda each: each["tags"] or [""],
    "type": lambda each: [each.get("project_type", "")],
}
ABOUT = {"who": "assignee_id", "tag": "tag", "type": "project_type"}


@pytest.mark.parametrize("by", KEYS)
def test_every_row_of_a_table_is_the_report_of_its_issues_alone(stored, by):
    rows, _ = stored
    span = SPANS[1]
    found = {row.key: row.figures for row in report(span, About()).tables[by]}
    assert set(found) == {key for row in rows for key in KEYS[by](row)}
    for key, figures in found.items():
        own_rows, own_asks = ([each for each in of if key in KEYS[by](each)] for of in stored)
        assert told(figures) == expected(own_rows, own_asks, span.first, span.last)
        alone = report(span, About(**{ABOUT[by]: key}))
        assert told(alone.now) == told(figures)
        assert alone.backlog == open_after(own_rows, span.last)


def test_beyond_the_most_rows_the_others_are_one_row_with_each_issue_once(stored):
    span = SPANS[1]
    gathered = gathering.read(span.start, span.end, About()).gathered
    shown = table(gathered, "tag", order=Order("opened"), names={}, most=1)
    assert [row.is_others for row in shown] == [False, True]
    top = shown[0].key

    def is_other(each):
        return bool(set(KEYS["tag"](each)) - {top})

    own = [[each for each in of if is_other(each)] for of in stored]
    assert told(shown[1].figures) == expected(*own, span.first, span.last)


def test_a_table_stands_in_the_order_asked_for_with_nothing_last(stored):
    span = SPANS[1]
    for descends in (True, False):
        rows = report(span, About(), order=Order("first", descends)).tables["tag"]
        values = [row.figures.first_response_wall.median_s for row in rows]
        assert values == sorted(values, reverse=descends)


def test_a_day_to_come_has_no_backlog_yet(stored):
    days = report(Span(date(2026, 4, 19), date(2026, 4, 22)), About()).days
    assert [each.backlog is None for each in days] == [False, False, True, True]
