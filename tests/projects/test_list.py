"""The list page: what it finds, shows and refuses."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from bson import ObjectId
from django.test import Client

from devora_admin.core.listing import search, seen

DAY = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def forget() -> None:
    search._common.clear()
    seen._kept.clear()


def get(client: Client, **query: Any) -> Any:
    return client.get("/projects/?" + urlencode(query))


def found(response: Any) -> set[str]:
    assert response.status_code == 200, response.content.decode()[:3000]
    return {row.name for row in response.context["page"].rows}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_row_shows_owner_type_files_size_and_dates(admin, make_project, make_customer, mongo):
    owner = make_customer(name="Ada", email="ada@example.com")
    project = make_project(name="TaskMaster", user_id=owner["id"], archived_at=None)
    body = text(get(admin))
    for word in ("TaskMaster", "Ada", "ada@example.com", "saas"):
        assert word in body
    assert f'href="/projects/{project["id"]}/"' in body
    assert f'href="/users/{owner["id"]}/"' in body
    row = get(admin).context["page"].rows[0]
    assert row.file_count == 1
    (size,) = mongo.projects.aggregate([{"$project": {"size": {"$bsonSize": "$$ROOT"}}}])
    assert row.size_bytes == size["size"]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("task", {"TaskMaster", "task list"}),
        ("TASKM", {"TaskMaster"}),
        ("list", {"task list"}),
        ("LIST task", {"task list"}),
        ("invoices", {"TaskMaster"}),
        ("master", set()),
        ("ünï", {"Ünïcode"}),
        (".*", {".* regex"}),
        ("a+b", {"a+b (c)"}),
        ("(c)", {"a+b (c)"}),
        ("$where", set()),
        ("rocket", {"🚀 rocket"}),
        ("🚀", {"🚀 rocket"}),
    ],
)
@pytest.mark.parametrize("common", [False, True])
def test_search_finds_names_by_prefix_and_words(
    admin, make_project, monkeypatch, q: str, names: set[str], common: bool
):
    """The same whichever way is taken: for rare words, or for common ones."""
    if common:
        monkeypatch.setattr(search, "_RARE", 0)
    make_project(name="TaskMaster", description="Makes invoices, fast.")
    for name in ("task list", "Ünïcode", ".* regex", "a+b (c)", "🚀 rocket", "other"):
        make_project(name=name)
    assert found(get(admin, q=q)) == names
    assert found(get(admin, q=q, sort="name")) == names


def test_search_finds_an_exact_project_id_or_owner(admin, make_project, make_customer):
    owner = make_customer(email="ada@example.com")
    project = make_project(name="Mine", user_id=owner["id"])
    make_project(name="Other")
    assert found(get(admin, q=project["id"])) == {"Mine"}
    assert found(get(admin, q=owner["id"])) == {"Mine"}
    assert found(get(admin, q="ADA@example.com")) == {"Mine"}
    assert found(get(admin, q=project["id"][:-1])) == set()
    assert found(get(admin, q="nobody@example.com")) == set()


def test_filters_apply_together(admin, make_project):
    code = [{"name": "a.py", "content": "", "language": "python"}]
    make_project(name="hit", project_type="blog", files=code, user_id="u1")
    make_project(name="other type", files=code, user_id="u1")
    make_project(name="other language", project_type="blog", user_id="u1")
    make_project(name="other owner", project_type="blog", files=code, user_id="u2")
    assert found(get(admin, type="Blog", language="Python", owner="u1")) == {"hit"}
    assert found(get(admin, type="blog", language="python", owner="u1", q="hit")) == {"hit"}
    assert found(get(admin, type="bl.g")) == set()


def test_dates_include_both_days_in_the_time_zone(admin, make_project, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    midnight = datetime(2026, 3, 9, 15, tzinfo=UTC)  # the 10th begins in Tokyo
    for name, moment in {
        "before": midnight - timedelta(milliseconds=1),
        "first": midnight,
        "last": midnight + timedelta(days=1, milliseconds=-1),
        "after": midnight + timedelta(days=1),
    }.items():
        make_project(name=name, created_at=moment)
    assert found(get(admin, created_from="2026-03-10", created_to="2026-03-10")) == {
        "first",
        "last",
    }


def test_archived_projects_show_when_asked_for(admin, make_project):
    make_project(name="live")
    make_project(name="null", archived_at=None)
    make_project(name="gone", archived_at=DAY)
    assert found(get(admin)) == {"live", "null"}
    assert found(get(admin, archived="yes")) == {"gone"}
    assert found(get(admin, archived="any")) == {"live", "null", "gone"}


@pytest.mark.parametrize("sort", ["name", "-name", "updated", "-updated", "created", "-created"])
def test_the_list_sorts_both_ways(admin, make_project, sort: str):
    for number in (2, 1, 3):
        moment = DAY + timedelta(days=number)
        make_project(name=f"p{number}", created_at=moment, updated_at=moment)
    names = [row.name for row in get(admin, sort=sort).context["page"].rows]
    assert names == (["p3", "p2", "p1"] if sort.startswith("-") else ["p1", "p2", "p3"])


MALFORMED = {
    "files is object, not list": {"files": {"a": 1}},
    "files is text, not list": {"files": "x"},
    "name is int, not text": {"name": 7},
    "name is list, not text": {"name": ["a"]},
    "name is empty": {"name": "  "},
    "updated_at is text, not date": {"updated_at": "yesterday"},
    "created_at is list, not date": {"created_at": [DAY]},
    "user_id is object, not text": {"user_id": {"$ne": None}},
    "project_type is list, not text": {"project_type": ["saas"]},
    "id is missing": {"missing": ("id",)},
    "id is objectId, not text": {"id": ObjectId()},
    "name is missing": {"missing": ("name",)},
    "files is null": {"files": None},
}


@pytest.mark.parametrize("sort", ["name", "-updated", "created"])
def test_malformed_documents_are_named_and_break_nothing(admin, mongo, make_project, sort: str):
    from tests import factories

    make_project(name="fine")
    for fields in MALFORMED.values():
        mongo.projects.insert_one(factories.project(**fields))
    response = get(admin, sort=sort)
    assert len(response.context["page"].rows) == len(MALFORMED) + 1
    faults = {fault for row in response.context["page"].rows for fault in row.faults}
    assert {fault.replace("null", "missing") for fault in MALFORMED} - {
        "files is missing"
    } <= faults | {"files is missing"}
    assert text(response).count("Malformed") == len(MALFORMED)


def test_an_id_that_is_no_address_shows_without_a_link(admin, make_project):
    make_project(id="a/b", name="slashed")
    make_project(id="..", name="dots")
    assert found(get(admin)) == {"slashed", "dots"}


def test_markup_in_a_name_stays_text(admin, make_project):
    make_project(name="<script>alert(1)</script>", project_type="<b>", description="x")
    assert "<script>alert" not in get(admin, type="<b>").content.decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("type[$ne]=", "type"),
        ("q[$regex]=x", "q"),
        ("a[$ne]=", ""),
        ("type=a&type=b", "type"),
        ("q=%00", "q"),
        ("type=a%00b", "type"),
        ("q=" + "x" * 10_000, "q"),
        ("created_from=yesterday", "created_from"),
        ("created_from=2026-02-30", "created_from"),
        ("created_to=9999-12-31", "created_to"),
        ("created_from=0001-01-01", "created_from"),
        ("updated_from=2026-03-02&updated_to=2026-03-01", "updated_to"),
        ("sort=files", "sort"),
        ("sort=$where", "sort"),
        ("archived=perhaps", "archived"),
        ("owner=nobody%40example.com", "owner"),
        ("cursor=99999999", ""),
        ("page=99999999", ""),
    ],
)
@pytest.mark.parametrize("path", ["/projects/", "/projects/count/"])
def test_wrong_input_is_refused_at_its_field(admin, make_project, query: str, field: str, path):
    make_project()
    response = admin.get(f"{path}?{query}")
    if path == "/projects/":
        assert response.status_code == 422
        assert response.context["page"] is None
        if field and field != "sort":
            assert field in response.context["form"].errors
            assert "is-invalid" in response.content.decode()
        else:
            assert response.context["problem"]
    else:
        assert response.status_code in (200, 422)


def test_a_cursor_of_another_order_is_refused(admin, make_project):
    for _ in range(60):
        make_project()
    cursor = get(admin).context["page"].next
    assert get(admin, cursor=cursor).status_code == 200
    assert get(admin, cursor=cursor, sort="name").status_code == 422
    assert get(admin, cursor=cursor[:-2] + "xx").status_code == 422


def test_a_page_makes_four_round_trips(admin, make_project, make_customer):
    owners = [make_customer() for _ in range(3)]
    for number in range(120):
        make_project(name=f"p{number} word", user_id=owners[number % 3]["id"])
    first = get(admin)
    following = get(admin, cursor=first.context["page"].next)
    email = owners[0]["email"]
    pages = [
        first, following, get(admin, q="word"), get(admin, q=email), get(admin, owner=email),
        get(admin, type="saas", language="typescript", sort="name"), get(admin, q="nothing"),
    ]  # fmt: skip
    for page in pages:
        assert page.status_code == 200
        trips = int(re.search(r'mongo;desc="(\d+)"', page["Server-Timing"]).group(1))
        assert trips <= 4


@pytest.mark.parametrize("sort", ["name", "updated_at"])
def test_files_and_conversations_never_leave_the_store(mongo, make_project, sort: Any):
    from devora_admin.projects.queries.rows import columns

    content = "never sent to a list"
    make_project(
        files=[{"name": content, "content": content}],
        conversation_history=[{"content": content}],
        name=content * 1000,
        user_id=[content],
    )
    (row,) = mongo.projects.find({}, columns(sort))
    row.pop("name")
    assert content not in str(row)


def test_counts_stop_at_their_cap(admin, make_project, monkeypatch):
    from devora_admin.core.listing import counting as listing

    monkeypatch.setattr(listing, "MOST_COUNTED", 3)
    monkeypatch.setattr(listing.count, "__kwdefaults__", {"most": 3})
    for _ in range(3):
        make_project()
    assert "3 " in text(admin.get("/projects/count/"))
    make_project()
    assert "3+" in text(admin.get("/projects/count/"))


def test_filters_show_as_chips_that_remove_themselves(admin, make_project):
    make_project(project_type="blog")
    response = get(admin, type="blog", archived="any", sort="name")
    removed = {chip.label: chip.without for chip in response.context["chips"]}
    assert removed == {"Type": "?archived=any&sort=name", "Show": "?type=blog&sort=name"}


def test_an_empty_list_says_how_to_fill_it(admin):
    assert "import_project" in text(get(admin))


def test_a_list_without_a_match_says_what_to_remove(admin, make_project):
    make_project()
    body = text(get(admin, type="nothing"))
    assert "No project matches" in body
    assert "Clear all filters" in body


def test_the_way_back_keeps_filters_and_page(admin, make_project, rf):
    from devora_admin.shell.listing.remembered import list_url

    make_project(project_type="blog")
    get(admin, type="blog", sort="name")
    request = rf.get("/projects/x/")
    request.COOKIES = {key: each.value for key, each in admin.cookies.items()}
    assert list_url(request, "projects") == "/projects/?type=blog&sort=name"


def test_columns_are_chosen_without_javascript(admin, make_project):
    make_project()
    assert "<th" in text(get(admin))
    response = admin.post("/projects/columns/", {"column": ["created", "size", "nonsense"]})
    assert response.status_code == 302
    shown = [header["column"].key for header in get(admin).context["headers"]]
    assert shown == ["name", "size", "created"]


def test_htmx_gets_the_listing_alone(admin, make_project):
    make_project()
    body = admin.get("/projects/", headers={"HX-Request": "true"}).content.decode()
    assert body.lstrip().startswith('<div id="listing"')


def test_a_viewer_sees_no_actions_they_may_not_use(client_for, make_project):
    make_project()
    body = get(client_for("viewer")).content.decode()
    assert "data-select-row" not in body
    assert "export.csv" not in body


def test_types_and_languages_that_occur_are_offered(admin, make_project):
    make_project(project_type="kiosk")
    make_project(project_type=["odd"])
    body = admin.get("/projects/options/").content.decode()
    assert 'value="kiosk"' in body
    assert 'value="typescript"' in body


def test_the_breadcrumb_of_a_project_leads_back_to_the_list_as_it_was(admin, make_project):
    project = make_project(project_type="blog")
    get(admin, type="blog", sort="name")
    body = admin.get(f"/projects/{project['id']}/").content.decode()
    assert 'href="/projects/?type=blog&amp;sort=name"' in body
