"""From a point of a chart to the lists of what is behind it."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.urls import reverse

from devora_admin.analytics import people, points
from devora_admin.analytics.metrics import GENERATIONS, METRICS
from devora_admin.analytics.pages.people import Behind
from devora_admin.analytics.periods import Span, monday_of
from devora_admin.analytics.points import Point
from devora_admin.analytics.queries.table import Row, Table
from devora_admin.analytics.rollups.counting import count
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.core.listing import groups
from devora_admin.core.mongo import round_trips
from tests.analytics.links import cell_links


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


def test_enough_projects_are_found_without_reading_all_of_a_wide_point(mongo):
    last = clock.now()
    rows = [
        {"_id": number, "event_type": "login", "user_id": "ada", "properties": {},
         "project_id": f"project-{number:03}", "timestamp": last - timedelta(days=300 - number)}
        for number in range(300)
    ]  # fmt: skip
    mongo.analytics_events.insert_many(rows)
    core_mongo.run_in_transaction(lambda session: count(range(300), session), patience_s=30)
    point = f"first={rows[0]['timestamp'].date()}&last={rows[-1]['timestamp'].date()}"
    round_trips.reset()
    assert set(people.projects(point, 3)) < {f"project-{number:03}" for number in range(6)}
    assert round_trips.count <= 9  # the time zone, and bits as far as the sixty-fourth of it
    assert len(people.projects(point, 1000)) == 300


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


@pytest.mark.parametrize(
    "key", ["x:y", "did:", "did:first=2026-01-02&last=2026-01-01", "did:first=1&last=2",
            "did:first=2026-01-01&last=2026-01-01&by=model", "did:hour=never",
            "did:first=2026-01-01&last=2026-01-01&colour=red"],
)  # fmt: skip
def test_a_group_that_is_none_is_refused(client_for, mongo, key):
    page = client_for("support").get("/users/", {"group": key})
    assert page.status_code == 422
    assert "Traceback" not in page.content.decode()


def test_the_name_of_the_last_days_reads_nothing(mongo):
    before = round_trips.count
    assert points.label("types=login&days=7") == "login, the last 7 days"
    assert round_trips.count == before
