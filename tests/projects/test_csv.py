"""The CSV export holds every matching row, and none of them is a formula."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from devora_admin.core.csv_lines import csv_lines, harmless
from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing import export
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.queries.listing import PROJECTS, Listing


def test_a_heading_that_came_from_data_is_no_formula_either():
    [header] = csv_lines(["Day", "=1+1"], [])
    assert header == "\ufeffDay,'=1+1\r\n"


def download(client: Any, query: str = "") -> tuple[Any, list[dict[str, str]]]:
    response = client.get(f"/projects/export.csv{query}")
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return response, list(csv.DictReader(io.StringIO(text)))


def test_every_matching_row_is_exported_in_the_order_of_creation(
    admin, make_project, make_customer, monkeypatch
):
    monkeypatch.setattr(export, "_AT_ONCE", 7)
    owner = make_customer(name="Ada, “A”\nLovelace", email="ada@example.com")
    for number in range(30):
        make_project(name=f"p{number:02}", user_id=owner["id"], project_type="blog")
    make_project(project_type="saas")
    response, rows = download(admin, "?type=blog&sort=name")
    assert [row["name"] for row in rows] == [f"p{number:02}" for number in range(30)]
    assert rows[0]["owner_name"] == "Ada, “A”\nLovelace"
    assert response.streaming
    assert "-30-rows.csv" in response["Content-Disposition"]
    assert response["X-Row-Count"] == "30"


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\u3000=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "\n=1",
    ],
)
def test_a_formula_is_escaped(admin, make_project, name: str):
    make_project(name=name)
    _, rows = download(admin)
    assert rows[0]["name"] == "'" + name


def test_plain_text_is_not_touched():
    assert harmless("Task-Master (1=1)") == "Task-Master (1=1)"


def test_it_begins_with_a_byte_order_mark(admin):
    response = admin.get("/projects/export.csv")
    assert next(iter(response.streaming_content)).startswith(b"\xef\xbb\xbf")


def test_a_failure_on_the_way_is_visible_and_breaks_the_download(admin, make_project, monkeypatch):
    monkeypatch.setattr(export, "_AT_ONCE", 2)
    for _ in range(5):
        make_project()
    response = admin.get("/projects/export.csv")
    lines = iter(response.streaming_content)
    seen = [next(lines), next(lines)]

    def broken(*args: Any, **kwargs: Any) -> None:
        raise InvalidInput("too slow")

    monkeypatch.setattr(export.paging, "page", broken)
    with pytest.raises(InvalidInput):
        seen.extend(lines)
    assert b"INCOMPLETE: the export broke off after 2 rows" in seen[-1]


def test_malformed_rows_are_exported_with_their_fault(admin, make_project):
    make_project(files="x", updated_at="y")
    _, rows = download(admin)
    assert rows[0]["faults"] == "files is text, not list; updated_at is text, not date"


def test_wrong_filters_are_refused(admin):
    assert admin.get("/projects/export.csv?type[$ne]=").status_code == 422
    assert admin.get("/projects/export.csv?sort=nope").status_code == 422


def test_a_project_saved_during_the_export_is_not_missing(mongo, make_project, monkeypatch):
    monkeypatch.setattr(export, "_AT_ONCE", 2)
    projects = [make_project() for _ in range(6)]
    rows = export.every_row(PROJECTS, Listing(Filters(), "updated_at", descending=True))
    seen = [next(rows).id]
    for project in projects:
        now = datetime(2027, 1, 1, tzinfo=UTC)
        mongo.projects.update_one({"id": project["id"]}, {"$set": {"updated_at": now}})
    seen += [row.id for row in rows]
    assert sorted(seen) == sorted(project["id"] for project in projects)
