"""The page of reports and its files: what is asked for, what stands there, what leads where."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict

from devora_admin.core import clock, job_runner
from devora_admin.core import mongo as core_mongo
from devora_admin.core.ids import new_id
from devora_admin.support.forms.happened import HappenedForm
from devora_admin.support.queries.happened import Between, Happened
from devora_admin.support.queries.inbox import Filters, inbox_page
from devora_admin.support.reports import gathering
from devora_admin.support.services import bulk, fields, writing
from tests.support.test_inbox import issue_row

PAGE = "/support/reports/"
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def still(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def put(mongo):
    """put(1, created_at=…) stores an issue of ten days ago."""

    def make(number, **fields):
        at = fields.pop("created_at", NOW - timedelta(days=10))
        row = issue_row(number, created_at=at, updated_at=at, **fields)
        mongo.support_issues.insert_one(row)
        return row

    return make


@pytest.fixture
def client(client_for):
    return client_for("support")


def text_of(response):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def subtitle(response):
    return re.search(r'page-head-sub">(.*?)</div>', response.content.decode(), re.S)[1]


def file(client, table, query=""):
    response = client.get(f"{PAGE}{table}.csv{query}")
    assert response.status_code == 200, response.content
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    return response["Content-Disposition"], list(csv.reader(io.StringIO(body)))


def test_without_a_time_it_is_the_last_30_days_beside_the_30_before(client, put):
    put(1)
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "21 Apr 2026 \u2013 20 May 2026" in subtitle(response)
    assert "22 Mar 2026 \u2013 20 Apr 2026" in subtitle(response)


def test_the_days_named_are_both_part_of_it(client, put):
    for number, at in enumerate(
        [
            datetime(2026, 5, 1, 23, 59, 59, 999_000, UTC),
            datetime(2026, 5, 2, 0, 0, 0, 0, UTC),
            datetime(2026, 5, 3, 23, 59, 59, 999_000, UTC),
            datetime(2026, 5, 4, 0, 0, 0, 0, UTC),
        ],
        start=1,
    ):
        put(number, created_at=at)
    _, rows = file(client, "days", "?first=2026-05-02&last=2026-05-03")
    assert rows[1:] == [["2026-05-02", "1", "0", "2"], ["2026-05-03", "1", "0", "3"]]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("first=2026-05-03&last=2026-05-02", "The end lies before the beginning."),
        ("first=2025-01-01&last=2026-01-02", "A report covers 366 days at most"),
        ("last=2026-05-02", "Give the first day, too."),
        ("first=today", "Give a date such as 2026-03-31."),
        ("first=1900-01-01", "Give a year between 1970 and 2999."),
        ("days=31", "Choose one of the list."),
        ("person=who", "Choose one of the list."),
        ("sort=luck", "There is no such order."),
        ("tag=a%00b", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_counts_nothing(client, put, query, told):
    put(1)
    response = client.get(f"{PAGE}?{query}")
    assert response.status_code == 422
    assert told in text_of(response)
    assert "Nothing was counted" in text_of(response)
    assert client.get(f"{PAGE}days.csv?{query}").status_code == 422


def test_366_days_are_not_too_many(client, put):
    put(1)
    assert client.get(f"{PAGE}?first=2024-01-01&last=2024-12-31").status_code == 200


def test_a_time_in_which_nothing_happened_says_so(client):
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "No issue was opened in this time" in text_of(response)


def test_a_person_a_tag_and_a_project_type_narrow_it(client, put, staff):
    ann = str(staff("editor", name="Ann Ames").pk)
    put(1, assignee_id=ann, tags=["x"], project_type="shop")
    put(2, assignee_id=ann, tags=[])
    put(3, tags=["x", "y"], project_type="saas")

    def opened(query):
        return file(client, "summary", query)[1][1][3]

    assert opened("") == "3"
    assert opened(f"?person={ann}") == "2"
    assert opened("?person=none") == "1"
    assert opened("?tag=X") == "2"
    assert opened("?type=shop") == "1"
    assert opened(f"?person={ann}&tag=x&type=saas") == "0"


def test_tables_name_people_tags_and_types_and_those_without(client, put, staff):
    ann = str(staff("editor", name="Ann Ames").pk)
    put(1, assignee_id=ann, tags=["billing"], project_type="shop")
    put(2)
    told = text_of(client.get(PAGE))
    for label in ("Ann Ames", "Nobody", "billing", "No tag", "shop", "No project type"):
        assert label in told


def test_a_column_orders_the_tables_and_its_header_turns_the_order(client, put):
    for number, tags in enumerate([["b"], ["b"], ["a"], ["c"], ["c"], ["c"]], start=1):
        put(number, tags=tags)

    def tags(query):
        return [row[0] for row in file(client, "tags", query)[1][1:]]

    assert tags("") == ["c", "b", "a"]
    assert tags("?sort=opened") == ["a", "b", "c"]
    assert tags("?sort=-name") == ["c", "b", "a"]
    page = client.get(f"{PAGE}?sort=opened&days=90").content.decode()
    assert 'aria-sort="ascending"' in page
    assert "?sort=-opened&amp;days=90#tags" in page


def test_beyond_50_rows_the_others_are_one_and_the_file_has_all(client, put):
    for number in range(1, 61):
        put(number, tags=[f"tag {number:02}"])
    told = text_of(client.get(f"{PAGE}?sort=name"))
    assert "10 others" in told
    assert "tag 50" in told
    assert "tag 51" not in told
    assert len(file(client, "tags")[1]) == 61


def test_what_a_customer_or_the_platform_wrote_stays_text(client, put):
    put(1, tags=['<script>"&'], project_type="=1+1")
    page = client.get(PAGE).content.decode()
    assert "&lt;script&gt;&quot;&amp;" in page
    assert '<script>"' not in page
    assert file(client, "types")[1][1][0] == "'=1+1"


def test_a_file_is_named_after_its_table_and_its_days(client, put):
    put(1)
    name, rows = file(client, "people", "?first=2026-05-01&last=2026-05-20")
    assert name == 'attachment; filename="issues-by-person-2026-05-01-to-2026-05-20.csv"'
    assert rows[0][:3] == ["Person", "Opened", "Resolved"]
    assert rows[1][:3] == ["Nobody", "1", "0"]
    assert client.get(f"{PAGE}planets.csv").status_code == 404


LINK = re.compile(r'href="(/support/\?[^"]*)"[^>]*>([\d,]+)<')


def listed(url):
    """The numbers of the list behind an address, which the inbox's own filters narrow too."""
    asked = parse_qs(urlsplit(url).query)
    own = {name: asked.pop(name)[0] for name in ("assignee", "tag") if name in asked}
    query = QueryDict("", mutable=True)
    query.update({name: values[0] for name, values in asked.items()})
    form = HappenedForm(query)
    assert form.is_valid(), form.errors
    assert set(asked) <= set(form.fields)
    who = {"none": ""}.get(own.get("assignee"), own.get("assignee"))
    filters = Filters(happened=form.happened(), assignee_id=who, tag=own.get("tag", ""))
    return len(inbox_page(filters, size=500).rows)


