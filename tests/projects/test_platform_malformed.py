"""Malformed documents break no page, and are shown for what they are."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import bson
import pytest
from bson.raw_bson import RawBSONDocument
from django.urls import get_resolver, reverse

from tests import factories
from tests.projects import malformed
from tests.projects.platform_documents import stored

PATH = "app/page.tsx"
TAB = "tab-00000001"
BASE = "export default 1;\n"


def project_routes() -> Iterator[str]:
    """Every route of one project; those to come too."""
    for pattern in get_resolver("devora_admin.projects.urls").url_patterns:
        route = str(pattern.pattern)
        if "<str:project_id>" in route:
            yield "/" + route.replace("<number:position>", "1")


ROUTES = sorted(project_routes())
ADDRESSES = {route.partition("<str:project_id>/")[2] for route in ROUTES}
PAGES = [
    "", "edit/", "files/", "metadata/", "conversation/", "raw/", "export/",
    f"edit/?file={PATH}", f"file/?path={PATH}", f"preview/?file={PATH}", "preview/?at=0",
    f"?file={PATH}", "conversation/search/?q=a", "metadata/?path=[0]",
]  # fmt: skip
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("rename", {"name": "Other"}),
    ("describe", {"description": "Words"}),
    ("duplicate", {}),
    ("transfer", {"user_id": "user-2", "customer": "user-2"}),
    ("metadata_set", {"path": '["has_auth"]', "kind": "string", "value": "x", "seen": "x"}),
    ("metadata_add", {"path": "[]", "key": "fresh", "kind": "string", "value": "x"}),
    ("metadata_remove", {"path": '["has_auth"]', "seen": "x"}),
    ("metadata_rename", {"path": '["has_auth"]', "key": "y", "seen": "x"}),
    ("metadata_json", {"base": "{}", "text": '{"fresh": 1}'}),
    ("archive", {}),
    ("restore", {}),
]
SCRIPTED: list[tuple[str, dict[str, Any]]] = [
    ("editor_save", {"path": PATH, "content": "x", "base_content": BASE, "base_revision": 0}),
    ("editor_save_all", {"edits": [{"path": PATH, "content": "y", "base_content": BASE}]}),
    ("editor_create", {"files": [{"path": "new.ts", "content": "x"}]}),
    ("editor_move", {"moves": [{"from": PATH, "to": "moved.ts"}]}),
    ("editor_delete", {"paths": [PATH]}),
    ("editor_contents", {"known": {PATH: "x"}, "paths": [PATH]}),
    ("editor_presence", {"path": PATH, "known": {PATH: "x"}}),
]


EVERY_FIELD = pytest.mark.parametrize("field", malformed.FIELDS + malformed.NESTED)


def status_of(response: Any) -> int:
    if response.streaming:
        b"".join(response)
    return int(response.status_code)


@EVERY_FIELD
def test_no_page_of_a_malformed_project_breaks(admin, mongo, field):
    broken = []
    kinds = malformed.WRONG if field in malformed.FIELDS else malformed.TELLING
    for kind, project in malformed.projects(field, kinds):
        mongo.projects.insert_one(project)
        # The next test opens the addresses of every route, of kinds that tell.
        pages = [page for page in PAGES if kind not in malformed.TELLING or page not in ADDRESSES]
        for address in ["/", *(f"/projects/{project['id']}/{page}" for page in pages)]:
            status = status_of(admin.get(address))
            if status >= 500:
                broken.append((kind, address, status))
    assert not broken


@EVERY_FIELD
def test_no_route_of_a_malformed_project_breaks(admin, mongo, field):
    broken = []
    for kind, project in malformed.projects(field, malformed.TELLING):
        mongo.projects.insert_one(project)
        for route in ROUTES:
            status = status_of(admin.get(route.replace("<str:project_id>", project["id"])))
            if status >= 500:
                broken.append((kind, route, status))
    assert not broken


@EVERY_FIELD
def test_no_write_to_a_malformed_project_breaks(admin, mongo, make_customer, field):
    make_customer(id="user-2")

    def write(project: Any, name: str, fields: dict[str, Any]) -> int:
        address = reverse(f"projects:{name}", args=[project["id"]])
        if not name.startswith("editor_"):
            return status_of(admin.post(address, fields))
        body = json.dumps(fields | {"tab": TAB})
        accept = {"accept": "application/json"}
        return status_of(admin.post(address, body, content_type="application/json", headers=accept))

    broken = []
    for kind, project in malformed.projects(field, malformed.TELLING):
        mongo.projects.insert_one(project)
        for name, fields in SCRIPTED + WRITES:
            status = write(project, name, fields)
            if status >= 500:
                broken.append((kind, name, status))
    assert not broken


@pytest.mark.parametrize("field", malformed.FIELDS)
def test_a_malformed_project_is_shown_as_malformed_and_a_right_one_is_not(admin, mongo, field):
    wrongly_shown = []
    for kind, project in malformed.projects(field):
        mongo.projects.insert_one(project)
        text = admin.get(f"/projects/{project['id']}/").content.decode()
        if ("card-malformed" in text) != malformed.is_malformed(field, kind):
            wrongly_shown.append(kind)
    assert not wrongly_shown


@pytest.mark.parametrize(
    ("field", "kind"),
    [("files.0", "number"), ("files.0.name", "missing"), ("files.0.content", "number")],
)
def test_a_malformed_file_is_named(admin, mongo, field, kind):
    project = malformed.project(field, kind)
    mongo.projects.insert_one(project)
    assert "files[0]" in admin.get(f"/projects/{project['id']}/").content.decode()


@pytest.fixture
def everything_malformed(mongo, make_customer) -> int:
    make_customer(id="user-1")
    rows = [
        project
        for field in malformed.FIELDS + malformed.NESTED
        for _, project in malformed.projects(field)
    ]
    rows += malformed.oddly_named()
    mongo.projects.insert_many(rows)
    return len(rows)


@pytest.mark.parametrize(
    "address",
    [
        "/", "/projects/", "/projects/?archived=any", "/projects/?q=text", "/projects/?q=Project+1",
        "/projects/?sort=name", "/projects/?sort=-name", "/projects/?sort=updated",
        "/projects/?sort=-updated", "/projects/?sort=created", "/projects/?sort=-created",
        "/projects/?type=saas", "/projects/?language=typescript",
        "/projects/?created_from=2020-01-01&created_to=2030-01-01",
        "/projects/count/", "/projects/options/", "/projects/export.csv",
        "/users/user-1/",
    ],
)  # fmt: skip
def test_no_list_with_malformed_projects_breaks(admin, everything_malformed, address):
    assert status_of(admin.get(address)) == 200


def test_text_that_is_no_utf8_breaks_no_page(admin, mongo):
    """Other drivers than the platform's store such bytes, and the store does not look."""
    marked = factories.project(
        id="p",
        files=[{"name": "a.ts", "content": "ZZ", "language": "ZZ"}],
        metadata={"key": "ZZ"},
        conversation_history=[{"role": "ZZ", "content": "ZZ"}],
    )
    mongo.projects.insert_one(RawBSONDocument(bson.encode(marked).replace(b"ZZ", b"\xff\xfe")))
    before = stored(mongo, "p")
    broken = [
        (address, status)
        for address in ["/", "/projects/", "/projects/export.csv"]
        + [f"/projects/p/{page}" for page in PAGES]
        + [route.replace("<str:project_id>", "p") for route in ROUTES]
        if (status := status_of(admin.get(address))) >= 500
    ]
    assert not broken
    assert stored(mongo, "p") == before


@pytest.mark.parametrize("project_id", malformed.ODD_IDS)
def test_an_odd_id_is_opened_or_not_found(admin, mongo, make_project, project_id):
    make_project(id=project_id)
    for address in (f"/projects/{quote(project_id)}/", f"/projects/{quote(project_id, safe='')}/"):
        assert status_of(admin.get(address)) in (200, 301, 404)


SORTS = ["name", "-name", "updated", "-updated", "created", "-created"]


@pytest.mark.parametrize("sort", SORTS)
def test_the_export_of_a_list_names_each_malformed_project_once(admin, everything_malformed, sort):
    response = admin.get(f"/projects/export.csv?sort={sort}&archived=any")
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    assert len(rows) >= everything_malformed
