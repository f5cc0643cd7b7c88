"""The project page: what it shows, what it costs, and what it does with odd documents."""

import re
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64

from devora_admin.core import raw_bson
from tests import factories

PAGES = ("", "metadata/", "conversation/", "conversation/search/?q=a", "raw/")


def page(client: Any, project: dict[str, Any], part: str = "") -> Any:
    return client.get(f"/projects/{project['id']}/{part}")


def files(count: int, size: int = 100) -> list[dict[str, str]]:
    return [
        {"name": f"app/part{at % 9}/file{at}.tsx", "content": "x" * size, "language": "typescript"}
        for at in range(count)
    ]


def test_the_page_names_the_project_its_owner_and_its_size(admin, make_project, make_customer):
    owner = make_customer(name="Ada Lovelace")
    project = make_project(user_id=owner["id"], name="Task <Master>", project_type="saas")
    answer = page(admin, project)
    html = answer.content.decode()
    assert "Task &lt;Master&gt;" in html
    assert f'href="/users/{owner["id"]}/"' in html
    assert "Ada Lovelace" in html
    assert "of 16.0 MB" in html
    assert "app" in html


def test_the_page_is_a_fixed_number_of_round_trips_however_large(admin, make_project):
    small, large = make_project(), make_project(files=files(400, 500))
    for project in (small, large):
        answer = page(admin, project)
        assert answer.status_code == 200
        # The session, the account, the project, its owner.
        assert 'mongo;desc="4"' in answer["Server-Timing"]


def test_no_files_content_is_on_the_page(admin, make_project):
    project = make_project(files=[{"name": "a.ts", "content": "SECRET-CONTENT", "language": "ts"}])
    assert b"SECRET-CONTENT" not in page(admin, project).content


def test_a_file_is_shown_highlighted_beside_the_tree(admin, make_project):
    project = make_project(
        files=[{"name": "a/b.ts", "content": "const a = '<b>';\n", "language": "typescript"}]
    )
    answer = page(admin, project, "preview/?file=a/b.ts")
    assert answer["HX-Replace-Url"] == f"/projects/{project['id']}/?file=a%2Fb.ts"
    html = answer.content.decode()
    assert '<div class="line" id="L1">' in html
    assert '<span class="kd">const</span>' in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert '<span class="kd">const</span>' in page(admin, project, "?file=a/b.ts").content.decode()