def test_every_count_opens_a_list_of_as_many_issues(client, put, staff, mongo):
    ann = str(staff("editor", name="Ann Ames").pk)
    for number in range(1, 61):
        at = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(days=number, hours=number % 24)
        row = {"created_at": at, "assignee_id": ann if number % 3 else ""}
        row["tags"] = [["x"], [], ["x", "y & z"]][number % 3]
        row |= {"project_type": "shop"} if number % 4 else {}
        row["sla"] = {}
        if number % 2:
            row |= {"status": "resolved", "resolved_at": at + timedelta(days=2)}
        if number % 5 == 0:
            row["sla"]["first_breached_at"] = at + timedelta(days=6)
        if number % 7 == 0:
            row["sla"]["resolution_breached_at"] = at + timedelta(days=11)
        if number % 6 == 0:
            row["reopened"] = 2
        put(number, **row)
    page = client.get(f"{PAGE}?first=2026-04-20&last=2026-05-10").content.decode()
    links = [(unescape(url), int(count.replace(",", ""))) for url, count in LINK.findall(page)]
    assert len(links) > 80
    assert 0 in {count for _, count in links}
    kinds = {name for url, _ in links for name in parse_qs(urlsplit(url).query)}
    assert kinds >= {
        "opened_from", "resolved_from", "breached_from", "breached", "reopened", "open_on",
        "assignee", "tag", "project_type", "untagged", "without_type",
    }  # fmt: skip
    for url, count in links:
        assert listed(url) == count, url


def test_a_median_opens_the_issues_it_was_reckoned_from(client, put):
    """Answered outside hours, it took no business hours; by the clock it did."""
    answered = {"first_replied_at": NOW - timedelta(days=9, hours=19)}
    put(1, sla={"first_reply": {"state": "met", "took_s": 0, "target_min": 60}}, **answered)
    put(2, sla={}, **answered)
    put(3)
    page = client.get(PAGE)
    html = page.content.decode()
    row = r'<th scope="row">(Median, [^<]*)</th>\s*<td class="num"><strong><a[^>]*href="([^"]*)"'
    by_clock, in_hours = [(label, unescape(url)) for label, url in re.findall(row, html)]
    assert (by_clock[0], listed(by_clock[1])) == ("Median, by the clock", 2)
    assert (in_hours[0], listed(in_hours[1])) == ("Median, in business hours", 1)
    assert re.search(r"5 h [\d.]+ \S+ in business hours", text_of(page))
    assert re.search(r'name="first"[^>]* value="2026-04-21"', html)
    assert re.search(r'name="last"[^>]* value="2026-05-20"', html)
    assert "Last 30 days" in re.search(r'aria-current="page">(Last[^<]*)<', html)[1]
    link = client.get(in_hours[1])
    assert "A first response that was promised" in text_of(link)


