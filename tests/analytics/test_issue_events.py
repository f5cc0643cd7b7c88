"""What a customer did around the report of an issue: on an axis, and as a table."""

from datetime import timedelta

import pytest
from bson import ObjectId

from devora_admin.analytics.documents import EVENTS
from devora_admin.analytics.queries import around as queries
from devora_admin.core.mongo import round_trips
from devora_admin.support.queries.issue import issue
from devora_admin.support.services.opening import NewIssue, open_issue

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def customer(make_customer):
    return make_customer(name="Zoe Quillfeather")


@pytest.fixture
def project(customer, make_project):
    return make_project(user_id=customer["id"])


@pytest.fixture
def reported(customer, project, actor):
    new = NewIssue(customer["id"], "Cannot deploy", "It says E_QUOTA", project_id=project["id"])
    return issue(open_issue(new, actor=actor).number)


@pytest.fixture
def happened(mongo, reported):
    """happened(minutes=-3) → an event of the customer that long after the report."""

    def make(event_type="message_sent", *, after=None, **fields):
        at = reported.created_at + (after or timedelta())
        document = {
            "_id": ObjectId(), "id": str(ObjectId()), "user_id": reported.user_id,
            "event_type": event_type, "timestamp": at, "properties": {}, **fields,
        }  # fmt: skip
        mongo[EVENTS].insert_one(document)
        return document

    return make


def minutes(count, **more):
    return timedelta(minutes=count, **more)


def shown(client_for, reported, query="", **headers):
    address = f"/support/{reported.number}/events/{query}"
    answer = client_for("support").get(address, **(headers or HTMX))
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def found(reported, **more):
    return queries.around(
        reported.user_id, reported.project_id, reported.created_at, can=lambda _: True, **more
    )


def test_what_happened_at_the_edge_of_the_15_minutes_is_shown_and_beyond_it_not(
    client_for, reported, happened
):
    happened("deploy", after=minutes(-15))
    happened("login", after=minutes(-15, milliseconds=-1))
    happened("project_saved", after=minutes(15))
    happened("signup", after=minutes(15, milliseconds=1))
    page = shown(client_for, reported)
    assert "Deployed" in page
    assert "Saved a project" in page
    assert "Signed in" not in page
    assert "Signed up" not in page


def test_a_customer_without_events_is_told_so(client_for, reported):
    page = shown(client_for, reported)
    assert "Nothing happened within 15 minutes of the report." in page
    assert '<svg class="event-axis"' not in page


def test_where_nothing_happened_the_last_event_before_is_named(client_for, reported, happened):
    happened(after=-timedelta(hours=3))
    happened(after=timedelta(hours=1))
    page = shown(client_for, reported)
    assert "The last event before it was" in page
    assert found(reported).last_before == reported.created_at - timedelta(hours=3)


def test_what_went_wrong_has_a_shape_of_its_own_and_comes_first_among_the_counts(
    client_for, reported, happened
):
    happened("message_sent", after=minutes(-2))
    happened("generation_failed", after=minutes(-1), properties={"error": "E_QUOTA reached"})
    happened("error", after=minutes(1))
    page = shown(client_for, reported)
    assert page.count('<svg class="event-point is-bad"') == 2
    assert page.count('<svg class="event-point"') == 1
    assert "E_QUOTA reached" in page
    counted = found(reported).counted
    assert counted == [
        ("Error", 1, True), ("Generation failed", 1, True), ("Sent a message", 1, False),
    ]  # fmt: skip


def test_the_table_is_in_the_order_of_time(reported, happened):
    for at in (4, -8, 0, -2):
        happened(f"at {at}", after=minutes(at))
    assert [row.after_s for row in found(reported).rows] == [-480.0, -120.0, 0.0, 240.0]


