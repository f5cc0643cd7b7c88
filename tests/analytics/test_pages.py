"""Pages of charts over events that were counted, and the lists behind their points."""

import csv
import io
import re
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.urls import reverse

from devora_admin.analytics import people
from devora_admin.analytics.forms.range import RangeForm
from devora_admin.analytics.metrics import GENERATIONS, METRICS
from devora_admin.analytics.pages.people import Behind
from devora_admin.analytics.periods import Span, monday_of
from devora_admin.analytics.points import Point
from devora_admin.analytics.queries import cells
from devora_admin.analytics.queries.table import Row, Table
from devora_admin.analytics.rollups import state
from devora_admin.analytics.rollups.counting import count
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.core.listing import groups
from tests import factories

PAGES = (
    "/analytics/",
    "/analytics/generations/",
    "/analytics/customers/",
    "/analytics/explore/",
    "/analytics/live/",
)


@pytest.fixture
def now(monkeypatch):
    """The present, which stands still: never so early that five minutes ago was yesterday."""
    real = clock.now()
    held = max(real, datetime.combine(real.date(), time(0, 6), tzinfo=UTC))
    monkeypatch.setattr(clock, "now", lambda: held)
    return held


@pytest.fixture
def events(mongo, now):
    """Of three customers: one generated today with two models, one failed, one was here before."""
    ada, bob, cyd = (
        factories.insert(mongo.users, factories.customer(name=name))
        for name in ("Ada", "Bob", "Cyd")
    )

    def event(number, customer, event_type, days=0, project=None, **properties):
        at = now - timedelta(days=days, minutes=5)
        return {"_id": number, "event_type": event_type, "user_id": customer["id"],
                "project_id": project and project["id"],
                "timestamp": at, "properties": properties}  # fmt: skip

    shop, blog = (
        factories.insert(mongo.projects, factories.project(name=name, project_type=name, **more))
        for name, more in (("shop", {}), ("blog", {"archived_at": factories.EPOCH}))
    )

    rows = [
        event(
            1,
            ada,
            "generation_completed",
            project=shop,
            model="fable",
            tokens=1200,
            latency_ms=800,
            cost_usd=2,
        ),
        event(
            2,
            ada,
            "generation_completed",
            project=blog,
            model="saga",
            tokens=300,
            latency_ms=2400,
            cost_usd=1,
        ),
        event(3, bob, "generation_failed", model="fable", latency_ms=100),
        event(4, bob, "signup"),
        event(5, cyd, "login", days=40),
        event(6, cyd, "<script>new</script>,all", tokens=7, cost_usd=5),
    ]
    mongo.analytics_events.insert_many(rows)
    core_mongo.run_in_transaction(lambda session: count(range(1, 7), session))
    return {"ada": ada, "bob": bob, "cyd": cyd, "shop": shop, "blog": blog}


