"""The customers list: what it finds, shows and refuses."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from bson import Decimal128, ObjectId

from devora_admin.core.listing import search
from devora_admin.shell.listing.remembered import list_url
from tests import factories

DAY = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def forget() -> None:
    search._common.clear()


def get(client: Any, **query: Any) -> Any:
    return client.get("/users/?" + urlencode(query))


def found(response: Any) -> set[str]:
    assert response.status_code == 200, response.content.decode()[:3000]
    return {row.name for row in response.context["page"].rows}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_row_shows_who_it_is_and_what_they_pay_for(admin, make_customer):
    customer = make_customer(
        name="Ada Lovelace",
        email="ada@example.com",
        subscription={"plan": "team", "status": "past_due"},
        last_seen_at=DAY,
    )
    body = text(get(admin))
    for word in ("Ada Lovelace", "ada@example.com", "Active", "team", "past due", "Last seen"):
        assert word in body
    assert f'href="/users/{customer["id"]}/"' in body
    assert "never-shown" not in body


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("ada", {"Ada Lovelace", "Countess"}),
        ("ADA@EXAMPLE.COM", {"Countess"}),
        ("ada@exa", {"Countess"}),
        ("lovelace", {"Ada Lovelace"}),
        ("LOVELACE ada", {"Ada Lovelace"}),
        ("lace", set()),
        ("example", set()),
        ("ünï", {"Ünïcode Ñandú"}),
        ("ñandú", {"Ünïcode Ñandú"}),
        (".*", set()),
        ("o'brien", {"Pat O'Brien"}),
    ],
)
@pytest.mark.parametrize("common", [False, True])
def test_search_finds_the_start_of_a_name_or_address_and_words_of_a_name(
    admin, make_customer, monkeypatch, q: str, names: set[str], common: bool
):
    """The same whichever way is taken: for rare words, or for common ones."""
    if common:
        monkeypatch.setattr(search.Search, "most_gathered", 0)
    make_customer(name="Ada Lovelace", email="lovelace@example.com")
    make_customer(name="Countess", email="Ada@example.com")
    for name in ("Ünïcode Ñandú", "Pat O'Brien", "other"):
        make_customer(name=name)
    assert found(get(admin, q=q)) == names
    assert found(get(admin, q=q, sort="email")) == names


def test_search_finds_an_exact_id_in_any_case(admin, make_customer):
    customer = make_customer(name="Mine", id="3F2A-abc")
    make_customer(name="Other")
    for q in (customer["id"], customer["id"].upper(), customer["id"].lower()):
        assert found(get(admin, q=q)) == {"Mine"}
    assert found(get(admin, q=customer["id"][:-1])) == set()


def test_without_a_status_a_customer_is_active(admin, make_customer):
    make_customer(name="active")
    make_customer(name="missing", missing=("status",))
    make_customer(name="null", status=None)
    make_customer(name="empty", status="")
    make_customer(name="loud", status="ACTIVE")
    make_customer(name="suspended", status="suspended")
    make_customer(name="other", status="pending")
    make_customer(name="broken", status=5)
    assert found(get(admin, status="active")) == {"active", "missing", "null", "empty", "loud"}
    assert found(get(admin, status="Suspended")) == {"suspended"}
    response = get(admin, status="pending")
    assert found(response) == {"other"}
    assert '<option value="pending" selected>Pending</option>' in text(response)
    rows = {row.name: row.is_active for row in get(admin).context["page"].rows}
    assert {name for name, is_active in rows.items() if is_active} == found(
        get(admin, status="active")
    )


def test_filters_apply_together(admin, make_customer):
    team = {"plan": "Team", "status": "past_due"}
    make_customer(name="hit", subscription=team, last_seen_at=DAY)
    make_customer(name="other plan", subscription={"plan": "pro", "status": "past_due"})
    make_customer(name="other state", subscription={"plan": "team", "status": "active"})
    make_customer(name="gone", subscription=team, status="suspended", last_seen_at=DAY)
    make_customer(name="unseen", subscription=team)
    query = {"plan": "team", "subscription": "PAST_DUE", "status": "active", "q": "hit"}
    assert found(get(admin, **query, seen_from="2026-03-10")) == {"hit"}
    assert found(get(admin, plan="team")) == {"hit", "other state", "gone", "unseen"}
    assert found(get(admin, plan="te.m")) == set()


@pytest.mark.parametrize(("field", "name"), [("created_at", "created"), ("last_seen_at", "seen")])
def test_dates_include_both_days_in_the_time_zone(
    admin, make_customer, settings, field: str, name: str
):
    settings.TIME_ZONE = "Asia/Tokyo"
    midnight = datetime(2026, 3, 9, 15, tzinfo=UTC)  # the 10th begins in Tokyo
    for label, minutes in {"before": -1, "first": 0, "last": 1439, "after": 1440}.items():
        make_customer(name=label, **{field: midnight + timedelta(minutes=minutes)})
    days = {f"{name}_from": "2026-03-10", f"{name}_to": "2026-03-10"}
    assert found(get(admin, **days)) == {"first", "last"}


@pytest.mark.parametrize("sort", ["name", "email", "created", "seen"])
def test_the_list_sorts_both_ways(admin, make_customer, sort: str):
    for number in (2, 1, 3):
        moment = DAY + timedelta(days=number)
        make_customer(
            name=f"n{number}", email=f"E{number}@x.y", created_at=moment, last_seen_at=moment
        )
    for sign, expected in (("", ["n1", "n2", "n3"]), ("-", ["n3", "n2", "n1"])):
        rows = get(admin, sort=f"{sign}{sort}").context["page"].rows
        assert [row.name for row in rows] == expected


MALFORMED: dict[str, dict[str, Any]] = {
    "id is missing": {"missing": ("id",)},
    "id is objectId, not text": {"id": ObjectId()},
    "email is missing": {"missing": ("email",)},
    "email is list, not text": {"email": ["a@b.c"]},
    "name is int, not text": {"name": 7},
    "status is object, not text": {"status": {"$ne": None}},
    "subscription is text, not object": {"subscription": "pro"},
    "subscription is list, not object": {"subscription": [{"plan": "a"}, {"plan": "b"}]},
    "subscription.plan is decimal, not text": {"subscription": {"plan": Decimal128("1")}},
    "subscription.status is boolean, not text": {"subscription": {"status": True}},
    "created_at is text, not date": {"created_at": "yesterday"},
    "last_seen_at is list, not date": {"last_seen_at": [DAY]},
}


@pytest.mark.parametrize("sort", ["name", "email", "-seen", "created"])
def test_malformed_documents_are_named_and_break_nothing(admin, mongo, make_customer, sort: str):
    make_customer(name="fine")
    for fields in MALFORMED.values():
        mongo.users.insert_one(factories.customer(**fields))
    response = get(admin, sort=sort)
    rows = response.context["page"].rows
    assert len(rows) == len(MALFORMED) + 1
    assert set(MALFORMED) <= {fault for row in rows for fault in row.faults}
    assert text(response).count("Malformed") == len(MALFORMED)


def test_a_name_or_plan_left_out_is_no_fault(admin, make_customer):
    make_customer(missing=("name", "status", "created_at"), email="who@example.com")
    response = get(admin)
    assert response.context["page"].rows[0].faults == ()
    assert response.context["page"].rows[0].title == "who@example.com"


def test_markup_and_odd_ids_stay_text(admin, make_customer):
    make_customer(id="a/b", name="<script>alert(1)</script>", subscription={"plan": "<b>x"})
    body = get(admin, plan="<b>x").content.decode()
    assert "<script>alert" not in body
    assert "<b>x" not in body


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("plan[$ne]=", "plan"),
        ("status=a&status=b", "status"),
        ("q=%00", "q"),
        ("status=a%00", "status"),
        ("created_from=yesterday", "created_from"),
        ("seen_from=2026-03-02&seen_to=2026-03-01", "seen_to"),
        ("sort=plan", ""),
        ("cursor=99", ""),
        ("page=2", ""),
    ],
)
def test_wrong_input_is_refused_at_its_field(admin, make_customer, query: str, field: str):
    make_customer()
    response = admin.get(f"/users/?{query}")
    assert response.status_code == 422
    assert response.context["page"] is None
    if field:
        assert field in response.context["form"].errors
    else:
        assert response.context["problem"]
    assert admin.get(f"/users/count/?{query}").status_code in (200, 422)
    # A count and an export need no cursor: the rest of the address is held to the same rules.
    if field:
        assert admin.get(f"/users/export.csv?{query}").status_code == 422


def test_a_page_makes_three_round_trips(admin, make_customer):
    for number in range(120):
        make_customer(name=f"n{number} word", email=f"mail{number}@x.y")
    first = get(admin)
    pages = [
        first, get(admin, cursor=first.context["page"].next), get(admin, q="word"),
        get(admin, q="mail7@x.y"), get(admin, status="active", plan="pro", sort="name"),
        get(admin, q="nothing"), get(admin, sort="-seen"),
    ]  # fmt: skip
    for page in pages:
        assert page.status_code == 200
        trips = int(re.search(r'mongo;desc="(\d+)"', page["Server-Timing"]).group(1))
        assert trips <= 3


def test_the_hash_of_a_password_never_leaves_the_store(mongo, make_customer):
    from devora_admin.core.listing.columns import projection
    from devora_admin.users.queries.rows import COLUMNS

    make_customer(password_hash="hash" * 20, notes="private", name="n" * 5000)
    (row,) = mongo.users.find({}, projection(COLUMNS, "created_at"))
    assert "hash" not in str(row)
    assert "private" not in str(row)
    assert len(row["name"]) <= 1000


def test_counts_stop_at_their_cap(admin, make_customer, monkeypatch):
    from devora_admin.core.listing import counting

    monkeypatch.setattr(counting, "MOST_COUNTED", 3)
    monkeypatch.setattr(counting.count, "__kwdefaults__", {"most": 3})
    for _ in range(4):
        make_customer()
    assert "Select all 3+ matching" in text(admin.get("/users/count/"))


def test_filters_show_as_chips_that_remove_themselves(admin, make_customer):
    make_customer(subscription={"plan": "pro"})
    response = get(admin, plan="pro", status="active", sort="name")
    removed = {chip.label: chip.without for chip in response.context["chips"]}
    assert removed == {"Plan": "?status=active&sort=name", "Status": "?plan=pro&sort=name"}


def test_an_empty_list_and_one_without_a_match_say_what_to_do(admin, make_customer):
    assert "seed_demo" in text(get(admin))
    make_customer()
    body = text(get(admin, plan="nothing"))
    assert "No customer matches" in body
    assert "Clear all filters" in body


def test_the_way_back_and_the_columns_are_the_lists_own(admin, make_customer, make_project, rf):
    make_customer()
    get(admin, status="active", sort="name")
    admin.get("/projects/?sort=name")
    request = rf.get("/users/x/")
    request.COOKIES = {key: each.value for key, each in admin.cookies.items()}
    assert list_url(request, "users") == "/users/?status=active&sort=name"
    assert list_url(request, "projects") == "/projects/?sort=name"
    response = admin.post("/users/columns/", {"column": ["seen", "id", "nonsense"]})
    assert response["Location"] == "/users/?status=active&sort=name"
    shown = [header["column"].key for header in get(admin).context["headers"]]
    assert shown == ["name", "seen", "id"]


def test_a_status_without_its_column_still_shows(admin, make_customer):
    make_customer(status="suspended")
    admin.post("/users/columns/", {"column": ["seen"]})
    assert "suspended" in re.sub(r"<select.*?</select>", "", text(get(admin)))


def test_an_account_that_was_merged_says_so(admin, make_customer):
    make_customer(status="suspended", merged_into="another")
    assert ">Merged<" in text(get(admin))


def test_plans_that_occur_are_offered(admin, make_customer):
    from devora_admin.core.listing import seen

    seen._kept.clear()
    make_customer(subscription={"plan": "kiosk", "status": "past_due"})
    make_customer(subscription={"plan": ["odd"]})
    body = admin.get("/users/options/").content.decode()
    assert 'value="kiosk"' in body
    assert 'value="past_due"' in body


def test_htmx_gets_the_listing_alone(admin, make_customer):
    make_customer()
    body = admin.get("/users/", headers={"HX-Request": "true"}).content.decode()
    assert body.lstrip().startswith('<div id="listing"')


def test_a_viewer_sees_no_actions_they_may_not_use(client_for, make_customer):
    make_customer()
    body = get(client_for("viewer")).content.decode()
    assert "data-select-row" not in body
    assert "export.csv" not in body