def test_events_of_the_project_that_name_nobody_are_among_them(
    client_for, reported, happened, make_project
):
    happened("deploy", user_id=None, project_id=reported.project_id)
    happened("login", user_id=None, project_id=make_project()["id"])
    happened("signup", user_id="somebody else", project_id=reported.project_id)
    page = shown(client_for, reported)
    assert "Deployed" in page
    assert "this project" in page
    assert "Signed in" not in page
    assert "Signed up" not in page


def test_malformed_events_are_shown_as_malformed(client_for, reported, happened):
    at = reported.created_at + minutes(2)
    happened(event_type=7)
    happened(properties=["no", "object"], project_id=4)
    happened("deploy", timestamp=at.isoformat())
    happened("login", timestamp=f"{at:%Y-%m-%dT%H:%M} or so")
    page = shown(client_for, reported)
    for fault in ("event_type is no short text", "properties is not an object",
                  "project_id is not text", "timestamp is text"):  # fmt: skip
        assert fault in page
    assert "+2:00" in page
    assert "no time" in page
    assert found(reported).rows[-1].at is None


def test_an_id_of_any_kind_is_found_again(reported, happened):
    for each in ({"a": 1}, 7, "7", 7.5):
        happened(_id=each)
    assert len(found(reported).rows) == 4


def test_what_customers_write_is_escaped(client_for, reported, happened):
    happened("<b>bold</b>", properties={"message": "<script>x</script>"})
    page = shown(client_for, reported)
    assert "<script>" not in page
    assert "<b>bold" not in page.lower()


def test_many_events_are_read_page_by_page(client_for, reported, happened):
    for at in range(60):
        happened(f"step_{at:02}", after=timedelta(seconds=at))
    first, last = shown(client_for, reported), shown(client_for, reported, "?page=5")
    assert "Page 1 of 5" in first
    assert "Step 00</span>" in first
    assert "Step 30</span>" not in first
    assert "Step 59</span>" in last
    assert "Later" not in last
    assert f"/support/{reported.number}/events/?page=4" in last
    assert "Page 5 of 5" in shown(client_for, reported, "?page=99")
    for page in (first, last):
        assert page.count('<svg class="event-point') == 60


def test_the_page_that_is_shown_first_is_that_of_the_report(client_for, reported, happened):
    for at in range(-30, 30):
        happened(f"step_{at}", after=timedelta(seconds=at, milliseconds=500))
    page = shown(client_for, reported)
    assert "Page 3 of 5" in page
    assert "Step -1</span>" in page


def test_of_very_many_those_closest_to_the_report_are_read(reported, happened, mongo, client_for):
    for at in range(1, 301):
        happened(after=timedelta(seconds=-at))
    around = found(reported)
    assert len(around.points) == queries.MOST_OF_A_SIDE
    assert around.points[0].at == reported.created_at - timedelta(seconds=250)
    assert around.has_earlier
    assert "closest to the report" in shown(client_for, reported)


def test_it_takes_four_round_trips_by_the_index(reported, happened, mongo):
    for number in range(100):  # enough for a plan that sorts to lose
        happened(after=minutes(1, seconds=number))
    before = round_trips.count
    found(reported)
    assert round_trips.count - before == 4
    wanted = [
        {"user_id": reported.user_id, "timestamp": {"$gt": reported.created_at}},
        {"user_id": None, "project_id": "p", "timestamp": {"$gt": reported.created_at}},
    ]
    plan = str(
        mongo[EVENTS]
        .find({"$or": wanted})
        .sort([("timestamp", 1), ("_id", 1)])
        .limit(9)
        .explain()["queryPlanner"]["winningPlan"]
    )
    assert "COLLSCAN" not in plan
    assert "'stage': 'SORT'," not in plan


def test_a_page_that_is_no_number_is_told(client_for, reported):
    address = f"/support/{reported.number}/events/?page=x"
    assert client_for("support").get(address).status_code == 422


def test_without_javascript_it_is_a_page(client_for, reported, happened):
    happened("deploy")
    page = shown(client_for, reported, HTTP_ACCEPT="text/html")
    assert "<h1" in page
    assert "Deployed" in page