def cell_links(html):
    return [
        each.replace("&amp;", "&")
        for each in re.findall(r'<td class="num"[^>]*><a href="([^"]*)', html)
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_nothing_says_so(client_for, mongo, path):
    page = client_for("viewer").get(path)
    assert page.status_code == 200
    assert "Nothing" in page.content.decode() or "No generation" in page.content.decode()


def test_the_overview_tells_numbers_without_a_script_and_what_is_behind_them(client_for, events):
    client = client_for("support")
    html = client.get("/analytics/").content.decode()
    for tile, value in (("Generations", "3"), ("Generations that succeed", "66.7 %"),
                        ("Tokens", "1,507"), ("Cost", "$8.00")):  # fmt: skip
        assert re.search(
            rf'tile-label">{tile}</span>\s*<span class="tile-value">{re.escape(value)}<', html
        )
    cost = html.split('id="chart-cost"')[1]
    assert 'All</th><td class="num" data-value="3.0">$3.00<' in cost
    failures = next(link for link in cell_links(html) if "generation_failed" in link)
    behind = client.get(failures).content.decode()
    assert events["bob"]["id"] in behind
    assert events["ada"]["id"] not in behind
    assert "generation failed, " in behind


def test_what_generations_cost_is_told_by_model(client_for, events):
    html = client_for("viewer").get("/analytics/generations/").content.decode()
    rows = re.findall(r'<td class="cell-title"><a [^>]*>([^<]*)</a></td>\s*(.*?)</tr>', html, re.S)
    told = {model: re.findall(r">([^<]+)</td>", cells) for model, cells in rows}
    assert told["saga"] == [
        "1",
        "100.0 %",
        told["saga"][2],
        told["saga"][3],
        "300",
        "$1.00",
        "$1.00",
    ]
    assert told["fable"][:2] == ["2", "50.0 %"]
    assert re.findall(r'tile-value">([^<]*)<', html)[-2:] == ["1,500", "$3.00"]
    assert told["fable"][-1] == "$1.00"


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("metric=generations&by=model", {"ada", "bob", "shop", "blog"}),
        ("metric=generations&model=saga", {"ada", "blog"}),
        ("metric=generations&by=model&project_type=shop", {"ada", "shop"}),
        ("metric=generations&by=project_type&model=saga&days=1", {"ada", "blog"}),
        ("metric=generations&days=1&grain=hour", {"ada", "bob", "shop", "blog"}),
        ("metric=success_rate", {"ada", "bob", "shop", "blog"}),
        ("metric=generations&by=model&plan=free&days=1", set()),
        ("metric=mau", {"ada", "bob", "cyd", "shop", "blog"}),
        ("metric=events&by=event_type", {"ada", "bob", "cyd", "shop", "blog"}),
        ("metric=events&days=1&grain=hour", {"ada", "bob", "cyd", "shop", "blog"}),
        ("metric=logins&days=90", {"cyd"}),
    ],
)
def test_any_point_leads_to_the_customers_and_projects_behind_it(client_for, events, query, who):
    client = client_for("support")
    html = client.get(f"/analytics/explore/?{query}").content.decode()
    assert "<script>new" not in html
    assert '<option value="signup">' in html
    found = set()
    for link in cell_links(html):
        key = parse_qs(urlsplit(link).query)["group"][0]
        for page in (client.get(link), client.get("/projects/", {"group": key, "archived": "any"})):
            assert page.status_code == 200, link
            listed = page.content.decode()
            found |= {name for name, each in events.items() if f'{each["id"]}/"' in listed}
    assert found == who


@pytest.mark.parametrize("most_people", [0, 10_000])
def test_projects_behind_a_point_are_those_of_its_events(events, monkeypatch, most_people):
    """Whether they are found by the customers of that time, or bit by bit in it."""
    monkeypatch.setattr(people, "_MOST_PEOPLE", most_people)
    day = f"first={clock.now().date() - timedelta(days=1)}&last={clock.now().date()}"
    shop, blog = sorted((events["shop"]["id"], events["blog"]["id"]), key=str)
    made = "types=generation_completed&types=generation_failed"
    assert sorted(people.projects(f"{made}&{day}", 9)) == [shop, blog]
    assert len(people.projects(f"{made}&{day}", 1)) == 1
    of_saga = f"{made}&by=model&value=saga&by=project_type&value=blog&{day}"
    assert people.projects(of_saga, 9) == [events["blog"]["id"]]
    assert people.customers(of_saga, 9) == [events["ada"]["id"]]
    assert people.projects(f"types=login&{day}", 9) == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("metric=nothing", "no such metric"),
        ("first=2016-01-01&last=2026-01-01&grain=hour", "92 days at most"),
        ("first=1976-01-01&last=2026-01-01", "Choose days from 2015"),
        ("first=2026-03-02&last=2026-03-01", "ends before it begins"),
        ("metric=latency_p95&by=model&plan=pro", "one of plan, project type and model at a time"),
        ("days=-4", "from 1 to 3660"),
        ("first=yesterday", "such as 2026-03-31"),
    ],
)
def test_what_cannot_be_shown_is_told_at_its_place(client_for, mongo, query, told):
    page = client_for("viewer").get(f"/analytics/explore/?{query}")
    assert page.status_code == 422
    assert told in page.content.decode()


@pytest.mark.parametrize("path", ["/analytics/", "/analytics/customers/", "/analytics/explore/"])
def test_what_begins_before_there_were_events_is_compared_with_nothing(client_for, mongo, path):
    page = client_for("viewer").get(f"{path}?first=2017-01-01&last=2025-12-31")
    assert page.status_code == 200


def test_today_is_that_of_the_zone(now):
    zone = ZoneInfo("Etc/GMT-14" if now.hour >= 10 else "Etc/GMT+12")
    today = now.astimezone(zone).date()
    assert today != now.date()
    for given in ("", f"first={today}"):
        form = RangeForm(QueryDict(given), zone)
        assert form.is_valid(), form.errors
        assert form.range().span.last == today