def test_shares_and_medians_open_the_issues_they_were_taken_from(client, put, mongo):
    for number in range(1, 11):
        put(
            number,
            status="resolved",
            resolved_at=NOW - timedelta(days=1),
            sla={"first_breached_at": NOW} if number < 4 else {},
            **({"reopened": 1} if number < 3 else {}),
        )
        mongo.support_csat.insert_one({
            "_id": new_id(), "issue_id": "i", "number": number, "token_sha256": new_id(),
            "asked_at": NOW - timedelta(days=1), "assignee_id": "", "tags": [], "project_type": "",
            **({"rating": "good" if number < 4 else "bad"} if number < 6 else {}),
        })  # fmt: skip
    page = client.get(PAGE).content.decode()
    shares = {
        text: unescape(url)
        for url, text in re.findall(r'href="(/support/\?[^"]*)">([\d.]+ (?:%|h))<', page)
    }
    assert (listed(shares["30 %"]), listed(shares["20 %"])) == (3, 2)
    assert listed(shares["50 %"]) == 5
    assert "3 of 5" in text_of(client.get(PAGE))


def test_a_page_is_six_round_trips_however_many_issues(client, put):
    def trips():
        client.get(PAGE)  # the session is known from now on
        core_mongo.round_trips.reset()
        assert client.get(PAGE).status_code == 200
        return core_mongo.round_trips.count

    put(1)
    few = trips()
    for number in range(2, 60):
        put(number, tags=[str(number)])
    assert trips() == few

    core_mongo.round_trips.reset()
    client.get("/support/settings/mail/")  # refused: what it takes to know who asks
    assert few - core_mongo.round_trips.count <= 6


def test_a_report_that_takes_too_long_says_what_to_do(client, put, monkeypatch):
    put(1)
    monkeypatch.setattr(gathering, "PATIENCE_S", 0.000_001)
    response = client.get(PAGE)
    assert response.status_code == 422
    assert gathering.TOO_SLOW in text_of(response)


def test_a_day_in_the_list_is_the_day_of_the_site(client, put, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    put(1, created_at=datetime(2026, 5, 4, 12, tzinfo=UTC))
    _, rows = file(client, "days", "?first=2026-05-04&last=2026-05-05")
    assert [row[1] for row in rows[1:]] == ["0", "1"]
    assert date(2026, 5, 5).isoformat() == rows[2][0]


def test_the_inbox_lists_what_a_number_leads_to_and_says_why(client, put):
    put(1, subject="Opened then", created_at=datetime(2026, 5, 2, 8, tzinfo=UTC))
    put(2, subject="Opened later", created_at=datetime(2026, 5, 12, 8, tzinfo=UTC))
    [url, *_] = [
        unescape(url)
        for url, _ in LINK.findall(
            client.get(f"{PAGE}?first=2026-05-01&last=2026-05-03").content.decode()
        )
        if "opened_from=2026-05-01&amp;opened_to=2026-05-03" in url
    ]
    page = client.get(url)
    assert page.status_code == 200
    told = text_of(page)
    assert "Opened then" in told
    assert "Opened later" not in told
    assert re.search(r'name="opened_from"[^>]* value="2026-05-01"', page.content.decode())
    assert re.search(r"Opened from\s*2026-05-01", told)
    assert re.search(r'aria-sort="descending"><a[^>]*>Opened<', page.content.decode())
    assert not re.search(r'aria-sort="descending"><a[^>]*>Updated<', page.content.decode())


def test_all_that_a_number_leads_to_are_changed_at_once(put, mongo, actor):
    put(1)
    put(2, reopened=1)
    put(3, reopened=1, created_at=NOW - timedelta(days=40))
    asked = Happened(opened=Between(NOW - timedelta(days=20), NOW), is_reopened=True)
    bulk.start("tag", "back again", Filters(happened=asked), total=1, actor=actor)
    while job_runner.run_next("test"):
        pass
    tagged = mongo.support_issues.find({"tags": "back again"})
    assert [row["number"] for row in tagged] == [2]


def test_the_inbox_leads_to_the_reports_and_they_lead_back(client, put):
    assert f'href="{PAGE}"' in client.get("/support/").content.decode()
    assert '<a href="/support/">Support</a>' in client.get(PAGE).content.decode()


def test_a_customer_is_asked_of_the_tags_and_the_project_type_the_issue_has_then(
    client, opened, customer, make_project, settings, actor
):
    settings.PUBLIC_URL = "https://desk.example"
    project = make_project(user_id=customer["id"], project_type="shop")
    number = opened(project_id=project["id"], tags=["billing"])
    writing.reply(number, "Done", seen=1, status="resolved", revision=1, actor=actor)
    fields.set_tags(number, ["quota"], seen=2, actor=actor)

    def asked(table):
        return {row[0]: row[-1] for row in file(client, table)[1][1:]}

    assert asked("tags") == {"billing": "1", "quota": "0"}
    assert asked("types") == {"shop": "1"}
