"""The audit log's page: what it shows, how it is filtered, paged and downloaded."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.staff import audit
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.staff.queries import audit_log
from devora_admin.staff.queries.audit_log import AuditFilters


@pytest.fixture
def rows(mongo, actor):
    """Sixty renames of projects by one person, and one suspension by the system."""
    for number in range(60):
        subject = audit.Subject("project", f"p{number}", f"Name {number}", f"c{number % 3}")
        values: dict[str, Any] = {"before": {"name": "A"}, "after": {"name": "B"}}
        audit.record("project.rename", actor=actor, subject=subject, **values)
    subject = audit.Subject("customer", "c1", "Ann")
    audit.record("users.suspend", actor=audit.SYSTEM, subject=subject, reason="spam & <b>")
    return mongo.audit_log


def texts(response: Any) -> str:
    assert response.status_code == 200, response.content.decode()[:500]
    return str(response.content.decode())


def test_it_says_who_did_what_to_what(admin, rows, actor):
    page = texts(admin.get("/audit/"))
    assert page.count("Renamed the project") == 49
    assert "Devora Admin itself" in page
    assert "spam &amp; &lt;b&gt;" in page
    assert 'href="/projects/p59/"' in page
    assert actor.email in page


def test_pages_go_on_from_row_to_row_and_back(admin, rows):
    seen: list[str] = []
    names = audit_log.actions()
    page = audit_log.audit_page(AuditFilters(), names)
    first = [line.row.id for line in page.rows]
    while True:
        seen += [line.row.id for line in page.rows]
        if not page.older:
            break
        page = audit_log.audit_page(AuditFilters(), names, cursor=page.older)
    assert len(seen) == len(set(seen)) == rows.count_documents({})
    back = audit_log.audit_page(AuditFilters(), names, cursor=page.newer)
    assert [line.row.id for line in back.rows] == first
    assert admin.get("/audit/?cursor=broken").status_code == 422


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("action=users.", 1),
        ("action=project", 60),
        ("action=nothing", 0),
        ("kind=project&id=p7", 1),
        ("customer=c1", 21),
        ("customer=c2", 20),
        ("actor=system", 1),
        ("address=10.9.9.9", 0),
        ("since=2000-01-01&until=2000-01-02", 0),
        ("since=2000-01-01&customer=c1&action=users", 1),
    ],
)
def test_filters_leave_what_matches(admin, rows, query, count):
    # Whoever looks signed in first.
    page = texts(admin.get(f"/audit/?{query}"))
    shown = page.count('data-row-link title="')
    assert shown == min(count, 50)


@pytest.mark.parametrize(
    "query",
    ["kind=project", "id=x", "since=tomorrow", "since=2020-01-02&until=2020-01-01",
     "since=0001-01-01", "until=9999-12-31", "actor=" + "x" * 200, "id=%00&kind=project"],
)  # fmt: skip
def test_filters_that_cannot_be_used_are_named(admin, query):
    assert admin.get(f"/audit/?{query}").status_code == 422


@pytest.mark.parametrize(
    "filters",
    [
        AuditFilters(),
        AuditFilters(actor="system"),
        AuditFilters(action="project"),
        AuditFilters(kind="project", subject="p7"),
        AuditFilters(customer="c1"),
        AuditFilters(address="127.0.0.1"),
        AuditFilters(since=clock.now().date() - timedelta(days=2)),
    ],
    ids=str,
)
def test_every_filter_reads_along_an_index_in_order(mongo, rows, filters):
    condition = audit_log.condition_of(filters, audit_log.actions())
    found = mongo[AUDIT_LOG].find(condition).sort([("at", -1), ("_id", -1)]).limit(51)
    plan = str(found.explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan
    assert "'SORT'" not in plan


def test_an_entry_shows_before_and_after_and_its_place(admin, actor):
    row_id = audit.record(
        "project.describe",
        actor=actor,
        subject=audit.Subject("project", "p1", "Bakery"),
        before={"description": "one\ntwo\nthree", "name": None},
        after={"description": "one\n2\nthree", "name": "<script>"},
    )
    page = texts(admin.get(f"/audit/{row_id}/"))
    assert "<del>two</del>" in page
    assert "<ins>2</ins>" in page
    assert "&lt;script&gt;" in page
    assert "number 1" in page


@pytest.mark.parametrize(
    "broken",
    [
        {"at": "noon"}, {"actor": 3}, {"subject": None}, {"before": [1]}, {"chain": "x"},
        {"action": 7}, {"after": {"x": {"y": b"\xff"}}}, {"personal": []}, {"reason": {}},
    ],
    ids=str,
)  # fmt: skip
def test_an_altered_row_of_any_shape_is_shown(admin, rows, broken):
    row = rows.find_one({"subject.id": "p59"})
    rows.update_one({"_id": row["_id"]}, {"$set": broken})
    assert admin.get("/audit/").status_code == 200
    assert admin.get(f"/audit/{row['_id']}/").status_code == 200
    assert b"".join(admin.post("/audit/export/")).count(b"\n") > 50


def test_an_unknown_entry_is_not_found(admin):
    for key in ("nothing", "x" * 300, "%00"):
        assert admin.get(f"/audit/{key}/").status_code == 404
        assert admin.post(f"/audit/{key}/undo/").status_code == 404


def test_the_download_holds_what_the_filters_leave_and_is_on_record(admin, rows, mongo, actor):
    audit.record("users.edit", actor=actor, subject=audit.Subject("customer", "c1", "=HYPERLINK()"))
    response = admin.post("/audit/export/", {"customer": "c1"})
    lines = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    assert len(lines) == 1 + 23  # with the record of the download itself
    assert "'=HYPERLINK()" in {line[7] for line in lines}
    assert mongo.audit_log.find_one({"action": "audit.export"})["after"] == {"customer": "c1"}
    assert admin.get("/audit/export/").status_code == 405
    assert admin.post("/audit/export/", {"since": "x"}).status_code == 422


def test_an_erased_customers_entry_says_so(admin, rows, actor):
    audit.forget_customer("c1", actor=actor)
    row = rows.find_one({"action": "users.suspend"})
    page = texts(admin.get(f"/audit/{row['_id']}/"))
    assert "The customer was erased." in page
    assert "spam" not in page
    assert "(erased)" in texts(admin.get("/audit/?kind=customer&id=c1"))


def test_those_without_the_permission_see_no_log(client_for):
    for role in ("viewer", "support", "editor"):
        assert client_for(role).get("/audit/").status_code == 403
        assert client_for(role).post("/audit/export/").status_code == 403