def test_a_link_is_of_the_days_that_its_number_tells_of(now):
    def link(metric, first, last):
        span = Span(first, last)
        begins = datetime.combine(monday_of(last), time(), tzinfo=UTC)
        table = Table(METRICS[metric], span, "week", (begins,), (), None)
        return Behind()(table, Row("", (3,), None))[0]

    day = date(2026, 3, 11)
    assert "first%3D2026-03-09%26last%3D2026-03-15" in link("customers", day, day)
    assert "first%3D2026-03-11%26last%3D2026-03-11" in link("signups", day, day)
    today = now.date()
    week = link("wau", monday_of(today), monday_of(today) + timedelta(days=6))
    assert f"first%3D{today - timedelta(days=6)}%26last%3D{today}" in week


def test_a_list_that_is_cut_says_so_and_is_not_changed_as_a_whole(client_for, events, monkeypatch):
    key = Point(clock.now().date(), clock.now().date(), GENERATIONS).key
    client = client_for("admin")
    told = "the first 1 of generation completed"
    assert told not in client.get("/users/", {"group": key}).content.decode()
    monkeypatch.setattr(groups, "MOST", 1)
    assert told in client.get("/users/", {"group": key}).content.decode()
    asked = {"action": "suspend", "scope": "matching", "filters": urlencode({"group": key})}
    for name in ("users:bulk_confirm", "users:bulk_start"):
        page = client.post(reverse(name), {**asked, "reason": "spam"})
        assert page.status_code == 422
        assert "holds only the first" in page.content.decode()


def test_a_rebuild_is_told_while_it_lasts_and_when_it_broke_off(client_for, events, monkeypatch):
    span = Span(date(2026, 1, 1), date(2026, 3, 1))
    state.begin_rebuild(span, date(2026, 2, 1), is_whole=False)
    client = client_for("viewer")
    assert (
        "are being counted again; those up to 1 Feb 2026" in client.get(PAGES[1]).content.decode()
    )
    later = clock.now() + timedelta(minutes=20)
    monkeypatch.setattr(clock, "now", lambda: later)
    html = client.get(PAGES[1]).content.decode()
    assert "again broke off" in html
    assert "rebuild_rollups --from 2026-01-01 --to 2026-03-01<" in html


@pytest.mark.parametrize(
    ("limit", "metric"), [("MOST_CELLS", "generations"), ("MOST_BYTES", "latency_p95")]
)
def test_what_takes_too_much_room_is_refused(client_for, events, monkeypatch, limit, metric):
    monkeypatch.setattr(cells, limit, 1)
    page = client_for("viewer").get(f"/analytics/explore/?metric={metric}&by=model")
    assert page.status_code == 422
    assert "too many numbers" in page.content.decode()


@pytest.mark.parametrize(
    "key", ["x:y", "did:", "did:first=2026-01-02&last=2026-01-01", "did:first=1&last=2",
            "did:first=2026-01-01&last=2026-01-01&by=model", "did:hour=never",
            "did:first=2026-01-01&last=2026-01-01&colour=red"],
)  # fmt: skip
def test_a_group_that_is_none_is_refused(client_for, mongo, key):
    page = client_for("support").get("/users/", {"group": key})
    assert page.status_code == 422
    assert "Traceback" not in page.content.decode()


def test_a_chart_is_a_file_of_plain_numbers(client_for, events):
    page = client_for("viewer").get("/analytics/generations/volume.csv?days=7")
    rows = list(csv.reader(io.StringIO(page.getvalue().decode("utf-8-sig"))))
    assert sorted(rows[0]) == ["day", "fable", "saga"]
    assert len(rows) == 8
    assert sum(int(cell) for row in rows[1:] for cell in row[1:]) == 3
    assert client_for("viewer").get("/analytics/nothing/volume.csv").status_code == 404
    assert client_for("viewer").get("/analytics/overview/volume.csv").status_code == 404


def test_customers_are_told_how_far_they_came_and_how_many_stayed(client_for, events):
    html = client_for("viewer").get("/analytics/customers/?days=60").content.decode()
    steps = re.findall(r'class="funnel-number"><strong>(\d+)<', html)
    assert steps == ["1", "0", "0", "0"]
    assert "Week 0" in html
    assert "100 %" in html
    assert html.count("% of all") == 3


def test_live_counts_the_last_minutes(client_for, events):
    page = client_for("viewer").get("/analytics/live/", headers={"HX-Request": "true"})
    html = page.content.decode()
    assert 'tile-value">5<' in html
    assert "&lt;script&gt;new" in html
    assert "login" not in html


def test_a_page_makes_as_many_round_trips_for_a_year_as_for_a_week(client_for, events):
    client = client_for("viewer")

    def trips(query):
        page = client.get(f"/analytics/?{query}")
        return int(re.search(r'mongo;desc="(\d+)"', page["Server-Timing"])[1])

    assert trips("days=365") == trips("days=7")
