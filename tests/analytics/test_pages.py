"""Pages of charts over events that were counted."""

import csv
import io
import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from devora_admin.analytics.forms.range import RangeForm
from devora_admin.analytics.periods import Span
from devora_admin.analytics.queries import cells
from devora_admin.analytics.rollups import state
from devora_admin.core import clock
from tests.analytics.links import cell_links

PAGES = (
    "/analytics/",
    "/analytics/generations/",
    "/analytics/customers/",
    "/analytics/explore/",
    "/analytics/live/",
)


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
    assert 'All</th><td data-value="3.0">$3.00<' in cost
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
    ("limit", "metric"), [("MOST_CELLS", "generations"), ("MOST_BINS", "latency_p95")]
)
def test_what_takes_too_much_room_is_refused(client_for, events, monkeypatch, limit, metric):
    monkeypatch.setattr(cells, limit, 1)
    page = client_for("viewer").get(f"/analytics/explore/?metric={metric}&by=model")
    assert page.status_code == 422
    assert "too many numbers" in page.content.decode()


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

    first, again = trips("days=365"), trips("days=365")
    assert first == again + 1  # sketches that were not read yet
    assert trips("days=7") == again