@pytest.mark.parametrize(
    ("content", "shown"),
    [("x" * 600_000, "Too large"), ("a\0b", "Not text"), (Binary(b"\0"), "Not text"),
     (5, "not text"), ("", "empty")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_in_place_says_why(admin, make_project, content, shown):
    project = make_project(files=[{"name": "a", "content": content}])
    answer = page(admin, project, "preview/?file=a")
    assert answer.status_code == 200
    assert shown in answer.content.decode()


@pytest.mark.parametrize("query", ["file=nope", "at=9", "file=%00"])
def test_a_file_that_is_not_there_is_a_404(admin, make_project, query):
    project = make_project()
    assert page(admin, project, f"preview/?{query}").status_code == 404
    whole = page(admin, project, f"?{query}")
    assert whole.status_code == 404
    assert "not in the project any more" in whole.content.decode()
    assert "page.tsx" in whole.content.decode()


@pytest.mark.parametrize("query", ["", "?file=", "?at="])
def test_a_preview_of_no_file_asks_to_choose_one(admin, make_project, query):
    project = make_project()
    answer = page(admin, project, f"preview/{query}")
    assert answer.status_code == 422
    assert "Choose a file from the tree." in answer.content.decode()
    assert page(admin, project, query).status_code == 200


@pytest.mark.parametrize("project_id", ["nope", "a%00b", "x" * 3000, "%F0%9F", "$ne", "{}"])
@pytest.mark.parametrize("part", PAGES)
def test_a_wrong_id_is_a_404_with_our_page(admin, project_id, part):
    answer = admin.get(f"/projects/{project_id}/{part}")
    assert answer.status_code == 404
    assert "Devora" in answer.content.decode()


MALFORMED: dict[str, dict[str, Any]] = {
    "files": {"files": "none"},
    "files[0]": {"files": ["text"]},
    "files[0].name": {"files": [{"content": "x"}]},
    "files[0].content": {"files": [{"name": "a", "content": {"x": 1}}]},
    "files[0].language": {"files": [{"name": "a", "content": "x", "language": 5}]},
    "twice.ts": {"files": [{"name": "twice.ts", "content": ""}] * 2},
    "metadata": {"metadata": ["a", {"b": 1}]},
    "conversation_history": {"conversation_history": {"a": 1}},
    "name": {"missing": ("name",)},
    "created_at": {"created_at": "2026-01-01"},
    "updated_at": {"updated_at": 5},
    "archived_at": {"archived_at": "yes"},
    "user_id": {"user_id": 7},
    "description": {"description": ["a"]},
    "project_type": {"project_type": {"a": 1}},
    "revision": {"revision": "one"},
}


@pytest.mark.parametrize("path", MALFORMED)
def test_a_malformed_document_is_shown_with_its_fault(admin, make_project, path):
    project = make_project(**MALFORMED[path])
    for part in PAGES:
        assert page(admin, project, part).status_code == 200, part
    html = page(admin, project).content.decode()
    assert "Malformed" in html
    assert re.search(rf"<code>{re.escape(path)}</code> \S", html)


def test_a_document_with_nothing_but_its_id_is_shown(admin, mongo):
    mongo.projects.insert_one({"id": "bare"})
    for part in PAGES:
        assert admin.get(f"/projects/bare/{part}").status_code == 200


def test_a_date_beyond_pythons_years_and_broken_utf8_are_shown(admin, mongo):
    document = factories.project(id="odd", missing=("created_at", "metadata", "project_type"))
    late = raw_bson.Element(0x09, "created_at", b"\xff\xff\xff\xff\xff\xff\0\0")
    broken = raw_bson.Element(0x02, "project_type", b"\3\0\0\0\xff\xfe\0")
    metadata = raw_bson.Element(0x03, "metadata", raw_bson.build([broken]))
    parts = [raw_bson.element(value, key) for key, value in document.items()]
    body = raw_bson.build([*parts, late, broken, metadata])
    mongo.projects.insert_one(raw_bson.RawBSONDocument(body))
    for part in PAGES:
        assert admin.get(f"/projects/odd/{part}").status_code == 200
    assert "beyond the years" in admin.get("/projects/odd/").content.decode()


def test_an_old_project_shows_revision_0_and_no_faults(admin, make_project):
    html = page(admin, make_project(missing=("revision", "description"))).content.decode()
    assert "Malformed" not in html


def test_a_viewer_sees_the_page_without_what_they_may_not_do(client_for, make_project):
    project = make_project()
    html = page(client_for("viewer"), project).content.decode()
    for action in ("rename", "archive", "duplicate", "transfer", "raw/download"):
        assert f"/projects/{project['id']}/{action}/" not in html


def test_the_raw_document_is_canonical_extended_json(admin, make_project):
    project = make_project(extra={"n": Int64(5), "d": Decimal128("1.10")})
    html = page(admin, project, "raw/").content.decode()
    assert "&quot;$numberLong&quot;: &quot;5&quot;" in html
    assert "&quot;$numberDecimal&quot;: &quot;1.10&quot;" in html


def test_a_large_raw_document_comes_in_parts(admin, make_project):
    project = make_project(files=files(300, 2000))
    html = page(admin, project, "raw/").content.decode()
    assert "Show part 2 of" in html
    assert len(html) < 600_000
    assert page(admin, project, "raw/?part=2").status_code == 200
    assert page(admin, project, "raw/?part=99").status_code == 404
    assert page(admin, project, "raw/?part=x").status_code == 422


def test_the_download_is_the_whole_document(admin, client_for, make_project):
    from bson import json_util

    project = make_project(files=files(30), empty=[], nested=[[1], []], n=Int64(5))
    answer = page(admin, project, "raw/download/")
    body = b"".join(answer.streaming_content)
    options = json_util.CANONICAL_JSON_OPTIONS.with_options(tz_aware=True)
    assert json_util.loads(body.decode(), json_options=options) == project
    assert "attachment" in answer["Content-Disposition"]
    assert page(client_for("viewer"), project, "raw/download/").status_code == 403


def test_a_project_of_very_many_files_shows_the_first_and_offers_the_rest(admin, make_project):
    project = make_project(files=files(700, 1))
    html = page(admin, project).content.decode()
    assert html.index("200 more files") < html.index('class="file-tree"')
    assert "500 of 700 files" in html
    assert '<span class="tree-note">78</span><span class="tree-size">78 B</span>' in html
    assert "more files" not in page(admin, project, "?all=1").content.decode()


@pytest.mark.parametrize("name", [None, "", "  ", 5])
def test_a_project_without_a_name_is_called_the_same_everywhere(
    admin, make_project, make_customer, name
):
    owner = make_customer()
    project = make_project(name=name, user_id=owner["id"])
    own = f"/projects/{project['id']}/"
    for url in ("/", "/projects/", own, f"{own}edit/", f"/users/{owner['id']}/"):
        assert "Untitled project" in admin.get(url).content.decode(), url


def test_the_search_landmarks_of_the_conversation_have_names_of_their_own(admin, make_project):
    project = make_project(conversation_history=[{"role": "user", "content": "Hello"}])
    html = page(admin, project, "conversation/").content.decode()
    names = re.findall(r'role="search" aria-label="([^"]+)"', html)
    assert sorted(names) == ["All projects", "This conversation"]
    assert html.count('role="search"') == 2


def test_a_name_of_another_script_direction_is_read_from_its_own_side(
    admin, make_project, make_customer
):
    owner = make_customer(name="\u05e9\u05dc\u05d5\u05dd")
    name = "\u05de\u05d9\u05d6\u05dd"
    project = make_project(name=name, user_id=owner["id"])
    own = f"/projects/{project['id']}/"
    for url, text in (
        ("/", name), ("/", owner["name"]), ("/projects/", name), ("/projects/", owner["name"]),
        (own, name), (own, owner["name"]), (f"/users/{owner['id']}/", name),
    ):  # fmt: skip
        html = admin.get(url).content.decode()
        assert re.search(rf'dir="auto"[^>]*>(<a [^>]*>)?{text}', html), (url, text)
